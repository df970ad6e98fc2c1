// What is done with one object, from its creation to its end: the requests that both servers get, in order. What a request says
// may depend on what was asked before, never on what was answered: both servers are asked the same.

import type { KindDefinition } from "@atoll/api/kind";
import { apiVersionOf } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import { isRecord } from "@atoll/base/is-record";
import type { Random } from "@atoll/base/random";
import { type SampleFields, SAMPLES } from "../handover/sample-objects.ts";
import { ObjectMutator } from "./mutate-object.ts";
import { chance, pick, RandomValues } from "./random-values.ts";
import { type SampleOptions, variedFields } from "./varied-samples.ts";

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** "apps/v1 deployments: update", what differences are counted by. */
  readonly what: string;
}

type Json = Record<string, unknown>;

export const NAMESPACE = "compared";

/** Where pods are made, too: namespaces of other levels of Pod Security, by their labels. */
export const SECURED_NAMESPACES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "compared-baseline": {
    "pod-security.kubernetes.io/enforce": "baseline",
    "pod-security.kubernetes.io/warn": "restricted",
    "pod-security.kubernetes.io/audit": "restricted",
  },
  "compared-restricted": {
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/enforce-version": "v1.24",
  },
  "compared-warned": {
    "pod-security.kubernetes.io/warn": "baseline",
    "pod-security.kubernetes.io/warn-version": "latest",
  },
};
const WITH_PODS: ReadonlySet<string> = new Set([
  ...["Pod", "PodTemplate", "ReplicationController", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"],
  ...["Job", "CronJob"],
]);
/** How often a drawn object stands in for the one sample, and how often a change is to another one. */
const VARIED_CHANCE = 0.6;
const REDRAWN_CHANCE = 0.25;

const VALIDATIONS = ["Strict", "Warn", "Ignore"] as const;
const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const METADATA = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json";
const LIST_METADATA = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";
const LABEL_SELECTORS = [
  ...[
    "app=a",
    "app!=a",
    "app",
    "!app",
    "app in (a,b)",
    "app notin (a)",
    "a=b,c",
    "x y",
    "app in ()",
    "=",
    "app==a",
    "a>1",
  ],
  ...["example.com/x=y", "-bad=1", "app=-bad"],
] as const;
const PATCHES = ["json", "merge", "strategic-merge", "apply"] as const;
type PatchKind = (typeof PATCHES)[number];

export interface ScriptedKind {
  readonly kind: KindDefinition;
  /** A sound object, but for its name. */
  readonly sample: (number: number, labels: Record<string, string>) => SampleFields;
  /** Drawn anew each time; where there is none, `variedFields` is asked. */
  readonly varied?: (options: SampleOptions) => SampleFields;
  /** Where a name must say something. */
  readonly nameOf?: (number: number) => string;
  /** The servers go on with such objects by themselves, each in its own time. */
  readonly changesLater?: boolean;
}

export interface ScriptOptions {
  readonly model: SchemaModel;
  readonly kinds: readonly ScriptedKind[];
  readonly random: Random;
}

export class ScriptWriter {
  readonly #options: ScriptOptions;
  readonly #mutator: ObjectMutator;
  #number = 0;

  constructor(options: ScriptOptions) {
    this.#options = options;
    this.#mutator = new ObjectMutator(new RandomValues(options.model, options.random), options.random);
  }

  /** The requests for one more object of some kind. */
  next(): readonly ScriptedRequest[] {
    const { random, kinds } = this.#options;
    return new ObjectScript(pick(random, kinds), this.#number++, this.#mutator, random).write();
  }
}

/** Those of which there is a sound sample. */
export function scriptedKinds(kinds: readonly KindDefinition[]): ScriptedKind[] {
  return kinds.flatMap((kind) => {
    const sample = sampleOf(kind.resource);
    return sample && kind.verbs.includes("create") ? [{ kind, sample }] : [];
  });
}

export function sampleOf({ group, kind }: KindDefinition["resource"]): ScriptedKind["sample"] | undefined {
  return SAMPLES[`${kind}.${group}`] ?? SAMPLES[kind];
}

class ObjectScript {
  readonly #kind: KindDefinition;
  readonly #scripted: ScriptedKind;
  readonly #mutator: ObjectMutator;
  readonly #random: Random;
  readonly #name: string;
  readonly #namespace: string;
  readonly #number: number;
  readonly #labels: Record<string, string>;
  readonly #sound: Json;
  readonly #requests: ScriptedRequest[] = [];

  constructor(scripted: ScriptedKind, number: number, mutator: ObjectMutator, random: Random) {
    const { kind, nameOf } = scripted;
    this.#kind = kind;
    this.#scripted = scripted;
    this.#mutator = mutator;
    this.#random = random;
    this.#name = nameOf?.(number) ?? `d${number}`;
    this.#number = number;
    this.#labels = { app: pick(random, ["a", "b"]), number: `${number}` };
    this.#namespace = WITH_PODS.has(kind.resource.kind)
      ? pick(random, [NAMESPACE, ...Object.keys(SECURED_NAMESPACES)])
      : NAMESPACE;
    this.#sound = this.#draw();
  }

  #draw(): Json {
    const { resource } = this.#kind;
    const options = { random: this.#random, number: this.#number, labels: this.#labels };
    const { varied: draw, sample } = this.#scripted;
    const isVaried = chance(this.#random, VARIED_CHANCE);
    const varied = isVaried ? (draw?.(options) ?? variedFields(resource, options)) : undefined;
    const fields = varied ?? sample(this.#number, this.#labels);
    const namespace = resource.scope === "Namespaced" ? { namespace: this.#namespace } : {};
    const metadata = { name: this.#name, ...namespace, labels: this.#labels };
    const object: Json = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata, ...fields };
    if (!varied && isRecord(object.involvedObject)) object.involvedObject.namespace = NAMESPACE;
    return object;
  }

  write(): readonly ScriptedRequest[] {
    const random = this.#random;
    const tries = Math.floor(random.float() * 3);
    // What is refused leaves the name free, what is taken makes the next attempt a conflict: both are worth asking about.
    for (let index = 0; index < tries; index++)
      this.#create(this.#changed(1 + Math.floor(random.float() * 2)), "create changed");
    this.#create(this.#sound, "create");
    this.#read();
    const steps = 2 + Math.floor(random.float() * 4);
    for (let step = 0; step < steps; step++) {
      const draw = random.float();
      if (draw < 0.3) this.#update();
      else if (draw < 0.75) this.#patch(pick(random, PATCHES));
      else if (draw < 0.85) {
        this.#writeStatus();
        // The servers take back in their own time what is said there.
        if (this.#scripted.changesLater) break;
      } else if (draw < 0.9) this.#scale();
      else this.#read();
    }
    this.#delete();
    return this.#requests;
  }

  get #collection(): string {
    const { group, version, plural, scope } = this.#kind.resource;
    const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
    return scope === "Namespaced" ? `${root}/namespaces/${this.#namespace}/${plural}` : `${root}/${plural}`;
  }

  get #path(): string {
    return `${this.#collection}/${this.#name}`;
  }

  #changed(count: number): Json {
    const isRedrawn = chance(this.#random, REDRAWN_CHANCE);
    const places = isRedrawn && chance(this.#random, 0.5) ? 0 : count;
    return this.#mutator.mutate(isRedrawn ? this.#draw() : this.#sound, { ref: this.#kind.schema }, places);
  }

  #add(
    method: string,
    path: string,
    what: string,
    more: { body?: unknown; headers?: Record<string, string> } = {},
  ): void {
    const { body, headers = {} } = more;
    const { plural } = this.#kind.resource;
    this.#requests.push({
      method,
      path,
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
      what: `${apiVersionOf(this.#kind.resource)} ${plural}: ${what}`,
    });
  }

  #writeQuery(): string {
    const random = this.#random;
    const query = new URLSearchParams();
    if (chance(random, 0.6)) query.set("fieldValidation", pick(random, VALIDATIONS));
    if (chance(random, 0.1)) query.set("dryRun", pick(random, ["All", "None", "all"]));
    if (chance(random, 0.4)) query.set("fieldManager", pick(random, ["me", "you", "a".repeat(129)]));
    return query.size === 0 ? "" : `?${query}`;
  }

  #create(object: Json, what: string): void {
    this.#add("POST", `${this.#collection}${this.#writeQuery()}`, what, { body: object });
  }

  #read(): void {
    const random = this.#random;
    const selector = (text: string) => `labelSelector=${encodeURIComponent(text)}`;
    const draw = random.float();
    if (draw < 0.3) this.#add("GET", this.#path, "get");
    else if (draw < 0.45) this.#add("GET", this.#path, "get table", { headers: { accept: TABLE } });
    else if (draw < 0.55) this.#add("GET", this.#path, "get metadata", { headers: { accept: METADATA } });
    else if (draw < 0.7) this.#add("GET", `${this.#collection}?${selector(`number=${this.#number}`)}`, "list");
    else if (draw < 0.78) {
      const headers = { accept: LIST_METADATA };
      this.#add("GET", `${this.#collection}?${selector(`number=${this.#number}`)}`, "list metadata", {
        headers,
      });
    } else if (draw < 0.9) {
      const text = `${pick(random, LABEL_SELECTORS)},number=${this.#number}`;
      this.#add("GET", `${this.#collection}?${selector(text)}`, "list by labels");
    } else {
      const field = pick(random, [
        ...Object.keys(this.#kind.selectableFields),
        "metadata.name",
        "spec.none",
        "metadata.uid",
      ]);
      const text = `${field}${pick(random, ["=", "!=", "=="])}${pick(random, ["", this.#name, "x", "Running"])}`;
      const query = `fieldSelector=${encodeURIComponent(text)}&${selector(`number=${this.#number}`)}`;
      this.#add("GET", `${this.#collection}?${query}`, "list by fields");
    }
  }

  #update(): void {
    this.#add("PUT", `${this.#path}${this.#writeQuery()}`, "update", {
      body: this.#changed(1 + Math.floor(this.#random.float() * 2)),
    });
  }

  #writeStatus(): void {
    const random = this.#random;
    if (!this.#kind.hasStatus) this.#update();
    else if (chance(random, 0.6)) {
      this.#add("PUT", `${this.#path}/status`, "update status", { body: this.#changed(2) });
    } else if (chance(random, 0.8)) this.#patch(pick(random, PATCHES), "status");
    else this.#add("GET", `${this.#path}/status`, "get status");
  }

  #scale(): void {
    const random = this.#random;
    const replicas = pick<unknown>(random, [0, 1, 3, -1, "2", 1.5, null, 2_147_483_648]);
    const path = `${this.#path}/scale`;
    const draw = random.float();
    if (!this.#kind.subresources.some(({ name }) => name === "scale")) this.#read();
    else if (draw < 0.3) this.#add("GET", path, "get scale");
    else if (draw < 0.7) {
      const metadata = { name: this.#name, namespace: this.#namespace };
      const body = { apiVersion: "autoscaling/v1", kind: "Scale", metadata, spec: { replicas } };
      this.#add("PUT", `${path}${this.#writeQuery()}`, "update scale", { body });
    } else {
      const headers = { "content-type": "application/merge-patch+json" };
      this.#add("PATCH", `${path}${this.#writeQuery()}`, "patch scale", { headers, body: { spec: { replicas } } });
    }
  }

  #patch(type: PatchKind, subresource?: string): void {
    const contentType = type === "apply" ? "application/apply-patch+yaml" : `application/${type}-patch+json`;
    const headers = { "content-type": contentType };
    const path = subresource ? `${this.#path}/${subresource}` : this.#path;
    this.#add("PATCH", `${path}${this.#patchQuery(type)}`, `patch ${subresource ?? ""} ${type}`.replace("  ", " "), {
      headers,
      body: this.#patchBody(type),
    });
  }

  #patchQuery(type: PatchKind): string {
    const query = new URLSearchParams(this.#writeQuery().slice(1));
    if (type === "apply") {
      if (!query.has("fieldManager") && chance(this.#random, 0.9)) query.set("fieldManager", "applier");
      if (chance(this.#random, 0.5)) query.set("force", "true");
    }
    return query.size === 0 ? "" : `?${query}`;
  }

  #patchBody(type: PatchKind): unknown {
    const random = this.#random;
    const changed = this.#changed(1);
    if (type === "apply") {
      const { metadata: _metadata, ...rest } = changed;
      return { ...rest, metadata: { name: this.#name, labels: { app: pick(random, ["a", "b", "c"]) } } };
    }
    if (type !== "json") return differenceBetween(this.#sound, changed);
    return pick<unknown>(random, [
      [{ op: "add", path: "/metadata/labels/patched", value: "yes" }],
      [{ op: "remove", path: "/metadata/labels/app" }],
      [{ op: "replace", path: "/metadata/labels/none", value: "x" }],
      [
        { op: "test", path: "/metadata/labels/app", value: "a" },
        { op: "add", path: "/metadata/annotations", value: { a: "b" } },
      ],
      [{ op: "copy", from: "/metadata/name", path: "/metadata/labels/copy" }],
      [{ op: "move", from: "/metadata/labels/app", path: "/metadata/labels/moved" }],
      [{ op: "add", path: "/metadata/labels/a~1b", value: 1 }],
      [{ op: "none", path: "/metadata" }],
      {},
      "[",
    ]);
  }

  #delete(): void {
    const random = this.#random;
    const options = pick<Json | undefined>(random, [
      undefined,
      { propagationPolicy: "Background" },
      { propagationPolicy: "Sideways" },
      { gracePeriodSeconds: 0 },
      { gracePeriodSeconds: -1 },
      { preconditions: { uid: "no such" } },
      { dryRun: ["All"] },
    ]);
    const body = options && { apiVersion: "v1", kind: "DeleteOptions", ...options };
    this.#add("DELETE", this.#path, "delete", body ? { body } : {});
    // Whether there is anything left to delete is a matter of time.
    if (this.#scripted.changesLater) return;
    this.#add("DELETE", `${this.#path}?gracePeriodSeconds=0`, "delete again");
  }
}

/** What is set anew and what is gone, as a merge patch says it. */
function differenceBetween(before: Json, after: Json): Json {
  const difference: Json = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [left, right] = [before[name], after[name]];
    if (JSON.stringify(left) === JSON.stringify(right)) continue;
    if (isRecord(left) && isRecord(right)) difference[name] = differenceBetween(left, right);
    else difference[name] = right ?? null;
  }
  return difference;
}

// Test support: a Client whose API server is a few maps. It keeps the promises that controllers live on (versions and
// conflicts, finalizers, grace of pods, watches from a version, expired versions) and knows no schema, default or
// validation. Tests of the server itself use the server.

import { ALL_VERBS } from "@atoll/api/kind";
import { type KubeObject, type Resource, apiVersionOf, qualifiedPlural } from "@atoll/api/resource";
import { type Clock, formatTime } from "@atoll/base/clock";
import { type Random, randomName, randomUuid } from "@atoll/base/random";
import { ApiError, OBJECT_MODIFIED, alreadyExists, conflict, notFound } from "../object/api-error.ts";
import { applyJsonPatch } from "../object/json-patch.ts";
import { applyMergePatch } from "../object/merge-patch.ts";
import type { Discovery, ServedResource } from "./discovery.ts";
import {
  type CallOptions,
  type Client,
  type DeleteOptions,
  type ListOptions,
  type ObjectList,
  type ObjectName,
  type Patch,
  type WatchEvent,
  type WatchOptions,
  nameOf,
} from "./client.ts";

const POD_GRACE_SECONDS = 30;

interface StoredEvent {
  readonly version: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: KubeObject;
}

interface Table {
  readonly objects: Map<string, KubeObject>;
  history: StoredEvent[];
  compactedTo: number;
}

export class MemoryApi implements Client {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #tables = new Map<string, Table>();
  readonly #wakers = new Set<() => void>();
  readonly #faults: { readonly method: string; readonly plural: string; readonly error: Error }[] = [];
  #version = 1;
  #watchGeneration = 0;
  /** Every write as "create pods default/web-1", for tests that count. */
  readonly writes: string[] = [];
  #served: readonly ServedResource[] = [];
  #failures: ReadonlyMap<string, string> = new Map();

  constructor(options: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = options.clock;
    this.#random = options.random;
  }

  /** The next call of `method` ("create", "list", …) on `plural` fails. */
  failNext(method: string, plural: string, error: Error): void {
    this.#faults.push({ method, plural, error });
  }

  /** What `discover` answers from now on; everything else works for any kind at any time. */
  serve(resources: readonly Resource[], failures: Readonly<Record<string, string>> = {}): void {
    this.#served = resources.map((resource) => ({ ...resource, verbs: ALL_VERBS, subresources: [] }));
    this.#failures = new Map(Object.entries(failures));
  }

  /** Ends all watches, as a restarted server does. */
  endWatches(): void {
    this.#watchGeneration++;
    this.#wake();
  }

  /** Forgets the history: a watch from an older version is Expired. */
  compact(): void {
    for (const table of this.#tables.values()) {
      table.history = [];
      table.compactedTo = this.#version;
    }
  }

  async discover(): Promise<Discovery> {
    return { resources: this.#served, failures: this.#failures };
  }

  async get<T extends KubeObject>(resource: Resource<T>, name: ObjectName): Promise<T> {
    this.#injectFault("get", resource);
    return structuredClone(this.#existing(resource, name));
  }

  async list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
    this.#injectFault("list", resource);
    refuseLabelSelector(options);
    const shown = (object: KubeObject) => structuredClone(show(object, options) as T); // The table holds this resource's objects only.
    const all = [...this.#table(resource).objects.entries()]
      .filter(([, object]) => isSelected(object, options))
      .sort(([left], [right]) => (left < right ? -1 : 1));
    const start = options.continue ? Number(options.continue) : 0;
    const end = options.limit ? start + options.limit : all.length;
    return {
      metadata: {
        resourceVersion: String(this.#version),
        ...(end < all.length ? { continue: String(end) } : {}),
      },
      items: all.slice(start, end).map(([, object]) => shown(object)),
    };
  }

  async *watch<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions & { readonly signal: AbortSignal },
  ): AsyncGenerator<WatchEvent<T>, void, undefined> {
    this.#injectFault("watch", resource);
    refuseLabelSelector(options);
    const table = this.#table(resource);
    const generation = this.#watchGeneration;
    let version = options.resourceVersion ? Number(options.resourceVersion) : this.#version;
    while (generation === this.#watchGeneration) {
      options.signal.throwIfAborted();
      if (version < table.compactedTo) throw new ApiError("Expired", `too old resource version: ${version}`);
      const seen = table.history.findLastIndex((event) => event.version <= version);
      const pending = table.history.slice(seen + 1).filter((event) => isSelected(event.object, options));
      version = this.#version;
      for (const event of pending)
        yield { type: event.type, object: structuredClone(show(event.object, options) as T) }; // As above.
      if (version === this.#version) await this.#changed(options.signal);
    }
  }

  async create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: CallOptions & Partial<ObjectName> = {},
  ): Promise<T> {
    this.#injectFault("create", resource);
    if (options.subresource === "binding") {
      this.#bind(resource, { name: options.name ?? "", namespace: options.namespace }, object);
      return object;
    }
    const created = structuredClone(object);
    const { metadata } = created;
    if (!metadata.name && metadata.generateName) metadata.name = metadata.generateName + randomName(this.#random, 5);
    if (resource.scope === "Namespaced") metadata.namespace ??= options.namespace ?? "default";
    this.#refuseTerminating(resource, metadata.namespace);
    if (this.#table(resource).objects.has(keyOf(nameOf(created))))
      throw alreadyExists(subject(resource), metadata.name ?? "");
    created.apiVersion = apiVersionOf(resource);
    created.kind = resource.kind;
    metadata.uid = randomUuid(this.#random);
    metadata.creationTimestamp = formatTime(this.#clock.now());
    metadata.generation = 1;
    delete metadata.deletionTimestamp;
    return this.#write("create", "ADDED", resource, created);
  }

  /** A namespace that nobody made takes everything; one that is being deleted nothing, or controllers would fill it again. */
  #refuseTerminating(resource: Resource, namespace = ""): void {
    const found = resource.scope === "Namespaced" ? this.#tables.get("namespaces")?.objects.get(namespace) : undefined;
    if (found?.metadata.deletionTimestamp === undefined) return;
    throw new ApiError("Forbidden", `namespace ${namespace} is being terminated`, {
      details: { causes: [{ reason: "NamespaceTerminating", message: "", field: "metadata.namespace" }] },
    });
  }

  async update<T extends KubeObject>(resource: Resource<T>, object: T, options: CallOptions = {}): Promise<T> {
    this.#injectFault("update", resource);
    const old = this.#existing(resource, nameOf(object));
    const given = object.metadata.resourceVersion;
    if (given !== undefined && given !== old.metadata.resourceVersion) {
      throw conflict(subject(resource), object.metadata.name ?? "", OBJECT_MODIFIED);
    }
    return this.#replace(resource, old, object, options);
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    name: ObjectName,
    patch: Patch,
    options: CallOptions = {},
  ): Promise<T> {
    this.#injectFault("patch", resource);
    if (patch.type !== "merge" && patch.type !== "json") {
      throw new ApiError("UnsupportedMediaType", "The memory API takes merge and JSON patches only");
    }
    const old = this.#existing(resource, name);
    const apply = patch.type === "merge" ? applyMergePatch : applyJsonPatch;
    const merged = apply(structuredClone(old), patch.body) as T; // A patch of an object of this kind is one again.
    const expected = merged.metadata.resourceVersion;
    if (expected !== old.metadata.resourceVersion) throw conflict(subject(resource), name.name, OBJECT_MODIFIED);
    return this.#replace(resource, old, merged, options);
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    name: ObjectName,
    options: DeleteOptions = {},
  ): Promise<void> {
    this.#injectFault("delete", resource);
    const old = this.#existing(resource, name);
    const { preconditions } = options;
    if (preconditions?.uid !== undefined && preconditions.uid !== old.metadata.uid) {
      throw conflict(subject(resource), name.name, "the UID in the precondition does not match");
    }
    if (
      preconditions?.resourceVersion !== undefined &&
      preconditions.resourceVersion !== old.metadata.resourceVersion
    ) {
      throw conflict(subject(resource), name.name, "the ResourceVersion in the precondition does not match");
    }
    const doomed = structuredClone(old);
    const finalizers = new Set(doomed.metadata.finalizers);
    if (options.propagationPolicy === "Foreground") finalizers.add("foregroundDeletion");
    if (options.propagationPolicy === "Orphan") finalizers.add("orphan");
    if (finalizers.size > 0) doomed.metadata.finalizers = [...finalizers];
    const grace = graceSeconds(resource, doomed, options.gracePeriodSeconds);
    const awaitsFinalize = resource.kind === "Namespace" && hasSpecFinalizers(doomed);
    if (finalizers.size === 0 && grace === 0 && !awaitsFinalize) {
      this.#remove(resource, doomed);
      return;
    }
    if (doomed.metadata.deletionTimestamp !== undefined && doomed.metadata.deletionGracePeriodSeconds === grace) return;
    doomed.metadata.deletionTimestamp ??= formatTime(this.#clock.now() + grace * 1000);
    doomed.metadata.deletionGracePeriodSeconds = grace;
    if (resource.kind === "Namespace") Object.assign(doomed, { status: { phase: "Terminating" } });
    this.#write("delete", "MODIFIED", resource, doomed);
  }

  async deleteCollection(
    resource: Resource,
    options: Pick<ListOptions, "namespace" | "labelSelector" | "fieldSelector"> & DeleteOptions = {},
  ): Promise<void> {
    this.#injectFault("deleteCollection", resource);
    const { items } = await this.list(resource, options);
    for (const item of items) await this.delete(resource, nameOf(item), options);
  }

  #replace<T extends KubeObject>(resource: Resource<T>, old: T, given: T, options: CallOptions): T {
    const next = structuredClone(given);
    const { uid, creationTimestamp, deletionTimestamp, generation } = old.metadata;
    Object.assign(next.metadata, { uid, creationTimestamp, generation });
    if (deletionTimestamp !== undefined) next.metadata.deletionTimestamp = deletionTimestamp;
    const parts = { old: old as Parts, next: next as Parts }; // Seen by the two fields that every kind with a status has.
    if (options.subresource === "status") {
      next.metadata = structuredClone(old.metadata);
      parts.next.spec = structuredClone(parts.old.spec);
    } else if (parts.old.status !== undefined && options.subresource === undefined) {
      parts.next.status = structuredClone(parts.old.status);
    }
    if (JSON.stringify(parts.old.spec) !== JSON.stringify(parts.next.spec))
      next.metadata.generation = (generation ?? 0) + 1;
    if (JSON.stringify({ ...old, kind: "" }) === JSON.stringify({ ...next, kind: "" })) return structuredClone(old);
    const isDone =
      next.metadata.deletionTimestamp !== undefined &&
      (next.metadata.finalizers ?? []).length === 0 &&
      !hasSpecFinalizers(next) &&
      (next.metadata.deletionGracePeriodSeconds ?? 0) === 0;
    if (isDone) {
      this.#remove(resource, next);
      return next;
    }
    return this.#write("update", "MODIFIED", resource, next);
  }

  #bind(resource: Resource, name: ObjectName, binding: KubeObject): void {
    const pod = structuredClone(this.#existing(resource, name)) as PodParts; // Only pods have the subresource.
    if (pod.spec.nodeName)
      throw conflict(
        subject(resource),
        name.name,
        `pod ${name.name} is already assigned to node "${pod.spec.nodeName}"`,
      );
    pod.spec.nodeName = (binding as { target?: { name?: string } }).target?.name ?? ""; // The body is a Binding.
    const conditions = pod.status?.conditions?.filter((condition) => condition.type !== "PodScheduled") ?? [];
    pod.status = { ...pod.status, conditions: [...conditions, { type: "PodScheduled", status: "True" }] };
    this.#write("bind", "MODIFIED", resource, pod);
  }

  #write<T extends KubeObject>(verb: string, type: "ADDED" | "MODIFIED", resource: Resource<T>, object: T): T {
    object.metadata.resourceVersion = String(++this.#version);
    this.#table(resource).objects.set(keyOf(nameOf(object)), object);
    this.#publish(verb, type, resource, object);
    return structuredClone(object);
  }

  #remove(resource: Resource, object: KubeObject): void {
    object.metadata.resourceVersion = String(++this.#version);
    this.#table(resource).objects.delete(keyOf(nameOf(object)));
    this.#publish("delete", "DELETED", resource, object);
  }

  #publish(verb: string, type: StoredEvent["type"], resource: Resource, object: KubeObject): void {
    this.writes.push(`${verb} ${resource.plural} ${keyOf(nameOf(object))}`);
    this.#table(resource).history.push({ version: this.#version, type, object: structuredClone(object) });
    this.#wake();
  }

  #table(resource: Resource): Table {
    const name = qualifiedPlural(resource);
    let table = this.#tables.get(name);
    if (!table) {
      table = { objects: new Map(), history: [], compactedTo: 0 };
      this.#tables.set(name, table);
    }
    return table;
  }

  #existing<T extends KubeObject>(resource: Resource<T>, name: ObjectName): T {
    const object = this.#table(resource).objects.get(keyOf(name));
    if (!object) throw notFound(subject(resource), name.name);
    return object as T; // The table holds this resource's objects only.
  }

  #injectFault(method: string, resource: Resource): void {
    const index = this.#faults.findIndex((fault) => fault.method === method && fault.plural === resource.plural);
    if (index !== -1) throw this.#faults.splice(index, 1)[0]!.error;
  }

  #changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = () => {
        signal.removeEventListener("abort", onAbort);
        this.#wakers.delete(wake);
        resolve();
      };
      const onAbort = () => {
        this.#wakers.delete(wake);
        reject(signal.reason);
      };
      this.#wakers.add(wake);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}

interface Parts extends KubeObject {
  spec?: unknown;
  status?: unknown;
}

interface PodParts extends KubeObject {
  spec: { nodeName?: string; terminationGracePeriodSeconds?: number };
  status?: { conditions?: { type: string; status: string }[]; phase?: string };
}

function graceSeconds(resource: Resource, object: KubeObject, asked: number | undefined): number {
  if (resource.kind !== "Pod" || resource.group !== "") return 0;
  const pod = object as PodParts; // Checked on the line above.
  if (!pod.spec.nodeName || pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") return 0;
  return asked ?? pod.spec.terminationGracePeriodSeconds ?? POD_GRACE_SECONDS;
}

function hasSpecFinalizers(object: KubeObject): boolean {
  const { spec } = object as { spec?: { finalizers?: unknown[] } }; // Namespaces have them; others answer undefined.
  return (spec?.finalizers ?? []).length > 0;
}

function show(object: KubeObject, options: { readonly metadataOnly?: boolean }): KubeObject {
  if (!options.metadataOnly) return object;
  const { apiVersion = "", kind = "", metadata } = object;
  return { apiVersion, kind, metadata };
}

function refuseLabelSelector(options: { readonly labelSelector?: string }): void {
  if (options.labelSelector) throw new ApiError("BadRequest", "The memory API has no label selectors");
}

function isSelected(object: KubeObject, options: { namespace?: string | undefined; fieldSelector?: string }): boolean {
  if (options.namespace && object.metadata.namespace !== options.namespace) return false;
  return (options.fieldSelector ?? "")
    .split(",")
    .filter(Boolean)
    .every((requirement) => {
      const [path, wanted = ""] = requirement.split("=");
      return (readPath(object, path ?? "") ?? "") === wanted;
    });
}

function readPath(object: unknown, path: string): unknown {
  let value = object;
  for (const field of path.split(".")) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, field) : undefined;
  }
  return value;
}

function subject(resource: Resource): { group: string; name: string } {
  return { group: resource.group, name: resource.plural };
}

function keyOf(name: ObjectName): string {
  return name.namespace ? `${name.namespace}/${name.name}` : name.name;
}

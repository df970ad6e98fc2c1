// Patches of all four types, of objects that are there and of such that are not, in dry runs; some are carried out on an object
// of their own.

import type { KindDefinition } from "@atoll/api/kind";
import type { Random } from "@atoll/base/random";
import { stringify } from "yaml";
import { chance, pick } from "../../differential/random-values.ts";
import { createAndDelete, deleteAll } from "../leave-nothing.ts";
import { below, longText, nested, oddText, oddValue, skewed } from "../odd-values.ts";
import { changedObject, collectionOf, isHarmless, SOUND_KINDS, soundObject } from "../sound-objects.ts";
import { spoilJson, spoilYaml } from "../spoil-text.ts";
import type { FuzzTarget, InputContext, TargetSetup } from "../target.ts";

type Json = Record<string, unknown>;

/** An object of each is there for the patches to find; what is an event in two groups is one. */
const KINDS = SOUND_KINDS.filter((kind) => isHarmless(kind) && kind.resource.group !== "events.k8s.io");
const EXISTING = "patched";

const JSON_PATCH = "application/json-patch+json";
const APPLY = "application/apply-patch+yaml";
const MERGES = ["application/merge-patch+json", "application/strategic-merge-patch+json"] as const;
const OPERATIONS_MAX = 12_000;

const POINTERS = [
  ...[
    "",
    "/",
    "/metadata",
    "/metadata/labels",
    "/metadata/labels/app",
    "/metadata/labels/-",
    "/spec",
    "/spec/-",
    "/data",
  ],
  ...[
    "/spec/template/spec/containers/0",
    "/spec/template/spec/containers/-",
    "/spec/template/spec/containers/99999999999",
  ],
  ...[
    "/spec/containers/0/image",
    "/spec/ports/0",
    "/spec/ports/01",
    "/spec/ports/-1",
    "/spec/ports/1e1",
    "/spec/replicas",
  ],
  ...[
    "/__proto__",
    "/__proto__/polluted",
    "/constructor/prototype/polluted",
    "/metadata/__proto__/x",
    "/toString",
    "/length",
  ],
  ...[
    "/metadata/name",
    "/metadata/namespace",
    "/metadata/uid",
    "/metadata/finalizers",
    "/metadata/managedFields",
    "/kind",
  ],
  ...[
    "/~0",
    "/~1",
    "/~2",
    "/~",
    "metadata",
    "//",
    "/metadata//",
    "/status",
    "/metadata/ownerReferences/0",
    "/a/b/c/d/e",
  ],
];

export const patches: FuzzTarget = {
  name: "patches",
  what: "JSON patches, merge patches, strategic merge patches, applied configurations",
  async open({ make }: TargetSetup) {
    for (const kind of KINDS) await make("POST", collectionOf(kind), soundObject(kind, EXISTING));
    return {
      send: sendPatch,
      [Symbol.asyncDispose]: () => deleteAll(make, ["pods", "configmaps", "secrets"]),
    };
  },
};

async function sendPatch(context: InputContext): Promise<void> {
  const { random, index, call } = context;
  const kind = pick(random, KINDS);
  const name = chance(random, 0.9) ? EXISTING : `p${index}`;
  const { type, body } = makePatch(random, kind, name);
  const headers = { "content-type": type };
  const subresource = chance(random, 0.1)
    ? pick(random, ["/status", "/scale", "/x", "/ephemeralcontainers", "/resize"])
    : "";
  if (chance(random, 0.06)) {
    const own = JSON.stringify(soundObject(kind, `p${index}`, index));
    const creation = { target: collectionOf(kind), headers: { "content-type": "application/json" }, body: own };
    await createAndDelete(context, creation, (path) =>
      call({ method: "PATCH", target: `${path}${subresource}?${patchQuery(random, type)}`, headers, body }),
    );
    return;
  }
  const target = `${collectionOf(kind)}/${name}${subresource}?dryRun=All&${patchQuery(random, type)}`;
  await call({ method: "PATCH", target, headers, body });
}

function patchQuery(random: Random, type: string): string {
  const options = type === APPLY && chance(random, 0.95) ? ["fieldManager=fuzzer"] : [];
  if (chance(random, 0.4)) options.push(`force=${pick(random, ["true", "false", "1", "x", ""])}`);
  if (chance(random, 0.4)) options.push(`fieldValidation=${pick(random, ["Strict", "Warn", "Ignore", "x"])}`);
  return options.join("&");
}

function makePatch(random: Random, kind: KindDefinition, name: string): { type: string; body: string | Uint8Array } {
  const draw = random.float();
  if (draw < 0.35) return { type: JSON_PATCH, body: spoilt(random, JSON.stringify(jsonPatch(random, kind))) };
  if (draw < 0.75) {
    const type = pick(random, MERGES);
    const patch = changedObject(random, kind, soundObject(kind, name));
    if (chance(random, 0.4)) addDirectives(random, patch, 0);
    // Mostly a few fields, as patches are.
    const { apiVersion: _apiVersion, kind: _kind, ...rest } = patch;
    return { type, body: spoilt(random, JSON.stringify(rest)) };
  }
  const configuration = changedObject(random, kind, soundObject(kind, name));
  const asYaml = chance(random, 0.4);
  const text = asYaml ? stringify(configuration) : JSON.stringify(configuration);
  if (chance(random, 0.8)) return { type: APPLY, body: text };
  return { type: APPLY, body: asYaml ? spoilYaml(random, text) : spoilJson(random, text) };
}

function spoilt(random: Random, text: string): string | Uint8Array {
  return chance(random, 0.15) ? spoilJson(random, text) : text;
}

function jsonPatch(random: Random, kind: KindDefinition): unknown {
  const draw = random.float();
  if (draw < 0.04) return oddValue(random);
  if (draw < 0.07) return doubling(random);
  const length = draw < 0.9 ? 1 + below(random, 4) : skewed(random, OPERATIONS_MAX);
  const value = soundObject(kind, EXISTING);
  return Array.from({ length }, () => operation(random, value));
}

/** Each copies all that the ones before it made. */
function doubling(random: Random): unknown {
  const times = 1 + below(random, 60);
  const copy = { op: "copy", from: "/metadata/annotations", path: "/metadata/annotations/a" };
  return [
    { op: "add", path: "/metadata/annotations", value: { a: longText(random, 1000) } },
    ...Array(times).fill(copy),
  ];
}

function operation(random: Random, object: Json): unknown {
  if (chance(random, 0.03)) return oddValue(random);
  const op = chance(random, 0.95)
    ? pick(random, ["add", "remove", "replace", "copy", "move", "test"])
    : pick(random, ["", "Add", "none", "__proto__"]);
  const pointer = () => (chance(random, 0.85) ? pick(random, POINTERS) : `/${oddText(random)}/${oddText(random)}`);
  const deep = () => JSON.parse(nested("[", "1", "]", skewed(random, 400)));
  const value = pick(random, [() => oddValue(random), deep, () => object, () => "a", () => null])();
  return {
    op,
    path: pointer(),
    ...(chance(random, 0.3) ? { from: pointer() } : {}),
    ...(chance(random, 0.8) ? { value } : {}),
  };
}

/** What strategic merge patches say beside values, in places where it may mean something or not. */
function addDirectives(random: Random, value: unknown, depth: number): void {
  if (typeof value !== "object" || value === null || depth > 6) return;
  for (const child of Object.values(value)) if (chance(random, 0.6)) addDirectives(random, child, depth + 1);
  if (!chance(random, 0.3)) return;
  if (Array.isArray(value)) {
    value.push(
      pick<unknown>(random, [
        { $patch: "replace" },
        { $patch: "delete" },
        { $patch: 1 },
        { $patch: "delete", name: "c" },
      ]),
    );
    return;
  }
  const field = pick(random, Object.keys(value).length > 0 ? Object.keys(value) : ["a"]);
  const directives: readonly (readonly [string, unknown])[] = [
    ["$patch", pick<unknown>(random, ["replace", "delete", "merge", "x", 1, null])],
    ["$retainKeys", pick<unknown>(random, [[field], ["x"], [1], field, {}, []])],
    [`$setElementOrder/${field}`, pick<unknown>(random, [[{ name: "c" }], ["a", "b"], [1], {}, "x", [{}], [null]])],
    [`$deleteFromPrimitiveList/${field}`, pick<unknown>(random, [["a"], [1, null], "x", {}, [[]]])],
  ];
  const [name, directive] = pick(random, directives);
  Object.assign(value, { [name]: directive });
}

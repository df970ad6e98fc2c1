// Manifests as users write them: objects of every kind that may be created, varied from one seed, in files of every form that
// kubectl takes. What none of them does is to make pods that a host would have to run.

import { kinds } from "@atoll/api/kinds";
import { apiVersionOf, type Resource } from "@atoll/api/resource";
import { type Random, seededRandom } from "@atoll/base/random";
import { stringify } from "yaml";
import { chance, pick } from "../differential/random-values.ts";
import { SAMPLES, type SampleFields } from "../handover/sample-objects.ts";
import { variedFields } from "./varied-fields.ts";

type Manifest = Record<string, unknown>;

export interface ManifestOptions {
  readonly namespace: string;
  readonly count: number;
  readonly seed: number;
}

/** As kubectl reads it: there, "n" is false. */
const YAML = { version: "1.1" } as const;

/** Whatever the garbage collection of their own takes away while a script looks at them. */
const PASSING = ["IPAddress", "Event"];

const sampled = kinds.filter(
  ({ resource, storedAs, verbs }) =>
    !storedAs &&
    verbs.includes("create") &&
    verbs.includes("list") &&
    SAMPLES[resource.kind] &&
    !PASSING.includes(resource.kind),
);

/** Texts by file name. */
export function makeManifests(options: ManifestOptions): Readonly<Record<string, string>> {
  const random = seededRandom(options.seed);
  const manifests = Array.from({ length: options.count }, (_, number) => makeManifest(number, options, random));
  const files: Record<string, string> = {};
  for (let first = 0; first < manifests.length; ) {
    const [extension, count, write] = pick(random, FORMS);
    const name = `manifests/${String(first).padStart(3, "0")}.${extension}`;
    files[name] = write(manifests.slice(first, first + count));
    first += count;
  }
  return files;
}

const FORMS: readonly (readonly [extension: string, objects: number, write: (manifests: Manifest[]) => string])[] = [
  ["yaml", 1, ([manifest]) => `# One object.\n${stringify(manifest, YAML)}`],
  ["json", 1, ([manifest]) => JSON.stringify(manifest)],
  ["yaml", 3, (manifests) => manifests.map((manifest) => `---\n${stringify(manifest, YAML)}`).join("")],
  [
    "yml",
    4,
    (manifests) => `\n---\n${manifests.map((manifest) => stringify(manifest, YAML)).join("\n---\n# next\n")}---\n`,
  ],
  ["json", 5, (items) => JSON.stringify({ apiVersion: "v1", kind: "List", items }, undefined, 2)],
  ["yaml", 4, (items) => stringify({ apiVersion: "v1", kind: "List", metadata: {}, items }, YAML)],
];

function makeManifest(number: number, { namespace }: ManifestOptions, random: Random): Manifest {
  const resource = sampled[number % sampled.length]?.resource;
  if (!resource) throw new Error("No kind can be created");
  const labels = { app: pick(random, ["web", "store", "queue"]), number: `${number}` };
  const metadata = {
    // Objects of the cluster are told apart from other runs' by the namespace.
    name: resource.scope === "Namespaced" ? `m${number}` : `${namespace}-${number}`,
    // The others go where kubectl's context says.
    ...(resource.scope === "Namespaced" && chance(random, 0.5) ? { namespace } : {}),
    labels: { ...labels, ...(chance(random, 0.3) ? { "example.com/part-of": "a.b_c-D" } : {}) },
    ...(chance(random, 0.4) ? { annotations: { "example.com/note": pick(random, NOTES) } } : {}),
  };
  const fields = fieldsOf(resource, number, labels, random);
  return { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata, ...fields };
}

const NOTES = [
  "",
  "true",
  "1",
  "null",
  "two\nlines\n",
  "trailing \n\n",
  "ä € \u{1f680}",
  "{}",
  "- a: b",
  "017",
  "~",
  "x: y # z",
];

function fieldsOf(resource: Resource, number: number, labels: Record<string, string>, random: Random): SampleFields {
  const sound = (SAMPLES[`${resource.kind}.${resource.group}`] ?? SAMPLES[resource.kind])?.(number, labels) ?? {};
  return variedFields(resource.kind, sound, { labels, random, number });
}

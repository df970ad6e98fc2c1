// Kinds that bring other kinds with them, as kinds under test: definitions of custom resources, with schemas sound and unsound, and
// API services. Both servers work on such objects by themselves, some time after they were written.

import type { KindDefinition } from "@atoll/api/kind";
import { kinds } from "@atoll/api/kinds";
import { assert } from "@atoll/base/errors";
import type { Random } from "@atoll/base/random";
import { chance, pick } from "./random-values.ts";
import type { ScriptedKind } from "./request-script.ts";
import { ODD_COLUMNS, ODD_CONVERSIONS, ODD_FIELDS, ODD_NAMES, ODD_SUBRESOURCES } from "./odd-definitions.ts";

type Json = Record<string, unknown>;

const DOMAIN = "defined.example.com";

export const DEFINITION_KINDS: readonly ScriptedKind[] = [
  {
    kind: builtIn("CustomResourceDefinition"),
    nameOf: (number) => `things.g${number}.${DOMAIN}`,
    sample: (number) => ({ spec: definitionSpec(number, [versionOf("v1", {})]) }),
    varied: ({ number, random }) => ({ spec: variedDefinition(number, random) }),
    changesLater: true,
  },
  {
    kind: builtIn("APIService"),
    nameOf: (number) => `v1.g${number}.${DOMAIN}`,
    sample: (number) => ({ spec: serviceSpec(number) }),
    varied: ({ number, random }) => ({ spec: { ...serviceSpec(number), ...variedService(random) } }),
    changesLater: true,
  },
];

function builtIn(name: string): KindDefinition {
  const found = kinds.find(({ resource }) => resource.kind === name);
  assert(found, `There is no kind ${name}`);
  return found;
}

function definitionSpec(number: number, versions: readonly Json[]): Json {
  const names = { plural: "things", singular: "thing", kind: "Thing", listKind: "ThingList", shortNames: ["th"] };
  return { group: `g${number}.${DOMAIN}`, scope: "Namespaced", names, versions };
}

function versionOf(name: string, properties: Json): Json {
  const spec = { type: "object", properties: { size: { type: "integer", default: 1 }, ...properties } };
  const status = { type: "object", properties: { phase: { type: "string" }, replicas: { type: "integer" } } };
  const openAPIV3Schema = { type: "object", properties: { spec, status } };
  return { name, served: true, storage: true, schema: { openAPIV3Schema }, subresources: { status: {} } };
}

function variedDefinition(number: number, random: Random): Json {
  const fields = Object.fromEntries(["a", "b"].map((name) => [name, pick(random, ODD_FIELDS)]));
  const first: Json = versionOf("v1", chance(random, 0.7) ? fields : {});
  if (chance(random, 0.3)) Object.assign(first, pick(random, ODD_SUBRESOURCES));
  if (chance(random, 0.2)) Object.assign(first, pick(random, ODD_COLUMNS));
  const second = versionOf(pick(random, ["v2", "v1beta1", "v1", "V2", ""]), {});
  const versions = chance(random, 0.3) ? [first, { ...second, storage: chance(random, 0.2) }] : [first];
  const spec = definitionSpec(number, versions);
  if (chance(random, 0.2)) spec.scope = pick(random, ["Cluster", "Everywhere", ""]);
  if (chance(random, 0.2)) spec.names = { ...(spec.names as Json), ...pick(random, ODD_NAMES) };
  if (chance(random, 0.2)) spec.conversion = pick(random, ODD_CONVERSIONS);
  if (chance(random, 0.05)) spec.preserveUnknownFields = true;
  return spec;
}

function serviceSpec(number: number): Json {
  return {
    ...{ group: `g${number}.${DOMAIN}`, version: "v1", groupPriorityMinimum: 1000, versionPriority: 15 },
    ...{ service: { name: "none", namespace: "compared" }, insecureSkipTLSVerify: true },
  };
}

function variedService(random: Random): Json {
  return pick<Json>(random, [
    {},
    { service: undefined, insecureSkipTLSVerify: undefined },
    { service: undefined },
    { service: { name: "", namespace: "" } },
    { service: { name: "none", namespace: "compared", port: 0 } },
    { service: { name: "none", namespace: "compared", port: 70_000 } },
    { caBundle: "AAEC" },
    { caBundle: "AAEC", insecureSkipTLSVerify: false },
    { insecureSkipTLSVerify: undefined },
    { groupPriorityMinimum: 0 },
    { groupPriorityMinimum: 20_001 },
    { versionPriority: 1001 },
    { versionPriority: -1 },
    { version: "V1" },
    { version: "v2" },
    { group: "" },
    { group: "other.example.com" },
  ]);
}

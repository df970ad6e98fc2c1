// What inputs begin with: a sound object of each kind, changed by its schema or beyond it, and the paths it is sent to.

import { schemaModel } from "@atoll/api/generated/schemas";
import type { KindDefinition } from "@atoll/api/kind";
import { kinds } from "@atoll/api/kinds";
import { apiVersionOf } from "@atoll/api/resource";
import type { Random } from "@atoll/base/random";
import { ObjectMutator } from "../differential/mutate-object.ts";
import { chance, pick, RandomValues } from "../differential/random-values.ts";
import { sampleOf, scriptedKinds } from "../differential/request-script.ts";
import { placesToChange, spoilObject } from "./spoil-object.ts";
import { NAMESPACE } from "./target.ts";

type Json = Record<string, unknown>;

export const SOUND_KINDS: readonly KindDefinition[] = scriptedKinds(kinds).map(({ kind }) => kind);

/** Kinds whose objects do nothing to others: these are made for real now and then, all others in dry runs alone. */
const HARMLESS: ReadonlySet<string> = new Set([
  ...["configmaps", "secrets", "pods", "endpoints", "events", "leases", "roles", "persistentvolumeclaims", "jobs"],
  ...["services", "deployments", "replicasets", "cronjobs", "networkpolicies", "ingresses", "controllerrevisions"],
]);

export function isHarmless({ resource }: KindDefinition): boolean {
  return HARMLESS.has(resource.plural);
}

export function soundObject({ resource }: KindDefinition, name: string, number = 1): Json {
  const labels = { app: "a", number: `${number % 1000}` };
  const fields = structuredClone(sampleOf(resource)?.(number % 1000, labels) ?? {});
  const isNamespaced = resource.scope === "Namespaced";
  const metadata = { name, ...(isNamespaced ? { namespace: NAMESPACE } : {}), labels };
  if (isInvolved(fields)) fields.involvedObject.namespace = NAMESPACE;
  return { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata, ...fields };
}

function isInvolved(fields: Json): fields is Json & { involvedObject: Json } {
  return typeof fields.involvedObject === "object";
}

export function collectionOf({ resource }: KindDefinition): string {
  const { group, version, plural, scope } = resource;
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return scope === "Namespaced" ? `${root}/namespaces/${NAMESPACE}/${plural}` : `${root}/${plural}`;
}

/** Changed at some places by the schema, and at some beyond it. */
export function changedObject(random: Random, kind: KindDefinition, object: Json): Json {
  const values = new RandomValues(schemaModel, random);
  const mutator = new ObjectMutator(values, random);
  const changed = chance(random, 0.7)
    ? mutator.mutate(object, { ref: kind.schema }, placesToChange(random))
    : structuredClone(object);
  if (chance(random, 0.5)) spoilObject(random, changed);
  return changed;
}

export function pickKind(random: Random): KindDefinition {
  return pick(random, SOUND_KINDS);
}

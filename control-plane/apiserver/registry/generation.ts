// `metadata.generation` tells controllers that what is wanted of an object has changed.

import type { KindDefinition } from "@atoll/api/kind";
import type { KubeObject } from "@atoll/api/resource";
import { holdsSaidEmpty, withNotesOf } from "@atoll/api/meta/said-empty";
import { isDeepEqual } from "./deep-equal.ts";
import { type GenericObject, withoutMetadataAndStatus } from "./object-fields.ts";

export type CountingKind = Pick<
  KindDefinition,
  "countsGenerations" | "countedMetadata" | "countsSaidEmpty" | "hasStatus"
>;

export function startsAtFirstGeneration(kind: CountingKind): boolean {
  const counts = countsOf(kind);
  return counts === true || counts === "firstOnly";
}

export function raisesGeneration(kind: CountingKind, object: KubeObject, old: KubeObject): boolean {
  const counts = countsOf(kind);
  if (counts === false || counts === "firstOnly") return false;
  const { countedMetadata: part, countsSaidEmpty = false } = kind;
  const counted = countedOf(kind, object);
  return (
    !isDeepEqual(counted, countedOf(kind, old)) ||
    (countsSaidEmpty && holdsSaidEmpty(withNotesOf(object, counted))) ||
    (part !== undefined && !isDeepEqual(object.metadata[part] ?? {}, old.metadata[part] ?? {}))
  );
}

/** What is called a status is one only where it is written in a way of its own. */
function countedOf({ hasStatus }: CountingKind, object: GenericObject): Record<string, unknown> {
  const { status } = object;
  const rest = withoutMetadataAndStatus(object);
  return hasStatus || status === undefined ? rest : { ...rest, status };
}

function countsOf({ countsGenerations, hasStatus }: CountingKind): NonNullable<CountingKind["countsGenerations"]> {
  return countsGenerations ?? hasStatus;
}

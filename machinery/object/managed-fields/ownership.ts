// Who owns what after a write. An update owns what it changed; an apply owns what it says, and takes away what it said last
// time and nobody else says. Pure functions on JSON; the objects they get have no `managedFields` in them.

import { doAtOnce } from "@atoll/base/steps";
import { isDeepEqual } from "../deep-equal.ts";
import { checkTyped } from "./check-typed.ts";
import { collectFields } from "./collect-fields.ts";
import { type Comparison, compareInSteps } from "./compare-typed.ts";
import {
  differenceOf,
  EMPTY_SET,
  type FieldSet,
  hasPath,
  intersectionOf,
  isEmptySet,
  listPaths,
  setOf,
  unionOf,
  withoutSubtrees,
} from "./field-set.ts";
import { limitManagers, type Manager, managerKey, type Managers, withoutIdle } from "./managers.ts";
import { mergeTyped } from "./merge-typed.ts";
import type { PathElement } from "./path-element.ts";
import { removeFields, withNamedParents } from "./remove-fields.ts";
import type { Shape } from "./shape.ts";

export type JsonObject = Record<string, unknown>;

/** Who writes, when and how. */
export interface Writer {
  readonly name: string;
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339. */
  readonly time: string;
}

export interface Conflict {
  readonly manager: Manager;
  readonly path: readonly PathElement[];
}

/** Nobody owns what makes the object this object, and what only the server writes. */
const NEVER_OWNED: FieldSet = setOf([
  ["f:apiVersion"],
  ["f:kind"],
  ["f:metadata"],
  ...[
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "clusterName",
    "generation",
    "managedFields",
    "resourceVersion",
  ].map((name) => ["f:metadata", `f:${name}`]),
]);

/**
 * After a create, an update or a patch. `live` is undefined for a create. The same managers where nothing changed that
 * anybody could own. Throws TypedValueError where the objects cannot be compared.
 */
export function updateOwnership(
  shape: Shape,
  objects: { readonly live: JsonObject | undefined; readonly wanted: JsonObject },
  managers: Managers,
  writer: Writer,
): Managers {
  return doAtOnce(updateOwnershipInSteps(shape, objects, managers, writer));
}

/** Pauses between its parts and the items of long lists. */
export function* updateOwnershipInSteps(
  shape: Shape,
  objects: { readonly live: JsonObject | undefined; readonly wanted: JsonObject },
  managers: Managers,
  writer: Writer,
): Generator<void, Managers> {
  const comparison = yield* compareInSteps(shape, objects.live ?? {}, objects.wanted);
  yield;
  const changed = differenceOf(changedFields(comparison), NEVER_OWNED);
  if (isEmptySet(changed) && isEmptySet(differenceOf(comparison.removed, NEVER_OWNED))) return managers;
  const after = new Map<string, Manager>();
  for (const [key, manager] of managers) after.set(key, withoutChanged(manager, comparison));
  if (!isEmptySet(changed)) {
    const own: Manager = { ...writer, operation: "Update", fields: changed };
    const key = managerKey(own);
    const before = after.get(key);
    after.set(key, before ? { ...own, fields: unionOf(before.fields, changed) } : own);
  }
  return limitManagers(withoutIdle(after));
}

function changedFields({ modified, added }: Comparison): FieldSet {
  return unionOf(modified, added);
}

function withoutIgnored({ modified, added, removed }: Comparison, ignored: FieldSet): Comparison {
  return {
    modified: withoutSubtrees(modified, ignored),
    added: withoutSubtrees(added, ignored),
    removed: withoutSubtrees(removed, ignored),
  };
}

function withoutChanged(manager: Manager, { modified, added, removed }: Comparison): Manager {
  const fields = differenceOf(differenceOf(differenceOf(manager.fields, modified), added), removed);
  return fields === manager.fields ? manager : { ...manager, fields };
}

export interface ApplyOptions {
  readonly force: boolean;
  /** Fields that an apply may name but that this way into the object leaves as they are, with all below them. */
  readonly ignoredFields: FieldSet;
}

export type ApplyResult =
  | {
      readonly type: "applied";
      readonly object: JsonObject;
      readonly managers: Managers;
      /** Whether the object is another one than before. */
      readonly hasChanged: boolean;
    }
  | { readonly type: "conflict"; readonly conflicts: readonly Conflict[] };

/** `live` is empty for a create. Throws TypedValueError for a configuration that does not fit the schema. */
export function applyOwnership(
  shape: Shape,
  objects: { readonly live: JsonObject; readonly applied: JsonObject },
  managers: Managers,
  writer: Writer,
  options: ApplyOptions,
): ApplyResult {
  return doAtOnce(applyOwnershipInSteps(shape, objects, managers, writer, options));
}

/** Pauses between its parts and the items of long lists. */
export function* applyOwnershipInSteps(
  shape: Shape,
  objects: { readonly live: JsonObject; readonly applied: JsonObject },
  managers: Managers,
  writer: Writer,
  options: ApplyOptions,
): Generator<void, ApplyResult> {
  const { live, applied } = objects;
  checkTyped(shape, applied);
  yield;
  const identity = { ...writer, operation: "Apply" as const };
  const key = managerKey(identity);
  const last = managers.get(key);
  const fields = withoutSubtrees(collectFields(shape, applied), options.ignoredFields);
  const claimed = new Map(managers);
  claimed.set(key, { ...identity, time: last?.time ?? "", fields });
  yield;
  const merged = mergeTyped(shape, live, applied) as JsonObject; // two objects merge into one
  yield;
  const object = yield* pruneFields(shape, merged, claimed, last?.fields ?? EMPTY_SET);
  yield;
  const comparison = withoutIgnored(yield* compareInSteps(shape, live, object), options.ignoredFields);
  yield;
  const conflicts = options.force ? [] : findConflicts(claimed, key, changedFields(comparison));
  if (conflicts.length > 0) return { type: "conflict", conflicts };
  const hasChanged = !isDeepEqual(live, object);
  const after = new Map<string, Manager>();
  for (const [otherKey, manager] of claimed) {
    if (otherKey !== key) after.set(otherKey, withoutChanged(manager, comparison));
    else {
      const own = differenceOf(fields, NEVER_OWNED);
      after.set(key, { ...manager, time: hasChanged ? writer.time : manager.time, fields: own });
    }
  }
  return { type: "applied", object, managers: withoutIdle(after), hasChanged };
}

function findConflicts(managers: Managers, ownKey: string, changed: FieldSet): Conflict[] {
  return [...managers]
    .filter(([key]) => key !== ownKey)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([, manager]) => listPaths(intersectionOf(manager.fields, changed)).map((path) => ({ manager, path })));
}

/** Takes out what the applier said last time, does not say now, and nobody else owns. */
function* pruneFields(
  shape: Shape,
  merged: JsonObject,
  managers: Managers,
  last: FieldSet,
): Generator<void, JsonObject> {
  if (isEmptySet(last)) return merged;
  const all = withNamedParents(shape, collectFields(shape, merged));
  yield;
  const lastNamed = withNamedParents(shape, last);
  const kept = withNamedParents(shape, collectFields(shape, removeFields(shape, merged, lastNamed)));
  yield;
  // A field whose parent went with it stays when somebody owns it.
  let owned = EMPTY_SET;
  for (const manager of managers.values()) owned = unionOf(owned, manager.fields);
  const withOwned = removeFields(shape, merged, differenceOf(all, unionOf(kept, withNamedParents(shape, owned))));
  yield;
  // And what the applier never owned stays too, even under a parent that it owned.
  const keptOwned = withNamedParents(shape, collectFields(shape, withOwned));
  const removed = intersectionOf(differenceOf(all, keptOwned), lastNamed);
  return removeFields(shape, merged, removed) as JsonObject; // an object without some fields is one
}

/** Of the conflicts, those about fields that are not in the set. */
export function conflictsOutside(conflicts: readonly Conflict[], set: FieldSet): readonly Conflict[] {
  return conflicts.filter(({ path }) => !hasPath(set, path));
}

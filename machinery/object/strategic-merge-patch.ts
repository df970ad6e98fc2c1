// Strategic merge patch: a merge patch that knows from the schema which lists merge by a key or as sets, and has directives:
//
//   $patch: replace | delete | merge        what to do with the map (or list item) it stands in
//   $retainKeys: [names]                    drop every field of the original that is not named
//   $deleteFromPrimitiveList/FIELD: [..]    values to take out of a set
//   $setElementOrder/FIELD: [..]            the order the list shall have; items only the server has keep their place

import type { Schema, SchemaModel } from "@atoll/api/schema";
import { isRecord } from "@atoll/base/is-record";
import { doAtOnce, LeftLists } from "@atoll/base/steps";
import { ApiError } from "./api-error.ts";
import { resolveSchema } from "./resolve-schema.ts";
import { LeftMerge, mergeKeyedList, mergeSet, orderList } from "./strategic-merge-lists.ts";

type Json = Record<string, unknown>;

const DELETE_PREFIX = "$deleteFromPrimitiveList/";
const ORDER_PREFIX = "$setElementOrder/";

/** A new object; neither argument is changed, parts of both may be shared. Throws BadRequest for a patch that makes no sense. */
export function applyStrategicMergePatch(model: SchemaModel, schemaName: string, original: Json, patch: unknown): Json {
  return doAtOnce(strategicMergeInSteps(model, schemaName, original, patch));
}

/** Pauses between the items of long lists. */
export function* strategicMergeInSteps(
  model: SchemaModel,
  schemaName: string,
  original: Json,
  patch: unknown,
): Generator<void, Json> {
  if (!isRecord(patch)) throw badPatch("must be an object");
  const merger = new Merger(model);
  const merged = merger.mergeMap(original, patch, { ref: schemaName });
  yield* merger.left.finish();
  return merged;
}

class Merger {
  readonly left = new LeftLists();
  readonly #model: SchemaModel;

  constructor(model: SchemaModel) {
    this.#model = model;
  }

  mergeMap(original: Json, patch: Json, schema: Schema): Json {
    const directive = patch.$patch;
    if (directive === "replace") return withoutDirectives(patch);
    if (directive === "delete") return {};
    if (directive !== undefined && directive !== "merge")
      throw badPatch(`unknown patch type: ${JSON.stringify(directive)}`);
    const names = Object.keys(patch);
    if (!names.some((name) => name.startsWith("$") || name === "__proto__"))
      return this.#mergePlain(original, patch, schema);
    const merged = new Map(Object.entries(retainKeys(original, patch)));
    for (const [key, value] of Object.entries(patch)) {
      if (key.startsWith(DELETE_PREFIX)) removeFromList(merged, key.slice(DELETE_PREFIX.length), value);
    }
    for (const [key, value] of Object.entries(patch)) {
      if (key.startsWith("$")) continue;
      if (value === null) merged.delete(key);
      else merged.set(key, this.#mergeField(merged.get(key), value, this.#fieldSchema(schema, key)));
    }
    this.#orderLists(merged, original, patch, schema);
    return Object.fromEntries(merged);
  }

  /** A map without directives, as nearly all are. A list may have twenty thousand of them. */
  #mergePlain(original: Json, patch: Json, schema: Schema): Json {
    const merged = { ...original };
    for (const name of Object.keys(patch)) {
      const value = patch[name];
      if (value === null) delete merged[name];
      else {
        const before = Object.hasOwn(merged, name) ? merged[name] : undefined;
        merged[name] = this.#mergeField(before, value, this.#fieldSchema(schema, name));
      }
    }
    return merged;
  }

  #mergeField(original: unknown, value: unknown, schema: Schema): unknown {
    if (isRecord(value)) {
      const isReplaced = schema.patchStrategy?.includes("replace") === true;
      return this.mergeMap(isRecord(original) && !isReplaced ? original : {}, value, schema);
    }
    if (!Array.isArray(value)) return value;
    if (!schema.patchStrategy?.includes("merge")) return this.#withoutNulls([...value]);
    // Into nothing, nothing is merged: the list is what was sent, twice the same and all.
    if (original === undefined)
      return this.#withoutNulls(value.filter((item) => !(isRecord(item) && "$patch" in item)));
    const list = Array.isArray(original) ? original : [];
    const { patchMergeKey } = schema;
    if (patchMergeKey === undefined) return mergeSet(list, value);
    const items = schema.items ?? {};
    const merged = mergeKeyedList(list, value, patchMergeKey, (before, after) => this.mergeMap(before, after, items));
    this.left.forEach(merged, (item, place) => {
      if (item instanceof LeftMerge) merged[place] = this.mergeMap(item.before, item.after, items);
    });
    return merged;
  }

  /** In place: what orders the list later must find the items that are left. */
  #withoutNulls(list: unknown[]): unknown[] {
    this.left.forEach(list, (item, place) => {
      list[place] = withoutNulls(item);
    });
    return list;
  }

  #orderLists(merged: Map<string, unknown>, original: Json, patch: Json, schema: Schema): void {
    for (const [key, order] of Object.entries(patch)) {
      if (!key.startsWith(ORDER_PREFIX)) continue;
      const field = key.slice(ORDER_PREFIX.length);
      const list = merged.get(field);
      if (!Array.isArray(order)) throw badPatch(`${key} must be a list`);
      if (!Array.isArray(list)) continue;
      const { patchMergeKey } = this.#fieldSchema(schema, field);
      const before = Array.isArray(original[field]) ? original[field] : [];
      const ordered = orderList(list, order, before, patchMergeKey);
      if (list === original[field]) merged.set(field, ordered);
      // In place, for some of its items may be left.
      else for (const [place, item] of ordered.entries()) list[place] = item;
    }
  }

  /** A field's own facts with the definition it refers to. An unknown field merges as plain JSON and is pruned later. */
  #fieldSchema(schema: Schema, field: string): Schema {
    const definition = resolveSchema(this.#model, schema);
    const { properties, additionalProperties } = definition;
    if (properties && Object.hasOwn(properties, field)) return properties[field] ?? {};
    return additionalProperties ?? {};
  }
}

function retainKeys(original: Json, patch: Json): Json {
  const keys = patch.$retainKeys;
  if (keys === undefined) return original;
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === "string")) {
    throw badPatch("$retainKeys must be a list of field names");
  }
  const stranger = Object.keys(patch).find((key) => !key.startsWith("$") && !keys.includes(key));
  // A null removes the field anyway, so it need not be named.
  if (stranger !== undefined && patch[stranger] !== null) {
    throw badPatch(`field ${JSON.stringify(stranger)} is not in the $retainKeys list`);
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => keys.includes(key)));
}

function removeFromList(merged: Map<string, unknown>, field: string, values: unknown): void {
  if (!Array.isArray(values)) throw badPatch(`${DELETE_PREFIX}${field} must be a list`);
  const list = merged.get(field);
  if (Array.isArray(list))
    merged.set(
      field,
      list.filter((item) => !values.includes(item)),
    );
}

/** The map as new content: no directives and no nulls, at any depth. */
function withoutDirectives(patch: Json): Json {
  const entries = Object.entries(patch).filter(([key, value]) => !key.startsWith("$") && value !== null);
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutNulls(value)]));
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([key, item]) => item !== null && !DIRECTIVE.test(key));
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutNulls(item)]));
}

const DIRECTIVE = /^\$(patch$|retainKeys$|deleteFromPrimitiveList\/|setElementOrder\/)/;

function badPatch(text: string): ApiError {
  return new ApiError("BadRequest", `invalid strategic merge patch: ${text}`);
}

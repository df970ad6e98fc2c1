// In JSON that upstream writes, and ours that looks the same, a field may be null that nobody has set. Nobody who reads objects
// expects that.

import type { KubeObject } from "@atoll/api/resource";

/** Of ControllerRevisions: an object of any shape, in which null may mean something. In other kinds it is a map of texts. */
const FREE_FORM = "data";

/** In place, on what was just parsed. */
export function dropNulls<T extends KubeObject>(object: T): T {
  dropFrom(object as unknown as Fields, FREE_FORM); // any object has fields with names
  return object;
}

type Fields = Record<string, unknown>;

function dropFrom(fields: Fields, leftAlone?: string): void {
  for (const name of Object.keys(fields)) {
    if (name === leftAlone) continue;
    const value = fields[name];
    if (value === null) delete fields[name];
    else dropInside(value);
  }
}

function dropInside(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value))
    dropFrom(value as Fields); // JSON knows no other objects
  else for (const item of value) dropInside(item);
}

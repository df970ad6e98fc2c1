// In JSON that upstream writes, and ours that looks the same, a field may be null that nobody has set. Nobody who reads objects
// expects that.

import type { KubeObject } from "@atoll/api/resource";

/** Of ControllerRevisions: an object of any shape, in which null may mean something. In other kinds it is a map of texts. */
const FREE_FORM = "data";

/** In place, on what was just parsed. */
export function dropNulls<T extends KubeObject>(object: T): T {
  for (const [name, value] of Object.entries(object)) {
    if (name !== FREE_FORM) dropInside(value);
  }
  return object;
}

function dropInside(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) dropInside(item);
    return;
  }
  const fields = value as Record<string, unknown>; // an object that JSON.parse has made
  for (const name of Object.keys(fields)) {
    const inside = fields[name];
    if (inside === null) delete fields[name];
    else dropInside(inside);
  }
}

// JSON merge patch (RFC 7386): an object merges field by field, null removes, anything else replaces. As upstream reads it, null
// removes in objects that stand in lists, too, where the RFC leaves it.

import { isRecord } from "@atoll/base/is-record";

/** A new value; neither argument is changed, parts of both may be shared. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) return patch.map((item) => (item === null ? null : applyMergePatch(undefined, item)));
  if (!isRecord(patch)) return patch;
  const merged = new Map(isRecord(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, applyMergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

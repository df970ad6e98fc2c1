/** Whether two JSON values mean the same; the order of an object's fields means nothing, an undefined field is none. */
export function isDeepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => isDeepEqual(item, right[index]))
    );
  }
  return isEqualRecord(left as Record<string, unknown>, right as Record<string, unknown>); // objects by their field names
}

/** Every update runs this over the whole object, so it makes nothing. */
function isEqualRecord(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
  let surplus = 0;
  for (const name of Object.keys(left)) {
    const value = left[name];
    if (value === undefined) continue;
    if (!Object.hasOwn(right, name) || !isDeepEqual(value, right[name])) return false;
    surplus++;
  }
  for (const name of Object.keys(right)) {
    if (right[name] !== undefined) surplus--;
  }
  return surplus === 0;
}

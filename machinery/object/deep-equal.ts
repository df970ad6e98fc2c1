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
  const leftFields = definedFields(left);
  const rightFields = new Map(definedFields(right));
  return (
    leftFields.length === rightFields.size &&
    leftFields.every(([name, value]) => rightFields.has(name) && isDeepEqual(value, rightFields.get(name)))
  );
}

function definedFields(object: object): [string, unknown][] {
  return Object.entries(object).filter(([, value]) => value !== undefined);
}

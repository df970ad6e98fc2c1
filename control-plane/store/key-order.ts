// The order of keys: by their UTF-8 bytes, as etcd has it. JavaScript's own `<` compares UTF-16 units, which puts
// characters above U+FFFF before those from U+E000 to U+FFFF; two makers that disagree here would page lists differently.

import type { KeyRange } from "./store.ts";

/** Negative, zero or positive, as for `Array.sort`. Both keys must be well-formed. */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const leftUnit = left.charCodeAt(index);
    const rightUnit = right.charCodeAt(index);
    if (leftUnit === rightUnit) continue;
    const leftIsSurrogate = isSurrogate(leftUnit);
    if (leftIsSurrogate !== isSurrogate(rightUnit)) return leftIsSurrogate ? 1 : -1;
    return leftUnit - rightUnit;
  }
  return left.length - right.length;
}

/** True when the key lies in the range. */
export function isInRange(key: string, range: KeyRange): boolean {
  if (range.end === undefined) return key === range.start;
  return compareKeys(key, range.start) >= 0 && compareKeys(key, range.end) < 0;
}

function isSurrogate(unit: number): boolean {
  return (unit & 0xf800) === 0xd800;
}

// Sets of a job's completion indexes, as ordered intervals: a job of 100,000 indexes has a status of a few hundred characters,
// and its sets are joined without a look at each index. The text form is upstream's, "0-3,5,7,8".

export interface Interval {
  readonly first: number;
  readonly last: number;
}

/** Ordered, without overlap, and with a gap between neighbours. */
export type Indexes = readonly Interval[];

export const NO_INDEXES: Indexes = [];

/** Reads what a status or a policy says; indexes from `completions` on, and parts that are no numbers, are left out. */
export function parseIndexes(text: string, completions: number): Indexes {
  const intervals: Interval[] = [];
  for (const part of text === "" ? [] : text.split(",")) {
    const limits = part.split("-");
    if (!limits.every((limit) => /^\d+$/.test(limit))) continue;
    const first = Number(limits[0]);
    if (first >= completions) break;
    intervals.push({ first, last: Math.min(Number(limits[1] ?? limits[0]), completions - 1) });
  }
  return mergeIndexes(intervals, NO_INDEXES);
}

export function formatIndexes(indexes: Indexes): string {
  return indexes
    .map(({ first, last }) => (first === last ? `${first}` : `${first}${last === first + 1 ? "," : "-"}${last}`))
    .join(",");
}

/** The set of these numbers, which may come in any order and more than once. */
export function indexesOf(numbers: Iterable<number>): Indexes {
  const ordered = [...new Set(numbers)].sort((left, right) => left - right);
  return mergeIndexes(
    ordered.map((index) => ({ first: index, last: index })),
    NO_INDEXES,
  );
}

/** All that are in either. Both are ordered by their first index. */
export function mergeIndexes(left: readonly Interval[], right: readonly Interval[]): Indexes {
  const merged: { first: number; last: number }[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const one = left[i];
    const other = right[j];
    const next = one && (!other || one.first < other.first) ? one : other;
    if (!next) return merged;
    if (next === one) i++;
    else j++;
    const last = merged.at(-1);
    if (last === undefined || next.first > last.last + 1) merged.push({ ...next });
    else last.last = Math.max(last.last, next.last);
  }
}

export function countIndexes(indexes: Indexes): number {
  return indexes.reduce((count, { first, last }) => count + last - first + 1, 0);
}

export function hasIndex(indexes: Indexes, index: number): boolean {
  let low = 0;
  let high = indexes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((indexes[middle]?.last ?? 0) < index) low = middle + 1;
    else high = middle;
  }
  const interval = indexes[low];
  return interval !== undefined && interval.first <= index;
}

/** How many are in both. */
export function countCommonIndexes(left: Indexes, right: Indexes): number {
  let count = 0;
  let i = 0;
  let j = 0;
  for (let one = left[i], other = right[j]; one && other; one = left[i], other = right[j]) {
    count += Math.max(0, Math.min(one.last, other.last) - Math.max(one.first, other.first) + 1);
    if (one.last <= other.last) i++;
    if (other.last <= one.last) j++;
  }
  return count;
}

/** The first `count` indexes below `completions` that are not in `taken`. */
export function firstFreeIndexes(taken: Indexes, count: number, completions: number): number[] {
  const free: number[] = [];
  let candidate = 0;
  for (const { first, last } of [...taken, { first: completions, last: completions }]) {
    for (; candidate < Math.min(first, completions) && free.length < count; candidate++) free.push(candidate);
    candidate = Math.max(candidate, last + 1);
  }
  return free;
}

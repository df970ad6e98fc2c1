// A map that is walked in key order from any key on. A sorted list cut into chunks: an insert moves one chunk's entries,
// not all, and there is no tree to balance. For what fits in memory (the memory maker, the watch cache).

import { compareKeys } from "./key-order.ts";
import type { KeyRange } from "./store.ts";

/** Entries per chunk before it is cut in two; moving this many pointers costs less than finding the place. */
const CHUNK_ENTRIES_MAX = 256;

interface Chunk<V> {
  readonly keys: string[];
  readonly values: V[];
}

export class OrderedMap<V> {
  #chunks: Chunk<V>[] = [];
  /** Nearly all reads are of one key, and a search by halves compares it a dozen times. */
  #byKey = new Map<string, V>();

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): V | undefined {
    return this.#byKey.get(key);
  }

  set(key: string, value: V): void {
    this.#byKey.set(key, value);
    const chunkIndex = this.#chunkFor(key);
    const chunk = this.#chunks[chunkIndex];
    if (!chunk) {
      this.#chunks.push({ keys: [key], values: [value] });
      return;
    }
    const index = lowerBound(chunk.keys, key);
    if (chunk.keys[index] === key) {
      chunk.values[index] = value;
      return;
    }
    chunk.keys.splice(index, 0, key);
    chunk.values.splice(index, 0, value);
    if (chunk.keys.length > CHUNK_ENTRIES_MAX) this.#cut(chunkIndex, chunk);
  }

  delete(key: string): boolean {
    if (!this.#byKey.delete(key)) return false;
    const chunkIndex = this.#chunkFor(key);
    const chunk = this.#chunks[chunkIndex];
    if (!chunk) return false;
    const index = lowerBound(chunk.keys, key);
    if (chunk.keys[index] !== key) return false;
    chunk.keys.splice(index, 1);
    chunk.values.splice(index, 1);
    if (chunk.keys.length === 0) this.#chunks.splice(chunkIndex, 1);
    return true;
  }

  clear(): void {
    this.#chunks = [];
    this.#byKey.clear();
  }

  /** The values of the range in key order. The map must not change while it is walked. */
  *values(range: KeyRange): Generator<V, void, undefined> {
    if (range.end === undefined) {
      const value = this.get(range.start);
      if (value !== undefined) yield value;
      return;
    }
    let index: number | undefined;
    for (let at = this.#chunkFor(range.start); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at];
      if (!chunk) return;
      index = index === undefined ? lowerBound(chunk.keys, range.start) : 0;
      const end = upTo(chunk.keys, range.end);
      // The chunk holds as many values as keys, so that each index up to `end` has one.
      for (; index < end; index++) yield chunk.values[index] as V;
      if (end < chunk.keys.length) return;
    }
  }

  /** Keys in the range, without walking chunks that lie in it as a whole. */
  count(range: KeyRange): number {
    if (range.end === undefined) return this.get(range.start) === undefined ? 0 : 1;
    let count = 0;
    const first = this.#chunkFor(range.start);
    for (let at = first; at < this.#chunks.length; at++) {
      const keys = this.#chunks[at]?.keys ?? [];
      const end = upTo(keys, range.end);
      count += Math.max(0, end - (at === first ? lowerBound(keys, range.start) : 0));
      if (end < keys.length) break;
    }
    return count;
  }

  /** The last chunk that starts at or before the key, else the first: the only one that may hold it. */
  #chunkFor(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const firstKey = this.#chunks[middle]?.keys[0] ?? "";
      if (compareKeys(firstKey, key) <= 0) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  #cut(chunkIndex: number, chunk: Chunk<V>): void {
    const half = chunk.keys.length >>> 1;
    this.#chunks.splice(chunkIndex + 1, 0, { keys: chunk.keys.splice(half), values: chunk.values.splice(half) });
  }
}

/** The index of the first key that is not before `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keys[middle] ?? "", key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Like `lowerBound`, asked first about the last key: most chunks of a walk lie in the range as a whole. */
function upTo(keys: readonly string[], end: string): number {
  return compareKeys(keys.at(-1) ?? "", end) < 0 ? keys.length : lowerBound(keys, end);
}

// Lists that say the same as the stored one, but were read otherwise: with an amount in another spelling, or with something that
// is said to be empty. Upstream compares lists that are owned as a whole as its program holds them, and takes such a list for
// another; so does whoever finds out who owns what.

const UNLIKE_STORED = new WeakSet<object>();

/** For the list that was read, and every list around it. */
export function noteUnlikeStored(list: readonly unknown[]): void {
  UNLIKE_STORED.add(list);
}

export function isUnlikeStored(value: unknown): boolean {
  return typeof value === "object" && value !== null && UNLIKE_STORED.has(value);
}

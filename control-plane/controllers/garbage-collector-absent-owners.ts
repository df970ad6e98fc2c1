/** Upstream's collector remembers as many. */
const REMEMBERED_MAX = 500;

/**
 * Owners that are known to be gone. A UID never comes back, so nothing here becomes wrong; it saves asking the API once for
 * each of a thousand dependents of one owner.
 */
export class AbsentOwners {
  readonly #keys = new Set<string>();

  add(key: string): void {
    // At the end again: the first is then the one unused for longest.
    this.#keys.delete(key);
    this.#keys.add(key);
    for (const oldest of this.#keys) {
      if (this.#keys.size <= REMEMBERED_MAX) return;
      this.#keys.delete(oldest);
    }
  }

  has(key: string): boolean {
    if (!this.#keys.has(key)) return false;
    this.add(key);
    return true;
  }
}

import { assert } from "@atoll/base/errors";

/** More than any host has microVMs; keeps the numbers of hosts with different bases apart. */
const USER_IDS_MAX = 10_000;

/** Numbers of unprivileged users, one for each monitor. A number comes back when nothing of its owner is left. */
export class UserIds {
  readonly #base: number;
  readonly #taken = new Set<number>();
  #next = 0;

  constructor(base: number) {
    this.#base = base;
  }

  take(): number {
    assert(this.#taken.size < USER_IDS_MAX, "Every user id of microVMs is taken");
    // Round and round: a number that was just given back is not used again soon.
    while (this.#taken.has(this.#base + this.#next)) this.#next = (this.#next + 1) % USER_IDS_MAX;
    const userId = this.#base + this.#next;
    this.#next = (this.#next + 1) % USER_IDS_MAX;
    this.#taken.add(userId);
    return userId;
  }

  /** Found in use at the start. */
  reserve(userId: number): void {
    this.#taken.add(userId);
  }

  giveBack(userId: number): void {
    this.#taken.delete(userId);
  }
}

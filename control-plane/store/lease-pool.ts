// Leases for keys that vanish some time after their last write. One lease is shared by what is written within a while, for
// a lease costs the store a write of its own; it is granted for so much longer that no key goes early.

import type { Clock } from "@atoll/base/clock";
import type { Store } from "./store.ts";

/** How long one lease is given out: at most this, and a twentieth of the time that keys live. */
const SHARED_SECONDS_MAX = 60;
const SHARED_PART = 0.05;

/** Keys of one lease: they all go at once. */
const KEYS_MAX = 1000;

interface SharedLease {
  readonly id: Promise<number>;
  readonly untilMs: number;
  keys: number;
}

export class LeasePool {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #ttlSeconds: number;
  readonly #sharedSeconds: number;
  #shared: SharedLease | undefined;

  constructor({
    store,
    clock,
    ttlSeconds,
  }: { readonly store: Store; readonly clock: Clock; readonly ttlSeconds: number }) {
    this.#store = store;
    this.#clock = clock;
    this.#ttlSeconds = ttlSeconds;
    this.#sharedSeconds = Math.max(1, Math.min(SHARED_SECONDS_MAX, Math.floor(ttlSeconds * SHARED_PART)));
  }

  /** A lease for one key to be written now. */
  take(): Promise<number> {
    const nowMs = this.#clock.monotonicMs();
    if (!this.#shared || this.#shared.untilMs <= nowMs || this.#shared.keys >= KEYS_MAX) {
      const id = this.#grant();
      this.#shared = { id, untilMs: nowMs + this.#sharedSeconds * 1000, keys: 0 };
    }
    this.#shared.keys += 1;
    return this.#shared.id;
  }

  /** The lease in use does not exist any more. */
  drop(): void {
    this.#shared = undefined;
  }

  async #grant(): Promise<number> {
    try {
      return (await this.#store.grantLease(this.#ttlSeconds + this.#sharedSeconds)).id;
    } catch (error) {
      this.drop();
      throw error;
    }
  }
}

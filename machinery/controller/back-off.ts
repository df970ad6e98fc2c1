import type { Random } from "@atoll/base/random";

export interface BackOffOptions {
  readonly firstMs: number;
  readonly longestMs: number;
  /** 0.2: each pause is up to a fifth longer than its nominal length, so that many clients do not come back together. */
  readonly jitter: number;
}

/** Pauses that double with each failure. `reset` after a success. */
export class BackOff {
  readonly #options: BackOffOptions;
  readonly #random: Random;
  #failures = 0;

  constructor(options: BackOffOptions, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  nextMs(): number {
    const nominal = doubled(this.#options, this.#failures++);
    return nominal * (1 + this.#options.jitter * this.#random.float());
  }

  reset(): void {
    this.#failures = 0;
  }
}

/** `firstMs` after no failure before, twice that after one, and so on up to `longestMs`. */
export function doubled(options: { readonly firstMs: number; readonly longestMs: number }, failures: number): number {
  // 2 ** 1024 is Infinity, and the minimum still right.
  return Math.min(options.longestMs, options.firstMs * 2 ** failures);
}

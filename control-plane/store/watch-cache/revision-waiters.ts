// Callers that wait until a revision has been reached.

export class RevisionWaiters {
  readonly #waiting = new Set<{ readonly revision: number; resolve(): void; reject(reason: unknown): void }>();
  #closed: Error | undefined;

  waitFor(revision: number, reached: number, signal: AbortSignal): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (signal.aborted) return Promise.reject(signal.reason);
    if (revision <= reached) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onAbort = () => waiter.reject(signal.reason);
      const forget = () => {
        this.#waiting.delete(waiter);
        signal.removeEventListener("abort", onAbort);
      };
      const waiter = {
        revision,
        resolve: () => {
          forget();
          resolve();
        },
        reject: (reason: unknown) => {
          forget();
          reject(reason);
        },
      };
      this.#waiting.add(waiter);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  advance(reached: number): void {
    if (this.#waiting.size === 0) return;
    for (const waiter of [...this.#waiting]) if (waiter.revision <= reached) waiter.resolve();
  }

  close(error: Error): void {
    this.#closed = error;
    for (const waiter of [...this.#waiting]) waiter.reject(error);
  }
}

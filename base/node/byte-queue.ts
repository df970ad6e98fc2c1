// Bytes on their way from one pump to another, with a bound that writers can wait at. One reader.

/** Bytes a queue may hold before `push` asks its writer to wait: a few reads of a socket. */
export const BYTE_QUEUE_BYTES_MAX = 262_144;

export class ByteQueue implements AsyncIterable<Uint8Array> {
  readonly #bytesMax: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #ended = false;
  #failure: Error | undefined;
  #wakeReader: (() => void) | undefined;
  #waitingWriters: (() => void)[] = [];

  constructor(options: { readonly bytesMax?: number } = {}) {
    this.#bytesMax = options.bytesMax ?? BYTE_QUEUE_BYTES_MAX;
  }

  /** Adds bytes, and resolves when the writer may go on. Bytes for a queue that has ended are dropped. */
  async push(bytes: Uint8Array): Promise<void> {
    if (this.#ended || bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    this.#wakeReader?.();
    if (this.isFull) {
      await new Promise<void>((resolve) => this.#waitingWriters.push(resolve));
    }
  }

  /** Whether writers are asked to wait. */
  get isFull(): boolean {
    return this.#bytes > this.#bytesMax;
  }

  /** No more bytes; the reader still gets what is queued. */
  end(): void {
    this.#ended = true;
    this.#wakeReader?.();
    this.#wakeWriters();
  }

  /** Ends the queue with an error that the reader sees after what is queued. */
  fail(error: Error): void {
    if (this.#ended) return;
    this.#failure = error;
    this.end();
  }

  /** Throws away what is queued and all that comes: the reader has left, and the writer must not wait for it. */
  discard(): void {
    this.#chunks = [];
    this.#bytes = 0;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk) {
          this.#bytes -= chunk.length;
          if (this.#bytes <= this.#bytesMax) this.#wakeWriters();
          yield chunk;
        } else if (this.#ended) {
          if (this.#failure) throw this.#failure;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve;
          });
        }
      }
    } finally {
      this.discard();
    }
  }

  #wakeWriters(): void {
    const waiting = this.#waitingWriters;
    this.#waitingWriters = [];
    for (const wake of waiting) wake();
  }
}

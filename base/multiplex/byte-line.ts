// What a multiplexer runs on: bytes in order, both ways, nothing else. Makers: `base/node/duplex-line.ts` for sockets, and
// `createLinePair` for two ends in one process.

export interface ByteLine {
  /** What the other end writes, cut anywhere. Ends when the line is closed; read by one reader only. */
  readonly readable: AsyncIterable<Uint8Array>;
  /** Resolves when the line can take more; rejects once the line is closed. Calls are written in the order they are made. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends both directions. Idempotent. */
  close(): void;
}

/** Two connected lines in memory: what one writes, the other reads, in the same pieces. */
export function createLinePair(): readonly [ByteLine, ByteLine] {
  const leftToRight = new Pipe();
  const rightToLeft = new Pipe();
  const end = (readable: Pipe, writable: Pipe): ByteLine => ({
    readable,
    write: (bytes) => writable.write(bytes),
    close: () => {
      readable.close();
      writable.close();
    },
  });
  return [end(rightToLeft, leftToRight), end(leftToRight, rightToLeft)];
}

/** Bytes a pipe holds before its writer has to wait: a quarter of a stream's credit, so that tests meet back-pressure too. */
const PIPE_BYTES_MAX = 65_536;

class Pipe implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  #heldBytes = 0;
  #isClosed = false;
  #changed = Promise.withResolvers<void>();

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#isClosed) throw new Error("Line is closed");
    this.#chunks.push(bytes.slice());
    this.#heldBytes += bytes.length;
    this.#wake();
    while (this.#heldBytes > PIPE_BYTES_MAX && !this.#isClosed) await this.#changed.promise;
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) {
        this.#heldBytes -= chunk.length;
        this.#wake();
        yield chunk;
      } else if (this.#isClosed) return;
      else await this.#changed.promise;
    }
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

// A long body that is never whole in memory: it is put together piece by piece, each when its reader has taken the one before.

/** Few enough that the memory of one piece is used again for the next, many enough that a piece costs little beside them. */
const PIECE_BYTES = 128 * 1024;

export class PiecedBody implements AsyncIterable<Uint8Array> {
  readonly length: number;
  readonly #parts: () => Iterable<Uint8Array>;

  /** `parts` gives the same bytes each time, `length` of them. */
  constructor(length: number, parts: () => Iterable<Uint8Array>) {
    this.length = length;
    this.#parts = parts;
  }

  /** Whether the whole is no more than one piece. */
  get isShort(): boolean {
    return this.length <= PIECE_BYTES;
  }

  whole(): Uint8Array {
    for (const piece of this.#pack(this.length)) return piece;
    return new Uint8Array(0);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.#pack(PIECE_BYTES);
  }

  *#pack(bytesMax: number): Generator<Uint8Array, void, undefined> {
    let left = this.length;
    let piece = Buffer.allocUnsafe(Math.min(bytesMax, left));
    let used = 0;
    for (const part of this.#parts()) {
      let taken = 0;
      while (taken < part.length) {
        const rest = taken === 0 ? part : part.subarray(taken);
        const fitting = rest.length <= piece.length - used ? rest : rest.subarray(0, piece.length - used);
        piece.set(fitting, used);
        used += fitting.length;
        taken += fitting.length;
        if (used < piece.length) continue;
        yield piece;
        left -= used;
        piece = Buffer.allocUnsafe(Math.min(bytesMax, left));
        used = 0;
      }
    }
  }
}

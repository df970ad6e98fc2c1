// A stream that hands its pieces on by itself. An event that a hundred watchers see is a hundred pieces: asked for one by one, with
// a promise for each, they cost more than sending them does.

/** What takes the pieces of a stream. */
export interface PieceSink {
  /** False: no more before `drained`. */
  write(piece: Uint8Array): boolean;
  /** Resolves when there is room again, or nobody reads any more. */
  drained(): Promise<void>;
  /** Calls once, when it is the sink's time to take what has come. */
  whenDue(step: () => void): void;
}

/** Can be read like any stream, too: one of both, once. */
export interface PouredBody extends AsyncIterable<Uint8Array> {
  /** Resolves when the stream has ended, however it did; never rejects. */
  pour(sink: PieceSink): Promise<void>;
}

export function isPoured(body: AsyncIterable<Uint8Array>): body is PouredBody {
  return "pour" in body;
}

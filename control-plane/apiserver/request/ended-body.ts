import { isPoured, type PouredBody } from "./poured-body.ts";

/**
 * A stream with something to do at its end, however it ends. An iterator where a generator would do: every event of every watch
 * passes here, and a generator within another makes three promises for each.
 */
export function whenEnded(body: AsyncIterable<Uint8Array>, done: () => void): AsyncIterable<Uint8Array> | PouredBody {
  const pass = (result: IteratorResult<Uint8Array>) => {
    if (result.done) done();
    return result;
  };
  const fail = (error: unknown) => {
    done();
    throw error;
  };
  return {
    ...(isPoured(body) && { pour: (sink: Parameters<PouredBody["pour"]>[0]) => body.pour(sink).finally(done) }),
    [Symbol.asyncIterator]() {
      const iterator = body[Symbol.asyncIterator]();
      return {
        next: () => iterator.next().then(pass, fail),
        async return() {
          done();
          await iterator.return?.();
          return { value: undefined, done: true };
        },
      };
    },
  };
}

import type { Duplex } from "node:stream";
import type { ByteLine } from "../multiplex/byte-line.ts";

/** A line over a socket or any other Duplex, which it owns from now on. */
export function duplexLine(duplex: Duplex): ByteLine {
  const gone = Promise.withResolvers<never>();
  // Nobody may be writing when the socket ends.
  gone.promise.catch(() => {});
  let lastError: Error | undefined;
  duplex.on("error", (error) => {
    lastError = error;
  });
  duplex.once("close", () => gone.reject(lastError ?? new Error("Connection is closed")));
  return {
    readable: readChunks(duplex),
    async write(bytes) {
      if (duplex.destroyed || duplex.writableEnded) throw lastError ?? new Error("Connection is closed");
      if (duplex.write(bytes)) return;
      const drained = Promise.withResolvers<void>();
      duplex.once("drain", drained.resolve);
      try {
        await Promise.race([drained.promise, gone.promise]);
      } finally {
        duplex.removeListener("drain", drained.resolve);
      }
    },
    close() {
      duplex.destroy();
    },
  };
}

async function* readChunks(duplex: Duplex): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of duplex) yield chunk;
  } catch (error) {
    // Destroyed by our own close, or by the other side going away in the middle: an end like any other.
    if (!duplex.destroyed) throw error;
  }
}

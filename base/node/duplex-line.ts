import type { Duplex } from "node:stream";
import type { ByteLine } from "../multiplex/byte-line.ts";

/** A line over a socket or any other Duplex, which it owns from now on. */
export function duplexLine(duplex: Duplex): ByteLine {
  let lastError: Error | undefined;
  /** One for all who wait to write: a line carries hundreds of streams, and lives as long as its microVM. */
  let drained: PromiseWithResolvers<void> | undefined;
  duplex.on("error", (error) => {
    lastError = error;
  });
  duplex.on("drain", () => {
    drained?.resolve();
    drained = undefined;
  });
  duplex.once("close", () => drained?.reject(lastError ?? new Error("Connection is closed")));
  return {
    readable: readChunks(duplex),
    async write(bytes) {
      if (duplex.destroyed || duplex.writableEnded) throw lastError ?? new Error("Connection is closed");
      if (duplex.write(bytes)) return;
      drained ??= Promise.withResolvers();
      await drained.promise;
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

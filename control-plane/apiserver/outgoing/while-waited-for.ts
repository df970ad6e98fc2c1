import type { Duplex } from "node:stream";

/** A connection that is being made, until the signal aborts; one that comes after that is closed. */
export function whileWaitedFor(dialling: Promise<Duplex>, signal: AbortSignal): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  void dialling
    .then((socket) => {
      if (signal.aborted) socket.destroy();
      resolve(socket);
    }, reject)
    .finally(() => signal.removeEventListener("abort", onAbort));
  return promise;
}

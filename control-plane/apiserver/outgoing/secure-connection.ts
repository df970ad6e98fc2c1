// TLS over a connection that somebody has dialled.

import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import type { Clock } from "@atoll/base/clock";

/** As upstream: whoever means to speak TLS does so at once. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Takes `socket` over: it is closed when TLS does not stand on it in time, or when `signal` aborts before. */
export async function secureConnection(
  socket: Duplex,
  options: ConnectionOptions,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<TLSSocket> {
  if (socket.destroyed) throw socket.errored ?? new Error("EOF");
  const secured = connectTls({ ...options, socket, ALPNProtocols: ["http/1.1"] });
  // Whoever uses it listens too, but not yet, and not at all where it fails: an error that nobody hears would end the server.
  secured.on("error", () => {});
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => reject(signal.reason);
  const onClose = () => reject(secured.errored ?? new Error("EOF"));
  secured.once("secureConnect", resolve).once("error", reject).once("close", onClose);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  using _limit = clock.setTimer(HANDSHAKE_TIMEOUT_MS, () => reject(new Error("net/http: TLS handshake timeout")));
  try {
    await promise;
    return secured;
  } catch (error) {
    secured.destroy();
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    secured.off("secureConnect", resolve).off("error", reject).off("close", onClose);
  }
}

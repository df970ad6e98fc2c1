import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";

/** The API server's own entrance, as somebody already authenticated. */
export type RequestHandler = (request: TransportRequest) => Promise<TransportResponse>;

/**
 * Hands requests to a handler in the same process. An abort is seen at once, also where the handler looks at its signal
 * late, so that a part that shuts down never waits for the server.
 */
export function inProcessTransport(handle: RequestHandler): Transport {
  return async (request) => {
    request.signal?.throwIfAborted();
    if (!request.signal) return handle(request);
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(request.signal?.reason);
    request.signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([handle(request), aborted.promise]);
    } finally {
      request.signal.removeEventListener("abort", onAbort);
    }
  };
}

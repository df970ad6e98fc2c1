import { untilAborted } from "@atoll/base/until-aborted";
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
    return untilAborted(handle(request), request.signal);
  };
}

import type { ClientRequest, IncomingMessage } from "node:http";

/**
 * The head of a request's answer. Rejects as soon as `signal` aborts, and the request is given up: Node tells one that stands in
 * line for a connection nothing before it has one. Rejects, too, for a protocol that nobody asked to change to, which Node ends
 * without a word.
 */
export function answerOf(request: ClientRequest, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      request.destroy();
      reject(signal.reason);
    };
    request.once("response", resolve);
    // Stays on: an error after the answer has begun is its reader's.
    request.on("error", reject);
    request.once("close", () => {
      signal.removeEventListener("abort", onAbort);
      reject(new Error("EOF"));
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}

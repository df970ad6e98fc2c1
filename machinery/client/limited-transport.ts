import type { Transport } from "./transport.ts";

/**
 * At most `requestsMax` requests wait for their answer at a time; more stand in line. Many controllers in one process would
 * otherwise hit the server's limits together and spend their time on retries. A watch counts until its answer begins.
 */
export function limitedTransport(transport: Transport, requestsMax: number): Transport {
  let running = 0;
  const line: (() => void)[] = [];
  return async (request) => {
    if (running >= requestsMax) await takePlace(line, request.signal);
    else running++;
    try {
      return await transport(request);
    } finally {
      const next = line.shift();
      // The place goes to the next one as it is.
      if (next) next();
      else running--;
    }
  };
}

function takePlace(line: (() => void)[], signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const enter = () => {
      signal?.removeEventListener("abort", leave);
      resolve();
    };
    const leave = () => {
      line.splice(line.indexOf(enter), 1);
      reject(signal?.reason);
    };
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    line.push(enter);
    signal?.addEventListener("abort", leave, { once: true });
  });
}

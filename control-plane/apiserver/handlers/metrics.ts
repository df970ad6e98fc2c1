import type { Clock } from "@atoll/base/clock";
import type { RequestMetrics } from "../metrics/request-metrics.ts";
import type { Handler } from "../request/context.ts";

/** Outermost of all: it sees the answer as the client does. */
export function measureRequests(metrics: RequestMetrics, clock: Clock): Handler {
  return async (context, next) => {
    const startMs = clock.monotonicMs();
    const done = metrics.begin(context.request.method);
    try {
      const response = await next();
      metrics.end(context, response, (clock.monotonicMs() - startMs) / 1000);
      return response;
    } finally {
      done();
    }
  };
}

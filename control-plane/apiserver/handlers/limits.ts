// How many requests last at a time: watches, upgraded connections, followed logs. Priority and fairness counts those that end
// by themselves.

import { ApiError } from "@atoll/machinery/object/api-error";
import type { RequestMetrics } from "../metrics/request-metrics.ts";
import type { Answer, Handler, RequestContext } from "../request/context.ts";
import { PiecedBody } from "../request/pieced-body.ts";
import type { ApiResponse } from "../request/request.ts";
import { whenEnded } from "../request/ended-body.ts";
import { isLongRunning } from "../request/request-info.ts";

/** A thousand hosts with ten watches each. */
const LONG_RUNNING_MAX = 10_000;

export function limitLongRunning(metrics: RequestMetrics, countMax = LONG_RUNNING_MAX): Handler {
  let taken = 0;
  const hold = async (context: RequestContext, next: () => Answer): Promise<ApiResponse> => {
    if (taken >= countMax) {
      const text = "The server has received too many requests and has asked us to try again later";
      throw new ApiError("TooManyRequests", text, { details: { retryAfterSeconds: 1 } });
    }
    taken++;
    const ended = metrics.beginLasting(context.info, context.request.method);
    let isTaken = true;
    const release = () => {
      if (!isTaken) return;
      isTaken = false;
      taken--;
      ended();
    };
    let response: ApiResponse;
    try {
      response = await next();
    } catch (error) {
      release();
      throw error;
    }
    const { body } = response;
    if (body instanceof Uint8Array || body instanceof PiecedBody) {
      release();
      return response;
    }
    // A client may go away before anybody begins to read the stream, and then the stream never ends.
    const { signal } = context.request;
    if (signal.aborted) release();
    else signal.addEventListener("abort", release, { once: true });
    return { ...response, body: whenEnded(body, release) };
  };
  return (context, next) => (lasts(context) ? hold(context, next) : next());
}

function lasts({ info, request }: RequestContext): boolean {
  return request.wantsUpgrade || info.verb === "watch" || isLongRunning(info);
}

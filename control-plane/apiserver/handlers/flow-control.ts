// Priority and fairness: a request gets its seats, waits for them, or is told to come back. What lasts as long as its client
// likes takes none, except a watch while it is being opened.

import type { FlowController } from "../flow-control/flow-controller.ts";
import { requestWidth } from "../flow-control/request-width.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { Handler } from "../request/context.ts";
import { type ApiResponse, textResponse } from "../request/request.ts";
import { isLongRunning } from "../request/request-info.ts";

/** What a refused client is told to wait. */
const RETRY_AFTER_SECONDS = 1;

export function controlFlow(controller: FlowController, resources: ResourceTable): Handler {
  return async (context, next) => {
    const { user, info, request, responseHeaders } = context;
    const { verb } = info;
    if (verb !== "watch" && (request.wantsUpgrade || isLongRunning(info))) return next();
    const flow = controller.classify(user, info);
    const { level } = flow;
    responseHeaders["x-kubernetes-pf-flowschema-uid"] = flow.schemaUid;
    responseHeaders["x-kubernetes-pf-prioritylevel-uid"] = level.uid;
    const seats = level.isExempt ? 1 : requestWidth(info, resources, level.bounds.nominal);
    if (!level.tryTake(seats)) {
      const refusal = await controller.wait(flow, { user, info, seats, signal: request.signal });
      if (refusal) return refuse();
    }
    try {
      return await next();
    } finally {
      level.release(seats);
    }
  };
}

function refuse(): ApiResponse {
  const response = textResponse(429, "Too many requests, please try again later.\n");
  return { ...response, headers: { ...response.headers, "retry-after": String(RETRY_AFTER_SECONDS) } };
}

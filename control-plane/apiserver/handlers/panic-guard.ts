// The outermost handler: whatever goes wrong further in becomes a Status, and whatever was to be remarked becomes the Warning
// header. Only what nobody expected is logged; a client's mistakes are the client's.

import { endOfLongStep } from "@atoll/base/node/long-step";
import { type Random, randomUuid } from "@atoll/base/random";
import type { Logger } from "@atoll/base/log";
import { ApiError } from "@atoll/machinery/object/api-error";
import type { SchemaModel } from "@atoll/api/schema";
import { type Encoding, readErrorEncoding } from "../output/output-form.ts";
import { statusResponse } from "../output/values.ts";
import { yamlAnswer } from "../output/yaml-answer.ts";
import type { ApiResponse } from "../request/request.ts";
import type { Handler } from "../request/context.ts";
import { withWarnings } from "../request/warnings.ts";

interface GuardOptions {
  readonly log: Logger;
  readonly model: SchemaModel;
  readonly random: Random;
}

export function guardPanics({ log, model, random }: GuardOptions): Handler {
  const nextId = auditIds(random);
  return async (context, next) => {
    const { responseHeaders, request } = context;
    responseHeaders["audit-id"] = request.headers["audit-id"] ?? nextId();
    responseHeaders["cache-control"] = "no-cache, private";
    let response: ApiResponse;
    try {
      response = await next();
    } catch (error) {
      // Nobody reads the answer of a client that went away, and its going is no fault of ours.
      const isGone = error instanceof Error && error.name === "AbortError";
      const apiError = isGone
        ? new ApiError("Timeout", "The request was given up by its client")
        : ApiError.from(error);
      if (apiError.code >= 500 && !isGone) {
        log.error("Request failed", { method: context.request.method, path: pathOf(context.request.target), error });
      }
      // An object may have as many faults as values, and the answer tells them all.
      await endOfLongStep();
      const encoding = readErrorEncoding(context.request.headers.accept);
      response = await yamlAnswer(errorResponse(apiError, { encoding, model }));
    }
    const { headers } = response;
    return withWarnings({ ...response, headers: { ...context.responseHeaders, ...headers } }, context.warnings);
  };
}

export function errorResponse(
  error: ApiError,
  form: { readonly encoding: Encoding; readonly model: SchemaModel },
): ApiResponse {
  const response = statusResponse(error.code, error.toStatus(), form);
  const retryAfterSeconds = error.details?.retryAfterSeconds;
  if (retryAfterSeconds === undefined) return response;
  return { ...response, headers: { ...response.headers, "retry-after": String(retryAfterSeconds) } };
}

/** A different one for each request: random at the start of the server, counted from there, which costs nearly nothing. */
function auditIds(random: Random): () => string {
  const prefix = randomUuid(random).slice(0, 24);
  let count = Math.floor(random.float() * 0x1_0000_0000);
  return () => prefix + (count++).toString(16).padStart(12, "0");
}

/** Queries may hold tokens; the path is enough to find the request. */
function pathOf(target: string): string {
  return target.split("?", 1)[0] ?? "";
}

// The two ways in which a webhook keeps a request from going on: it could not be asked, or it said no.

import type { Status } from "@atoll/api/meta/types";
import { ApiError } from "@atoll/machinery/object/api-error";

/** The webhook gave no usable answer; its failure policy says what follows. */
export class WebhookCallError extends Error {
  override readonly name = "WebhookCallError";
  /** HTTP status under which it is counted. */
  readonly code: number;

  constructor(webhookName: string, reason: string, { code, ...options }: ErrorOptions & { readonly code: number }) {
    super(`failed calling webhook ${JSON.stringify(webhookName)}: ${reason}`, options);
    this.code = code;
  }
}

export function internalError(message: string, cause?: unknown): ApiError {
  return new ApiError("InternalError", `Internal error occurred: ${message}`, {
    details: { causes: [{ message }] },
    ...(cause === undefined ? {} : { cause }),
  });
}

export const BAD_REQUEST = 400;
export const SERVICE_UNAVAILABLE = 503;

/** The webhook said no. */
export class WebhookDenial extends ApiError {}

/** The webhook's own Status, with whose word it is. */
export function deniedRequest(webhookName: string, result: Partial<Status> | undefined): WebhookDenial {
  const deniedBy = `admission webhook ${JSON.stringify(webhookName)} denied the request`;
  const { message, reason, details } = result ?? {};
  const code = Math.max(result?.code ?? 0, BAD_REQUEST);
  const text = message
    ? `${deniedBy}: ${message}`
    : reason
      ? `${deniedBy}: ${reason}`
      : `${deniedBy} without explanation`;
  return new WebhookDenial(code < 500 ? "BadRequest" : "InternalError", text, {
    code,
    shownReason: reason ?? "",
    ...(details ? { details } : {}),
  });
}

export function dryRunUnsupported(webhookName: string): ApiError {
  return new ApiError("BadRequest", `admission webhook ${JSON.stringify(webhookName)} does not support dry run`);
}

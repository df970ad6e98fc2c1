import { CodedError, describeError } from "@atoll/base/errors";
import { ZodError } from "zod";

/** What a request got wrong, before anything was tried. */
export class RequestError extends CodedError<"InvalidRequest" | "NotFound" | "MethodNotAllowed" | "TooLarge"> {}

/** Codes of all host parts that are not a failure of the host itself. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  InvalidRequest: 400,
  InvalidAddress: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  AlreadyExists: 409,
  Conflict: 409,
  NotConfigured: 409,
  NotRunning: 409,
  TooLarge: 413,
  ImageMissing: 422,
  Unavailable: 503,
  NoSpace: 507,
};

export interface ErrorAnswer {
  readonly status: number;
  readonly body: { readonly code: string; readonly message: string };
}

export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof ZodError) {
    const message = error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`).join("; ");
    return { status: 400, body: { code: "InvalidRequest", message } };
  }
  const code = error instanceof CodedError ? String(error.code) : "Internal";
  return { status: STATUS_BY_CODE[code] ?? 500, body: { code, message: describeError(error) } };
}

// The one error that crosses the Kubernetes API, on both sides: a server throws it and sends its Status, a client reads the
// Status and throws it again. The reasons are Kubernetes' closed list.

import type { Status, StatusCause, StatusDetails } from "@atoll/api/meta/types";
import { describeError } from "@atoll/base/errors";
import { tableOf } from "@atoll/base/table-of";

const HTTP_STATUS = tableOf({
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
  ServerTimeout: 500,
} as const);

export type ApiErrorReason = keyof typeof HTTP_STATUS;

export interface ApiErrorOptions extends ErrorOptions {
  readonly details?: StatusDetails;
  /** Where the number differs from the reason's usual one. */
  readonly code?: number;
  /** Where somebody else's word is passed on as it is: any reason, or "" for none. */
  readonly shownReason?: string;
  /** With Expired: where the list can be gone on with, though no longer as of one version. */
  readonly continueToken?: string;
}

export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly reason: ApiErrorReason;
  readonly details: StatusDetails | undefined;
  readonly code: number;
  readonly #shownReason: string;
  readonly #continueToken: string | undefined;

  constructor(reason: ApiErrorReason, message: string, options: ApiErrorOptions = {}) {
    super(message, options);
    this.reason = reason;
    this.details = options.details;
    this.code = options.code ?? HTTP_STATUS[reason];
    this.#shownReason = options.shownReason ?? reason;
    this.#continueToken = options.continueToken;
  }

  /** The one door for strangers: an ApiError stays as it is, anything else becomes an InternalError with it as the cause. */
  static from(thrown: unknown): ApiError {
    if (thrown instanceof ApiError) return thrown;
    return new ApiError("InternalError", `Internal error occurred: ${describeError(thrown)}`, {
      cause: thrown,
      details: { causes: [{ message: describeError(thrown) }] },
    });
  }

  /** Reads the Status a server sent; a body that is none (a proxy's page, say) still gives the reason of its number. */
  static fromStatus(httpStatus: number, body: unknown): ApiError {
    if (!isStatus(body)) {
      const text = typeof body === "string" ? body.slice(0, 1024) : "";
      return new ApiError(reasonOfHttpStatus(httpStatus), text || `The server answered with status ${httpStatus}`, {
        code: httpStatus,
      });
    }
    const reason =
      body.reason !== undefined && body.reason in HTTP_STATUS
        ? (body.reason as ApiErrorReason) // checked against the table's keys on the line above
        : reasonOfHttpStatus(httpStatus);
    return new ApiError(reason, body.message ?? "", {
      code: body.code || httpStatus,
      ...(body.details ? { details: body.details } : {}),
    });
  }

  toStatus(): Status {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: this.#continueToken === undefined ? {} : { continue: this.#continueToken },
      status: "Failure",
      message: this.message,
      ...(this.#shownReason === "" ? {} : { reason: this.#shownReason }),
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    };
  }
}

/** True when the call failed for `reason`; the way callers branch on an expected failure. */
export function hasReason(thrown: unknown, reason: ApiErrorReason): thrown is ApiError {
  return thrown instanceof ApiError && thrown.reason === reason;
}

/** True when a create failed because its namespace is on its way out: whoever made the object has nothing left to do there. */
export function isNamespaceTerminating(thrown: unknown): boolean {
  return (
    hasReason(thrown, "Forbidden") &&
    (thrown.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") ?? false)
  );
}

interface Subject {
  readonly group: string;
  /** Plural for NotFound, AlreadyExists, Conflict and Forbidden; Kind for Invalid: as upstream words them. */
  readonly name: string;
}

function qualified(group: string, plural: string): string {
  return group === "" ? plural : `${plural}.${group}`;
}

export function notFound(resource: Subject, objectName: string): ApiError {
  return new ApiError("NotFound", `${qualified(resource.group, resource.name)} "${objectName}" not found`, {
    details: { name: objectName, ...groupOf(resource), kind: resource.name },
  });
}

export function alreadyExists(resource: Subject, objectName: string): ApiError {
  return new ApiError("AlreadyExists", `${qualified(resource.group, resource.name)} "${objectName}" already exists`, {
    details: { name: objectName, ...groupOf(resource), kind: resource.name },
  });
}

/** The name that the server has made of `generateName` is taken. */
export function notUnique(resource: Subject, objectName: string): ApiError {
  const what = `${qualified(resource.group, resource.name)} "${objectName}"`;
  return new ApiError(
    "AlreadyExists",
    `${what} already exists, the server was not able to generate a unique name for the object`,
    { details: { name: objectName, ...groupOf(resource), kind: resource.name, retryAfterSeconds: 1 } },
  );
}

export function conflict(resource: Subject, objectName: string, why: string): ApiError {
  return new ApiError(
    "Conflict",
    `Operation cannot be fulfilled on ${qualified(resource.group, resource.name)} "${objectName}": ${why}`,
    { details: { name: objectName, ...groupOf(resource), kind: resource.name } },
  );
}

/** Text of the conflict that every optimistic writer retries on. */
export const OBJECT_MODIFIED =
  "the object has been modified; please apply your changes to the latest version and try again";

export function invalid(kind: Subject, objectName: string, causes: readonly StatusCause[]): ApiError {
  // Two checks may find the same fault: it is said once, and stands among the causes as often as it was found.
  const texts = [...new Set(causes.map((cause) => `${cause.field}: ${cause.message}`))];
  const list = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  return new ApiError("Invalid", `${qualified(kind.group, kind.name)} "${objectName}" is invalid: ${list}`, {
    details: {
      ...(objectName === "" ? {} : { name: objectName }),
      ...groupOf(kind),
      ...(kind.name === "" ? {} : { kind: kind.name }),
      causes: [...causes],
    },
  });
}

function groupOf(subject: Subject): { group?: string } {
  return subject.group === "" ? {} : { group: subject.group };
}

function isStatus(body: unknown): body is Status {
  return typeof body === "object" && body !== null && "kind" in body && body.kind === "Status";
}

function reasonOfHttpStatus(httpStatus: number): ApiErrorReason {
  const entries = Object.entries(HTTP_STATUS) as [ApiErrorReason, number][]; // Object.entries widens the keys to string
  return (
    entries.find(([, status]) => status === httpStatus)?.[0] ?? (httpStatus < 500 ? "BadRequest" : "InternalError")
  );
}

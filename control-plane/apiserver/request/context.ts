import type { Eventual } from "@atoll/base/eventual";
import type { AuditAnnotations } from "./audit-annotations.ts";
import type { ApiRequest, ApiResponse, User } from "./request.ts";
import type { RequestInfo } from "./request-info.ts";

/** What handlers of one request hand to each other. Each field is written by one handler, named here. */
export interface RequestContext {
  /** Replaced by "audit" where the body is written down. */
  request: ApiRequest;
  /** Written by "request info". */
  info: RequestInfo;
  /** Written by "authentication", and by "impersonation" where somebody acts as somebody else. */
  user: User;
  /** Written by "impersonation": the verb that allowed it, where it was for this request alone. */
  impersonationConstraint?: string | undefined;
  /** Sent with whatever answer there is; added to by the handlers that know them. */
  readonly responseHeaders: Record<string, string>;
  /** Texts for the Warning header; anybody adds, the outermost handler sends them. */
  readonly warnings: string[];
  /** Remarks for the audit log; anybody adds. */
  readonly annotations: AuditAnnotations;
}

/** At once where nothing has to be waited for. */
export type Answer = Eventual<ApiResponse>;

export type Handler = (context: RequestContext, next: () => Answer) => Answer;

/** One function out of a list of handlers: each calls the following one through `next`, or answers itself. */
export function composeHandlers(
  handlers: readonly Handler[],
  last: (context: RequestContext) => Answer,
): (context: RequestContext) => Answer {
  return handlers.reduceRight<(context: RequestContext) => Answer>(
    (inner, handler) => (context) => handler(context, () => inner(context)),
    last,
  );
}

// The question every request must pass, and the interface that RBAC takes later.

import type { RequestInfo } from "../request/request-info.ts";
import type { User } from "../request/request.ts";

/** What is asked for. A subset of the request's info, so that access reviews can ask as well. */
export type Attributes = Pick<
  RequestInfo,
  "isResourceRequest" | "verb" | "path" | "group" | "version" | "namespace" | "resource" | "name" | "subresource"
>;

export type Decision =
  | { readonly type: "allow"; readonly reason?: string }
  /** Final: nobody after this one is asked. */
  | { readonly type: "deny"; readonly reason: string }
  | { readonly type: "no-opinion"; readonly reason?: string };

export interface Authorizer {
  authorize(user: User, attributes: Attributes): Decision | Promise<Decision>;
}

/** Asks each in order; the first that allows or denies has decided, and nobody's opinion is a refusal. */
export function firstDecision(authorizers: readonly Authorizer[]): Authorizer {
  return {
    async authorize(user, attributes) {
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const decision = await authorizer.authorize(user, attributes);
        if (decision.type !== "no-opinion") return decision;
        if (decision.reason) reasons.push(decision.reason);
      }
      return { type: "no-opinion", reason: reasons.join(", ") };
    },
  };
}

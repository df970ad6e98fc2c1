// What all reviews share: a question sent as an object, and the answer that is the same object with more in it. None is stored.

import type { KubeObject } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import type { Clock } from "@atoll/base/clock";
import type { BearerTokens } from "../authentication/bearer-tokens.ts";
import type { ServiceAccountTokens } from "../authentication/service-account-tokens.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import type { RoleAuthorizer } from "../authorization/roles/role-authorizer.ts";
import type { VirtualResource } from "../discovery/discovery.ts";
import type { RequestContext } from "../request/context.ts";

export interface ReviewEnvironment {
  readonly model: SchemaModel;
  /** All authorizers together. */
  readonly authorizer: Authorizer;
  readonly roles: RoleAuthorizer;
  /** All kinds of tokens together. */
  readonly bearerTokens: BearerTokens;
  readonly tokens: ServiceAccountTokens;
  readonly clock: Clock;
}

export interface Review extends VirtualResource {
  readonly schema: string;
  /** The fields of the answer that differ from the question. */
  answer(body: KubeObject, context: RequestContext, environment: ReviewEnvironment): Promise<object> | object;
}

export function defineReview(
  { group, kind, scope }: { readonly group: string; readonly kind: string; readonly scope: "Namespaced" | "Cluster" },
  answer: Review["answer"],
): Review {
  const singular = kind.toLowerCase();
  return {
    group,
    version: "v1",
    kind,
    plural: `${singular}s`,
    singular,
    scope,
    verbs: ["create"],
    schema: `io.k8s.api.${group.split(".")[0]}.v1.${kind}`,
    answer,
  };
}

/** The question; decoded by the review's schema before. */
export function specOf<Spec extends object>(body: KubeObject): Spec {
  return ("spec" in body ? (body.spec ?? {}) : {}) as Spec; // as the schema says
}

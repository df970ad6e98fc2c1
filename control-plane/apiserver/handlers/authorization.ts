import type { Clock } from "@atoll/base/clock";
import { whenThere } from "@atoll/base/eventual";
import { type Authorizer, attributesOf } from "../authorization/authorizer.ts";
import { forbidden } from "../authorization/forbidden.ts";
import type { AccessMetrics } from "../metrics/access-metrics.ts";
import type { Handler } from "../request/context.ts";

const RESULTS = { allow: "allowed", deny: "denied", "no-opinion": "no-opinion" } as const;

export interface AuthorizationOptions {
  /** What was decided is remarked for the audit log. */
  readonly isAudited: boolean;
  readonly accessMetrics: AccessMetrics;
  readonly clock: Clock;
}

export function authorize(authorizer: Authorizer, { isAudited, accessMetrics, clock }: AuthorizationOptions): Handler {
  return (context, next) => {
    const attributes = attributesOf(context.info);
    const startMs = clock.monotonicMs();
    return whenThere(authorizer.authorize(context.user, attributes), (decision) => {
      accessMetrics.authorized(RESULTS[decision.type], (clock.monotonicMs() - startMs) / 1000);
      if (isAudited) {
        context.annotations.add("authorization.k8s.io/decision", decision.type === "allow" ? "allow" : "forbid");
        if ("reason" in decision && decision.reason) {
          context.annotations.add("authorization.k8s.io/reason", decision.reason);
        }
      }
      if (decision.type === "allow") return next();
      throw forbidden(context.user, attributes, decision.reason);
    });
  };
}

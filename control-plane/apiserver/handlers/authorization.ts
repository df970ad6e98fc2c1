import { whenThere } from "@atoll/base/eventual";
import { type Authorizer, attributesOf } from "../authorization/authorizer.ts";
import { forbidden } from "../authorization/forbidden.ts";
import type { Handler } from "../request/context.ts";

/** `isAudited`: what was decided is remarked for the audit log. */
export function authorize(authorizer: Authorizer, isAudited: boolean): Handler {
  return (context, next) => {
    const attributes = attributesOf(context.info);
    return whenThere(authorizer.authorize(context.user, attributes), (decision) => {
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

import { type Authorizer, attributesOf } from "../authorization/authorizer.ts";
import { forbidden } from "../authorization/forbidden.ts";
import type { Handler } from "../request/context.ts";

export function authorize(authorizer: Authorizer): Handler {
  return async (context, next) => {
    const attributes = attributesOf(context.info);
    const asked = authorizer.authorize(context.user, attributes);
    const decision = asked instanceof Promise ? await asked : asked;
    if (decision.type === "allow") return next();
    throw forbidden(context.user, attributes, decision.reason);
  };
}

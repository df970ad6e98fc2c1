import { ANONYMOUS } from "../authentication/authenticator.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import { forbidden } from "../authorization/forbidden.ts";
import type { Handler } from "../request/context.ts";
import { unauthorized } from "./authentication.ts";

export function authorize(authorizer: Authorizer): Handler {
  return async (context, next) => {
    const decision = await authorizer.authorize(context.user, context.info);
    if (decision.type === "allow") return next();
    if (context.user === ANONYMOUS) throw unauthorized();
    throw forbidden(context.user, context.info, decision.reason);
  };
}

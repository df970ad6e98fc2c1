import { attributesOf, type Authorizer } from "../authorization/authorizer.ts";
import { Impersonator } from "../impersonation/impersonator.ts";
import { readWantedUser, type WantedUser } from "../impersonation/wanted-user.ts";
import type { Handler, RequestContext } from "../request/context.ts";

/** Where the headers name somebody else and the sender may be that, the request is his from here on. */
export function impersonate(authorizer: Authorizer): Handler {
  const impersonator = new Impersonator(authorizer);
  const become = async (context: RequestContext, wanted: WantedUser) => {
    const { user, constraint } = await impersonator.become(wanted, context.user, attributesOf(context.info));
    context.user = user;
    context.impersonationConstraint = constraint;
  };
  return (context, next) => {
    const wanted = readWantedUser(context.request);
    return wanted ? become(context, wanted).then(next) : next();
  };
}

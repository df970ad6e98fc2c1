import { type Eventual, whenThere } from "@atoll/base/eventual";
import { ANONYMOUS, type Authenticator } from "../authentication/authenticator.ts";
import type { Handler } from "../request/context.ts";
import type { ApiRequest, User } from "../request/request.ts";

/** Asks each authenticator in order. Nobody's request goes on as anonymous, who may do what roles give him: see the health. */
export function authenticate(authenticators: readonly Authenticator[]): Handler {
  const ask = (request: ApiRequest, index: number): Eventual<User | undefined> => {
    const authenticator = authenticators[index];
    return authenticator && whenThere(authenticator(request), (user) => user ?? ask(request, index + 1));
  };
  return (context, next) =>
    whenThere(context.request.transportUser ?? ask(context.request, 0), (user) => {
      context.user = user ?? ANONYMOUS;
      return next();
    });
}

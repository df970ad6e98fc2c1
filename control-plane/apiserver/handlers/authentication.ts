import { ANONYMOUS, type Authenticator } from "../authentication/authenticator.ts";
import type { Handler } from "../request/context.ts";

/** Asks each authenticator in order. Nobody's request goes on as anonymous, who may do what roles give him: see the health. */
export function authenticate(authenticators: readonly Authenticator[]): Handler {
  return async (context, next) => {
    context.user = (await firstUser(authenticators, context.request)) ?? ANONYMOUS;
    return next();
  };
}

async function firstUser(authenticators: readonly Authenticator[], request: Parameters<Authenticator>[0]) {
  if (request.transportUser) return request.transportUser;
  for (const authenticator of authenticators) {
    const user = await authenticator(request);
    if (user) return user;
  }
  return undefined;
}

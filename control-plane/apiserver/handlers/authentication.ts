import { ApiError } from "@atoll/machinery/object/api-error";
import { ANONYMOUS, type Authenticator } from "../authentication/authenticator.ts";
import type { Handler } from "../request/context.ts";

/**
 * Asks each authenticator in order. Nobody's request goes on as anonymous, which authorization lets see the health checks
 * and nothing else: there a refusal is "Unauthorized", for logging in would help.
 */
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

export function unauthorized(): ApiError {
  return new ApiError("Unauthorized", "Unauthorized");
}

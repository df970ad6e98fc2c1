import type { Clock } from "@atoll/base/clock";
import { type Eventual, whenThere } from "@atoll/base/eventual";
import type { Authenticator } from "../authentication/authenticator.ts";
import { unauthorized } from "../authentication/bearer-tokens.ts";
import type { AccessMetrics, AuthenticationResult } from "../metrics/access-metrics.ts";
import type { Handler } from "../request/context.ts";
import type { ApiRequest, User } from "../request/request.ts";

/** Asks each authenticator in order; a request that none of them knows is refused. */
export function authenticate(
  authenticators: readonly Authenticator[],
  { accessMetrics, clock }: { readonly accessMetrics: AccessMetrics; readonly clock: Clock },
): Handler {
  const ask = (request: ApiRequest, index: number): Eventual<User | undefined> => {
    const authenticator = authenticators[index];
    return authenticator && whenThere(authenticator(request), (user) => user ?? ask(request, index + 1));
  };
  return (context, next) => {
    const startMs = clock.monotonicMs();
    const count = (result: AuthenticationResult) =>
      accessMetrics.authenticated(result, (clock.monotonicMs() - startMs) / 1000);
    const refuse = (thrown: unknown): never => {
      count("failure");
      throw thrown;
    };
    let found: Eventual<User | undefined>;
    try {
      found = context.request.transportUser ?? ask(context.request, 0);
    } catch (thrown) {
      return refuse(thrown);
    }
    return whenThere(found instanceof Promise ? found.catch(refuse) : found, (user) => {
      if (!user) return refuse(unauthorized());
      count("success");
      const { certificateEndsMs } = context.request;
      if (certificateEndsMs !== undefined) accessMetrics.certificateShown((certificateEndsMs - clock.now()) / 1000);
      context.user = user;
      return next();
    });
  };
}

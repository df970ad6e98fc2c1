// What whoever runs the server says of users beside the cluster itself. It may change while the server runs.

import type { ApiRequest } from "../request/request.ts";
import { ANONYMOUS, type Authenticator } from "./authenticator.ts";
import type { TokenVerifier } from "./bearer-tokens.ts";

export interface AnonymousAccess {
  readonly enabled: boolean;
  /** The paths that somebody without credentials may ask for; none: all. */
  readonly conditions: readonly { readonly path: string }[];
}

export interface ConfiguredAuthentication {
  readonly verifiers: readonly TokenVerifier[];
  /** Undefined: anonymous requests are for roles to decide on. */
  readonly anonymous: AnonymousAccess | undefined;
}

export const NOTHING_CONFIGURED: ConfiguredAuthentication = { verifiers: [], anonymous: undefined };

/** The last to be asked: who shows nothing is anonymous, where that is allowed. */
export function anonymousUsers(configured: ConfiguredAuthentication): Authenticator {
  return (request) => (isAllowed(configured.anonymous, request) ? ANONYMOUS : undefined);
}

function isAllowed(access: AnonymousAccess | undefined, { target }: ApiRequest): boolean {
  if (!access) return true;
  const { enabled, conditions } = access;
  if (!enabled || conditions.length === 0) return enabled;
  const [path] = target.split("?", 1);
  return conditions.some((condition) => condition.path === path);
}

// Who is asked for a request's user, in this order: the front proxy, tokens, and then whether nobody may be somebody.

import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { ApiRequest } from "../request/request.ts";
import type { Authenticator } from "./authenticator.ts";
import { BearerTokens } from "./bearer-tokens.ts";
import { bindingLookup } from "./binding-lookup.ts";
import { BootstrapTokens } from "./bootstrap-tokens.ts";
import { anonymousUsers, type ConfiguredAuthentication, NOTHING_CONFIGURED } from "./configured-authentication.ts";
import { type FrontProxyOptions, frontProxyUsers } from "./front-proxy.ts";
import { SecretTokens } from "./secret-tokens.ts";
import type { ServiceAccountTokens } from "./service-account-tokens.ts";

export interface AuthenticationOptions {
  readonly resources: ResourceTable;
  readonly tokens: ServiceAccountTokens;
  /** Undefined: none is believed. */
  readonly frontProxy: FrontProxyOptions | undefined;
  /** Undefined: service accounts' and bootstrap tokens are all, and who shows nothing is anonymous. */
  readonly configured: ConfiguredAuthentication | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Authentication {
  readonly authenticators: readonly Authenticator[];
  /** One of them, for whoever has a token and asks whose it is. */
  readonly bearerTokens: BearerTokens;
}

export function makeAuthentication(options: AuthenticationOptions): Authentication {
  const { resources, tokens, frontProxy, configured = NOTHING_CONFIGURED, clock, log } = options;
  const lookup = bindingLookup(resources);
  const accountTokens = {
    verify: (token: string, audiences: readonly string[]) => tokens.verify(token, audiences, lookup),
  };
  const secretTokens = new SecretTokens({ key: tokens.key, resources, audience: tokens.issuer, clock, log });
  const bearerTokens = new BearerTokens({
    own: [accountTokens, secretTokens, new BootstrapTokens(resources, clock)],
    configured,
    audience: tokens.issuer,
  });
  const authenticators = [
    ...(frontProxy ? [frontProxyUsers(frontProxy)] : []),
    (request: ApiRequest) => bearerTokens.authenticate(request),
    anonymousUsers(configured),
  ];
  return { authenticators, bearerTokens };
}

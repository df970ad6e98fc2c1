// What a request passes, from the outside in. This list is the order; each handler is in the file of its name.

import type { SchemaModel } from "@atoll/api/schema";
import type { Logger } from "@atoll/base/log";
import type { Authenticator } from "./authentication/authenticator.ts";
import type { Authorizer } from "./authorization/authorizer.ts";
import { authenticate } from "./handlers/authentication.ts";
import { authorize } from "./handlers/authorization.ts";
import { compressLargeAnswers } from "./handlers/compression.ts";
import { impersonate } from "./handlers/impersonation.ts";
import { limitInFlight } from "./handlers/limits.ts";
import { guardPanics } from "./handlers/panic-guard.ts";
import { readRequestInfo } from "./handlers/request-info.ts";
import type { Handler } from "./request/context.ts";

export function handlerChain(options: {
  readonly log: Logger;
  readonly model: SchemaModel;
  readonly authenticators: readonly Authenticator[];
  readonly authorizer: Authorizer;
}): readonly Handler[] {
  return [
    guardPanics(options),
    readRequestInfo,
    limitInFlight(),
    authenticate(options.authenticators),
    impersonate(options.authorizer),
    authorize(options.authorizer),
    compressLargeAnswers,
    // Then the router: discovery and health, or the registry, where admission and the store are.
  ];
}

// What a request passes, from the outside in. This list is the order; each handler is in the file of its name.

import type { SchemaModel } from "@atoll/api/schema";
import type { Logger } from "@atoll/base/log";
import type { Authenticator } from "./authentication/authenticator.ts";
import type { Authorizer } from "./authorization/authorizer.ts";
import type { FlowController } from "./flow-control/flow-controller.ts";
import { authenticate } from "./handlers/authentication.ts";
import { authorize } from "./handlers/authorization.ts";
import { compressLargeAnswers } from "./handlers/compression.ts";
import { impersonate } from "./handlers/impersonation.ts";
import { controlFlow } from "./handlers/flow-control.ts";
import { limitLongRunning } from "./handlers/limits.ts";
import { guardPanics } from "./handlers/panic-guard.ts";
import { readRequestInfo } from "./handlers/request-info.ts";
import type { ResourceTable } from "./registry/resource-table.ts";
import type { Handler } from "./request/context.ts";

export function handlerChain(options: {
  readonly log: Logger;
  readonly model: SchemaModel;
  readonly authenticators: readonly Authenticator[];
  readonly authorizer: Authorizer;
  readonly flows: FlowController;
  readonly resources: ResourceTable;
}): readonly Handler[] {
  return [
    guardPanics(options),
    readRequestInfo,
    limitLongRunning(),
    authenticate(options.authenticators),
    impersonate(options.authorizer),
    controlFlow(options.flows, options.resources),
    authorize(options.authorizer),
    compressLargeAnswers,
    // Then the router: discovery and health, or the registry, where admission and the store are.
  ];
}

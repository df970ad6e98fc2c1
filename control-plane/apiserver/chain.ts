// What a request passes, from the outside in. This list is the order; each handler is in the file of its name.

import type { SchemaModel } from "@atoll/api/schema";
import type { Clock } from "@atoll/base/clock";
import type { Random } from "@atoll/base/random";
import type { Tracer } from "@atoll/base/tracing";
import type { Logger } from "@atoll/base/log";
import type { Authenticator } from "./authentication/authenticator.ts";
import type { Authorizer } from "./authorization/authorizer.ts";
import type { FlowController } from "./flow-control/flow-controller.ts";
import { type AuditOptions, auditRequests } from "./handlers/audit.ts";
import { authenticate } from "./handlers/authentication.ts";
import { authorize } from "./handlers/authorization.ts";
import { compressLargeAnswers } from "./handlers/compression.ts";
import { impersonate } from "./handlers/impersonation.ts";
import { controlFlow } from "./handlers/flow-control.ts";
import { indentForPeople } from "./handlers/indentation.ts";
import { limitLongRunning } from "./handlers/limits.ts";
import { measureRequests } from "./handlers/metrics.ts";
import { guardPanics } from "./handlers/panic-guard.ts";
import { readRequestInfo } from "./handlers/request-info.ts";
import { traceRequests } from "./handlers/tracing.ts";
import { writeYamlAnswers } from "./handlers/yaml.ts";
import type { AccessMetrics } from "./metrics/access-metrics.ts";
import type { RequestMetrics } from "./metrics/request-metrics.ts";
import type { ResourceTable } from "./registry/resource-table.ts";
import type { Handler } from "./request/context.ts";

export function handlerChain(options: {
  readonly log: Logger;
  readonly model: SchemaModel;
  readonly authenticators: readonly Authenticator[];
  readonly authorizer: Authorizer;
  /** Undefined: nothing is written down. */
  readonly audit: AuditOptions | undefined;
  /** Undefined: nobody is told of requests. */
  readonly tracer: Tracer | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly requestMetrics: RequestMetrics;
  readonly accessMetrics: AccessMetrics;
  readonly flows: FlowController;
  readonly resources: ResourceTable;
}): readonly Handler[] {
  return [
    measureRequests(options.requestMetrics, options.clock),
    indentForPeople,
    guardPanics(options),
    readRequestInfo,
    limitLongRunning(options.requestMetrics),
    authenticate(options.authenticators, options),
    ...(options.tracer ? [traceRequests(options.tracer)] : []),
    ...(options.audit ? [auditRequests(options.audit, options)] : []),
    impersonate(options.authorizer),
    controlFlow(options.flows, options.resources),
    authorize(options.authorizer, { ...options, isAudited: options.audit !== undefined }),
    compressLargeAnswers,
    writeYamlAnswers,
    // Then the router: discovery and health, or the registry, where admission and the store are.
  ];
}

import type { Clock } from "@atoll/base/clock";
import type { Random } from "@atoll/base/random";
import type { ResourceTable } from "../registry/resource-table.ts";
import { AdmissionChain } from "./admission.ts";
import { defaultTolerations } from "./default-tolerations.ts";
import { warnOfIgnoredFields } from "./ignored-fields.ts";
import { namespaceLifecycle } from "./namespace-lifecycle.ts";
import { nodeRestriction } from "./node-restriction.ts";
import { podPriority } from "./pod-priority.ts";
import { type EscalationOptions, roleEscalation } from "./role-escalation.ts";
import { schemaDefaults } from "./schema-defaults.ts";
import { serviceAccountAdmission } from "./service-account.ts";

/** All steps in their order. */
export function builtInAdmission(
  options: EscalationOptions & {
    readonly resources: ResourceTable;
    readonly clock: Clock;
    readonly random: Random;
  },
): AdmissionChain {
  const { resources } = options;
  return new AdmissionChain([
    namespaceLifecycle(resources),
    nodeRestriction(resources),
    serviceAccountAdmission(options),
    podPriority(resources),
    defaultTolerations(resources),
    warnOfIgnoredFields(resources),
    roleEscalation(options),
    schemaDefaults(resources),
  ]);
}

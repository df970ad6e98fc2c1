import type { Clock } from "@atoll/base/clock";
import type { Random } from "@atoll/base/random";
import { type Tracer, untraced } from "@atoll/base/tracing";
import { localApiService } from "../aggregation/local-api-services.ts";
import type { SchemaModel } from "@atoll/api/schema";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionMetrics } from "../metrics/admission-metrics.ts";
import { AdmissionChain } from "./admission.ts";
import { certificateRequests } from "./certificate-requests.ts";
import { claimResize } from "./claim-resize.ts";
import { defaultIngressClass, defaultStorageClass } from "./default-classes.ts";
import { defaultTolerations } from "./default-tolerations.ts";
import { warnOfIgnoredFields } from "./ignored-fields.ts";
import { limitRanger } from "./limit-ranger.ts";
import { RequestMatcher } from "./matching/request-matcher.ts";
import { namespaceLifecycle } from "./namespace-lifecycle.ts";
import { nodeRestriction } from "./node-restriction.ts";
import { nodeTaint } from "./node-taint.ts";
import { podPriority } from "./pod-priority.ts";
import { podSecurity } from "./pod-security/pod-security.ts";
import { podTopologyLabels } from "./pod-topology-labels.ts";
import { mutatingPolicies } from "./policies/mutating-policies.ts";
import { ParamFinder } from "./policies/params.ts";
import { validatingPolicies } from "./policies/validating-policies.ts";
import { resourceQuota } from "./resource-quota.ts";
import { type EscalationOptions, roleEscalation } from "./role-escalation.ts";
import { runtimeClass } from "./runtime-class.ts";
import { serviceAccountAdmission } from "./service-account.ts";
import { storageProtection } from "./storage-protection.ts";
import { volumePhaseTime } from "./volume-phase-time.ts";
import { mutatingWebhooks, validatingWebhooks, type WebhookStepOptions } from "./webhooks/webhook-steps.ts";

/**
 * All steps in upstream's order, with our own before those in which others decide. The quota is last: what is charged to it
 * is refused by nobody else.
 */
export function builtInAdmission(
  options: EscalationOptions & {
    readonly resources: ResourceTable;
    readonly clock: Clock;
    readonly random: Random;
    readonly webhooks: WebhookStepOptions;
    readonly tracer: Tracer | undefined;
    readonly metrics: AdmissionMetrics;
    /** Of all kinds that are served now. */
    readonly model: () => SchemaModel;
  },
): AdmissionChain {
  const { resources, authorizer, model, webhooks, tracer = untraced, metrics, clock } = options;
  const matcher = new RequestMatcher(resources);
  const policies = { matcher, params: new ParamFinder(resources), authorizer, convert: webhooks.convert, model };
  const steps = [
    namespaceLifecycle(resources),
    limitRanger(resources),
    serviceAccountAdmission(options),
    nodeRestriction(resources),
    nodeTaint(resources),
    podSecurity(resources),
    podPriority(resources),
    defaultTolerations(resources),
    defaultStorageClass(resources),
    storageProtection(resources),
    claimResize(resources),
    runtimeClass(resources),
    defaultIngressClass(resources),
    podTopologyLabels(resources),
    volumePhaseTime(options),
    warnOfIgnoredFields(resources),
    certificateRequests(options),
    localApiService(resources, options.clock),
    mutatingPolicies(resources, policies),
    mutatingWebhooks(options.webhooks),
    roleEscalation(options),
    validatingPolicies(resources, policies),
    validatingWebhooks(options.webhooks),
    resourceQuota(options),
  ];
  return new AdmissionChain(steps, { tracer, metrics, clock });
}

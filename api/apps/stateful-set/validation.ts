import { validateClaimSpec } from "../../core/persistent-volume-claim/validation.ts";
import type {
  PodTemplateSpec,
  StatefulSet,
  StatefulSetPersistentVolumeClaimRetentionPolicy,
  StatefulSetSpec,
  StatefulSetUpdateStrategy,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, isEqualJson, required } from "../../meta/field-error.ts";
import { checkDns1123Label } from "../../meta/names.ts";
import {
  invalidTexts,
  validateAtMostAll,
  validateChoice,
  validateIntOrPercent,
  validateNotNegative,
} from "../../meta/value-validation.ts";
import { validateSelectorAndTemplate } from "../pod-template.ts";
import { validateWorkloadStatus } from "../status-validation.ts";

const RETENTIONS = ["Delete", "Retain"];

/** What may change in a set's life; all else is what its pods and their claims were made by. */
const CHANGEABLE = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
] as const;

export function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  if (!spec) return [required("spec.selector"), required("spec.template")];
  const errors = validateSpec(spec);
  if (spec.serviceName)
    errors.push(...invalidTexts("spec.serviceName", spec.serviceName, checkDns1123Label(spec.serviceName)));
  for (const [i, claim] of (spec.volumeClaimTemplates ?? []).entries()) {
    if (claim.spec) errors.push(...validateClaimSpec(claim.spec, `spec.volumeClaimTemplates[${i}].spec`));
  }
  return errors;
}

export function validateStatefulSetUpdate({ spec }: StatefulSet, { spec: old }: StatefulSet): FieldError[] {
  if (!spec) return [required("spec.selector"), required("spec.template")];
  const errors = validateSpec(spec);
  const fixedPart = (of: StatefulSetSpec) =>
    Object.fromEntries(Object.entries(of).filter(([name]) => !CHANGEABLE.some((changeable) => changeable === name)));
  if (!isEqualJson(fixedPart(spec), fixedPart(old))) {
    const text =
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
    errors.push(forbidden("spec", text));
  }
  return errors;
}

export function validateStatefulSetStatus({ status }: StatefulSet, { status: old }: StatefulSet): FieldError[] {
  return validateWorkloadStatus(status ?? {}, old, {
    counters: [
      "replicas",
      "readyReplicas",
      "currentReplicas",
      "updatedReplicas",
      "availableReplicas",
      "observedGeneration",
      "collisionCount",
    ],
    atMostReplicas: ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"],
    readyName: "status.readyReplicas",
  });
}

function validateSpec(spec: StatefulSetSpec): FieldError[] {
  return [
    ...validateManagement(spec.podManagementPolicy),
    ...validateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy"),
    ...validateRetention(spec.persistentVolumeClaimRetentionPolicy ?? {}),
    ...validateNotNegative(spec.replicas, "spec.replicas"),
    ...validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds"),
    ...validateNotNegative(spec.ordinals?.start, "spec.ordinals.start"),
    ...validateSelectorAndTemplate(spec.selector, templateAsRun(spec), "StatefulSet"),
  ];
}

/** The set gives each pod its name, subdomain and the volumes of its claims, so the template need not have them right. */
function templateAsRun(spec: StatefulSetSpec): PodTemplateSpec | undefined {
  const { template } = spec;
  if (!template?.spec) return template;
  const { hostname: _hostname, subdomain: _subdomain, ...rest } = template.spec;
  const claims = new Set((spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata?.name ?? ""));
  const volumes = [
    ...[...claims].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    ...(rest.volumes ?? []).filter(({ name }) => !claims.has(name)),
  ];
  return { ...template, spec: { ...rest, volumes } };
}

function validateManagement(policy: string | undefined): FieldError[] {
  const field = "spec.podManagementPolicy";
  if (!policy) return [required(field)];
  return policy === "OrderedReady" || policy === "Parallel"
    ? []
    : [invalidValue(field, policy, "must be 'OrderedReady' or 'Parallel'")];
}

function validateStrategy({ type, rollingUpdate }: StatefulSetUpdateStrategy, path: string): FieldError[] {
  if (!type) return [required(path)];
  const field = `${path}.rollingUpdate`;
  if (type === "OnDelete") {
    return rollingUpdate ? [invalidValue(field, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")] : [];
  }
  if (type !== "RollingUpdate") {
    return [invalidValue(path, { type }, "must be 'RollingUpdate' or 'OnDelete'")];
  }
  const errors = validateNotNegative(rollingUpdate?.partition, `${field}.partition`);
  const maxUnavailable = rollingUpdate?.maxUnavailable;
  errors.push(
    ...validateIntOrPercent(maxUnavailable, `${field}.maxUnavailable`),
    ...validateAtMostAll(maxUnavailable, `${field}.maxUnavailable`),
  );
  if (maxUnavailable === 0 || maxUnavailable === "0%") {
    errors.push(invalidValue(`${field}.maxUnavailable`, maxUnavailable, "cannot be 0"));
  }
  return errors;
}

function validateRetention(policy: StatefulSetPersistentVolumeClaimRetentionPolicy): FieldError[] {
  const path = "spec.persistentVolumeClaimRetentionPolicy";
  return [
    ...validateChoice(policy.whenDeleted, RETENTIONS, `${path}.whenDeleted`),
    ...validateChoice(policy.whenScaled, RETENTIONS, `${path}.whenScaled`),
  ];
}

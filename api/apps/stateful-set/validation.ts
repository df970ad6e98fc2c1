import { validateClaimSpec } from "../../core/persistent-volume-claim/validation.ts";
import { validatePodTemplate } from "../../core/pod/validation.ts";
import type {
  PersistentVolumeClaim,
  PodTemplateSpec,
  StatefulSet,
  StatefulSetPersistentVolumeClaimRetentionPolicy,
  StatefulSetSpec,
  StatefulSetUpdateStrategy,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, isEqualJson, required } from "../../meta/field-error.ts";
import { isUsableSelector } from "../../meta/label-selector-validation.ts";
import { allFaults } from "../../meta/long-checks.ts";
import { checkDns1123Label } from "../../meta/names.ts";
import { validateAnnotations, validateLabels } from "../../meta/object-meta.ts";
import {
  invalidTexts,
  validateAtMostAll,
  numberOf,
  validateIntOrPercent,
  validateNotNegative,
  validateOptionalChoice,
} from "../../meta/value-validation.ts";
import { validateEndlessness, validateMatch, validateSelector } from "../pod-template.ts";
import { validateWorkloadStatus } from "../status-validation.ts";

const RETENTIONS = ["Retain", "Delete"];

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
  return validateSpec(spec, { isNew: true, checksTemplate: true });
}

export function validateStatefulSetUpdate({ spec }: StatefulSet, { spec: old }: StatefulSet): FieldError[] {
  // What is wrong with a template that was let in once does not keep the set from being changed.
  const checksTemplate = allFaults(validateSpec(old, { isNew: false, checksTemplate: true })).length === 0;
  const errors = validateSpec(spec, { isNew: false, checksTemplate });
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

interface SpecRules {
  /** Service and claims never change, so only a new set is asked about them. */
  readonly isNew: boolean;
  readonly checksTemplate: boolean;
}

function validateSpec(spec: StatefulSetSpec, { isNew, checksTemplate }: SpecRules): FieldError[] {
  return [
    ...validateManagement(spec.podManagementPolicy),
    ...validateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy"),
    ...validateRetention(spec.persistentVolumeClaimRetentionPolicy ?? {}),
    ...(isNew ? validateClaims(spec.volumeClaimTemplates ?? []) : []),
    ...validateNotNegative(spec.replicas, "spec.replicas"),
    ...validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds"),
    ...validateNotNegative(spec.ordinals?.start, "spec.ordinals.start"),
    ...(isNew && spec.serviceName
      ? invalidTexts("spec.serviceName", spec.serviceName, checkDns1123Label(spec.serviceName))
      : []),
    ...validateSelector(spec.selector, "statefulset"),
    ...validateTemplate(spec, checksTemplate),
    ...validateEndlessness(spec.template, "StatefulSet"),
  ];
}

function validateClaims(claims: readonly PersistentVolumeClaim[]): FieldError[] {
  return claims.flatMap(({ spec }, i) => validateClaimSpec(spec ?? {}, `spec.volumeClaimTemplates[${i}].spec`));
}

function validateTemplate(spec: StatefulSetSpec, checksTemplate: boolean): FieldError[] {
  const { selector } = spec;
  if (selector && !isUsableSelector(selector)) return [invalidValue("spec.selector", selector, "")];
  const template = templateAsRun(spec);
  const path = "spec.template";
  return [
    ...validateMatch(selector, template),
    ...(checksTemplate ? validatePodTemplate(template, path) : []),
    ...validateLabels(template.metadata?.labels, `${path}.labels`),
    ...validateAnnotations(template.metadata?.annotations, `${path}.annotations`),
  ];
}

/** The set gives each pod its name, subdomain and the volumes of its claims, so the template need not have them right. */
function templateAsRun(spec: StatefulSetSpec): PodTemplateSpec {
  const { template } = spec;
  if (!template.spec) return template;
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

function validateStrategy(strategy: StatefulSetUpdateStrategy, path: string): FieldError[] {
  const { type, rollingUpdate } = strategy;
  if (!type) return [required(path)];
  const field = `${path}.rollingUpdate`;
  if (type === "OnDelete") {
    return rollingUpdate ? [invalidValue(field, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")] : [];
  }
  if (type !== "RollingUpdate") {
    return [invalidValue(path, strategy, "must be 'RollingUpdate' or 'OnDelete'")];
  }
  const errors = validateNotNegative(rollingUpdate?.partition, `${field}.partition`);
  const maxUnavailable = rollingUpdate?.maxUnavailable;
  if (maxUnavailable === undefined) return errors;
  errors.push(...validateIntOrPercent(maxUnavailable, `${field}.maxUnavailable`));
  if (numberOf(maxUnavailable) === 0) {
    errors.push(invalidValue(`${field}.maxUnavailable`, maxUnavailable, "cannot be 0"));
  }
  return [...errors, ...validateAtMostAll(maxUnavailable, `${field}.maxUnavailable`)];
}

function validateRetention(policy: StatefulSetPersistentVolumeClaimRetentionPolicy): FieldError[] {
  const path = "spec.persistentVolumeClaimRetentionPolicy";
  return [
    ...validateOptionalChoice(policy.whenDeleted, RETENTIONS, `${path}.whenDeleted`),
    ...validateOptionalChoice(policy.whenScaled, RETENTIONS, `${path}.whenScaled`),
  ];
}

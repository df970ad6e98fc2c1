// A pod hardly changes once it is made: images, a shorter deadline, more tolerations, gates taken away.

import type { Container, Pod, PodSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, isEqualJson } from "../../meta/field-error.ts";
import { isGated, validateGatedUpdate } from "./gated-update.ts";
import { validatePod } from "./validation.ts";

const UPDATABLE =
  "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = [...validatePod(pod), ...validateAnnotations(pod, old)];
  const others = [
    ...validateSameContainers(pod.spec.containers, old.spec.containers, "spec.containers"),
    ...validateSameContainers(pod.spec.initContainers, old.spec.initContainers, "spec.initContainers"),
  ];
  // With other containers nothing below can be compared in pairs.
  if (others.length > 0) return [...errors, ...others];
  errors.push(
    ...validateDeadline(pod.spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds),
    ...validateTolerationsOnlyAdded(pod, old),
    ...validateSchedulingGates(pod, old),
    ...(isGated(old) ? validateGatedUpdate(pod, old) : []),
  );
  if (!isEqualJson(withUpdatableFieldsOf(pod.spec, old.spec, isGated(old)), old.spec)) {
    errors.push(forbidden("spec", `pod updates may not change fields other than ${UPDATABLE}`));
  }
  return errors;
}

const MIRROR = "kubernetes.io/config.mirror";
const APP_ARMOR_PREFIX = "container.apparmor.security.beta.kubernetes.io/";

/** What a host reads once, when the pod begins. */
function validateAnnotations(pod: Pod, old: Pod): FieldError[] {
  const [now = {}, before = {}] = [pod.metadata.annotations, old.metadata.annotations];
  const errors: FieldError[] = [];
  const refuse = (key: string, verb: string) => {
    const noun =
      key === MIRROR ? "mirror pod annotation" : key.startsWith(APP_ARMOR_PREFIX) ? "AppArmor annotations" : "";
    if (noun !== "") errors.push(forbidden(`metadata.annotations[${key}]`, `may not ${verb} ${noun}`));
  };
  for (const key of Object.keys(before)) if (now[key] !== before[key]) refuse(key, "remove or update");
  for (const key of Object.keys(now)) if (before[key] === undefined) refuse(key, "add");
  return errors;
}

function validateSameContainers(
  containers: readonly Container[] | undefined,
  old: readonly Container[] | undefined,
  field: string,
): FieldError[] {
  if ((containers ?? []).length === (old ?? []).length) return [];
  return [forbidden(field, "pod updates may not add or remove containers")];
}

function validateDeadline(deadline: number | undefined, old: number | undefined): FieldError[] {
  const field = "spec.activeDeadlineSeconds";
  if (old === undefined) return [];
  if (deadline === undefined)
    return [invalidValue(field, null, "must not update from a positive integer to nil value")];
  return deadline > old ? [invalidValue(field, deadline, "must be less than or equal to previous value")] : [];
}

function validateSchedulingGates(pod: Pod, old: Pod): FieldError[] {
  const before = new Set((old.spec.schedulingGates ?? []).map((gate) => gate.name));
  return (pod.spec.schedulingGates ?? [])
    .filter((gate) => !before.has(gate.name))
    .map((gate) =>
      forbidden("spec.schedulingGates", `only deletion is allowed, but found new scheduling gate '${gate.name}'`),
    );
}

function validateTolerationsOnlyAdded(pod: Pod, old: Pod): FieldError[] {
  const kept = (old.spec.tolerations ?? []).every((toleration) =>
    (pod.spec.tolerations ?? []).some((candidate) =>
      // How long a taint is tolerated may change.
      isEqualJson({ ...candidate, tolerationSeconds: 0 }, { ...toleration, tolerationSeconds: 0 }),
    ),
  );
  const text = "existing toleration can not be modified except its tolerationSeconds";
  return kept ? [] : [forbidden("spec.tolerations", text)];
}

/** The new spec with the old one's values in every field that may change: what remains different is forbidden. */
function withUpdatableFieldsOf(spec: PodSpec, old: PodSpec, isGated: boolean): Record<string, unknown> {
  const masked: Record<string, unknown> = {
    ...spec,
    containers: withImagesOf(spec.containers, old.containers),
    initContainers: withImagesOf(spec.initContainers, old.initContainers),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
    schedulingGates: old.schedulingGates,
  };
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) {
    masked.terminationGracePeriodSeconds = old.terminationGracePeriodSeconds;
  }
  // A gated pod is not yet placed; what may change of where it goes is checked above.
  if (isGated) {
    masked.nodeSelector = old.nodeSelector;
    masked.affinity = withNodeAffinityOf(spec, old);
  }
  return masked;
}

function withNodeAffinityOf({ affinity }: PodSpec, { affinity: old }: PodSpec): PodSpec["affinity"] {
  const { nodeAffinity: _new, ...others } = affinity ?? {};
  const { nodeAffinity: former, ...formerOthers } = old ?? {};
  return isEqualJson(others, formerOthers) ? old : { ...others, ...(former ? { nodeAffinity: former } : {}) };
}

function withImagesOf(
  containers: readonly Container[] | undefined,
  old: readonly Container[] | undefined,
): readonly Record<string, unknown>[] | undefined {
  return containers?.map((container, i) => ({ ...container, image: old?.[i]?.image }));
}

// A pod hardly changes once it is made: images, a shorter deadline, more tolerations, gates taken away.

import type { Container, Pod, PodSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, isEqualJson } from "../../meta/field-error.ts";
import { APP_ARMOR_PREFIX, MIRROR_ANNOTATION } from "./annotation-validation.ts";
import { isGated, validateGatedUpdate } from "./gated-update.ts";
import { validatePod } from "./validation.ts";

const UPDATABLE =
  "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = [...validatePod(pod), ...validateAnnotationUpdate(pod, old)];
  for (const list of ["containers", "initContainers"] as const) {
    const others = validateSameContainers(pod.spec[list], old.spec[list], `spec.${list}`);
    // With other containers nothing below can be compared in pairs.
    if (others.length > 0) return [...errors, ...others];
  }
  const [deadline, before] = [pod.spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds];
  const late = validateDeadline(deadline, before);
  if (late.length > 0 && deadline !== undefined) return [...errors, ...late];
  errors.push(
    ...late,
    ...validateTolerationsOnlyAdded(pod, old),
    ...validateSchedulingGates(pod, old),
    ...(isGated(old) ? validateGatedUpdate(pod, old) : []),
  );
  if (!isEqualJson(withUpdatableFieldsOf(pod.spec, old.spec, isGated(old)), old.spec)) {
    errors.push(forbidden("spec", `pod updates may not change fields other than ${UPDATABLE}`));
  }
  return errors;
}

/** What a host reads once, when the pod begins. */
export function validateAnnotationUpdate(pod: Pod, old: Pod): FieldError[] {
  const [now = {}, before = {}] = [pod.metadata.annotations, old.metadata.annotations];
  const errors: FieldError[] = [];
  const refuse = (key: string, verb: string) => {
    const noun =
      key === MIRROR_ANNOTATION
        ? "mirror pod annotation"
        : key.startsWith(APP_ARMOR_PREFIX)
          ? "AppArmor annotations"
          : "";
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

const DEADLINE_MAX = 2_147_483_647;

function validateDeadline(deadline: number | undefined, old: number | undefined): FieldError[] {
  const field = "spec.activeDeadlineSeconds";
  if (deadline === undefined) {
    if (old === undefined) return [];
    return [invalidValue(field, null, "must not update from a positive integer to nil value")];
  }
  if (deadline < 0 || deadline > DEADLINE_MAX) {
    return [invalidValue(field, deadline, `must be between 0 and ${DEADLINE_MAX}, inclusive`)];
  }
  const isLater = old !== undefined && deadline > old;
  return isLater ? [invalidValue(field, deadline, "must be less than or equal to previous value")] : [];
}

function validateSchedulingGates(pod: Pod, old: Pod): FieldError[] {
  const before = new Set((old.spec.schedulingGates ?? []).map((gate) => gate.name));
  const gates = pod.spec.schedulingGates ?? [];
  return gates.flatMap(({ name }, i) => {
    // Of two gates of one name the last is told of.
    const isLast = gates.findLastIndex((gate) => gate.name === name) === i;
    if (before.has(name) || !isLast) return [];
    const text = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return [forbidden(`spec.schedulingGates[${i}].name`, text)];
  });
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

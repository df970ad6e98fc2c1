import type { PodSecurityContext, PodSpec, SeccompProfile, SecurityContext } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { validateOptionalChoice } from "../../meta/value-validation.ts";
import { validateSysctls } from "./sysctl-validation.ts";

/** Users and groups are numbered up to here. */
const ID_MAX = 2_147_483_647;

const SECCOMP_TYPES = ["Localhost", "RuntimeDefault", "Unconfined"];
const PROC_MOUNTS = ["Default", "Unmasked"];

export function validateSecurity(spec: PodSpec, path: string): FieldError[] {
  const field = `${path}.securityContext`;
  const errors = [
    ...validatePodContext(spec.securityContext ?? {}, field),
    ...validateSysctls(spec, `${field}.sysctls`),
    ...validatePolicies(spec.securityContext ?? {}, field),
  ];
  if (spec.shareProcessNamespace && spec.hostPID) {
    const text = "ShareProcessNamespace and HostPID cannot both be enabled";
    errors.push(invalidValue(`${field}.shareProcessNamespace`, true, text));
  }
  for (const list of ["containers", "initContainers", "ephemeralContainers"] as const) {
    for (const [i, container] of (spec[list] ?? []).entries()) {
      if (container.securityContext) {
        const ofContainer = `${path}.${list}[${i}].securityContext`;
        errors.push(...validateContainerContext(container.securityContext, spec.hostUsers !== false, ofContainer));
      }
    }
  }
  return errors;
}

function validatePodContext(context: PodSecurityContext, path: string): FieldError[] {
  const groups = (context.supplementalGroups ?? []).flatMap((group, i) =>
    validateId(group, `${path}.supplementalGroups[${i}]`),
  );
  return [
    ...validateId(context.runAsUser, `${path}.runAsUser`),
    ...validateId(context.runAsGroup, `${path}.runAsGroup`),
    ...validateId(context.fsGroup, `${path}.fsGroup`),
    ...groups,
    ...validateSeccompProfile(context.seccompProfile, `${path}.seccompProfile`),
  ];
}

function validatePolicies(context: PodSecurityContext, path: string): FieldError[] {
  const { fsGroupChangePolicy, supplementalGroupsPolicy, seLinuxChangePolicy } = context;
  const choice = (value: string | undefined, choices: readonly string[], name: string) =>
    validateOptionalChoice(value, [...choices], `${path}.${name}`);
  return [
    ...choice(fsGroupChangePolicy, ["Always", "OnRootMismatch"], "fsGroupChangePolicy"),
    ...choice(supplementalGroupsPolicy, ["Merge", "Strict"], "supplementalGroupsPolicy"),
    ...choice(seLinuxChangePolicy, ["Recursive"], "seLinuxChangePolicy"),
  ];
}

function validateContainerContext(context: SecurityContext, usesHostUsers: boolean, path: string): FieldError[] {
  const errors = [
    ...validateId(context.runAsUser, `${path}.runAsUser`),
    ...validateId(context.runAsGroup, `${path}.runAsGroup`),
    ...validateSeccompProfile(context.seccompProfile, `${path}.seccompProfile`),
  ];
  const { procMount } = context;
  if (procMount !== undefined) {
    if (!PROC_MOUNTS.includes(procMount)) errors.push(notSupported(`${path}.procMount`, procMount, PROC_MOUNTS));
    if (procMount === "Unmasked" && usesHostUsers) {
      errors.push(invalidValue(`${path}.procMount`, procMount, "`hostUsers` must be false to use `Unmasked`"));
    }
  }
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged) {
      const text = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
      errors.push(invalidValue(path, context, text));
    }
    if (context.capabilities?.add?.includes("CAP_SYS_ADMIN")) {
      const text = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
      errors.push(invalidValue(path, context, text));
    }
  }
  return errors;
}

function validateId(id: number | undefined, field: string): FieldError[] {
  return id !== undefined && (id < 0 || id > ID_MAX)
    ? [invalidValue(field, id, `must be between 0 and ${ID_MAX}, inclusive`)]
    : [];
}

function validateSeccompProfile(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  if (!SECCOMP_TYPES.includes(profile.type)) return [notSupported(`${path}.type`, profile.type ?? "", SECCOMP_TYPES)];
  const isLocal = profile.type === "Localhost";
  if (isLocal && !profile.localhostProfile) {
    return [required(`${path}.localhostProfile`, "must be set when seccomp type is Localhost")];
  }
  return !isLocal && profile.localhostProfile !== undefined
    ? [invalidValue(`${path}.localhostProfile`, profile, "can only be set when seccomp type is Localhost")]
    : [];
}

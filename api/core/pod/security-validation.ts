// What a pod as a whole may do: as whom it runs, what it shares with its host, which kernel settings it changes.

import type { PodSecurityContext, PodSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue } from "../../meta/field-error.ts";
import { validateOptionalChoice } from "../../meta/value-validation.ts";
import { allContainers } from "./all-containers.ts";
import { validateAppArmorProfile, validateId, validateSeccompProfile } from "./container-security-validation.ts";
import { validateSysctls } from "./sysctl-validation.ts";
import { validateWindowsOptions } from "./windows-validation.ts";

export function validateSecurity(spec: PodSpec, path: string): FieldError[] {
  const field = `${path}.securityContext`;
  const context = spec.securityContext ?? {};
  return [
    ...validateIds(context, field),
    ...(spec.shareProcessNamespace && spec.hostPID
      ? [
          invalidValue(
            `${field}.shareProcessNamespace`,
            true,
            "ShareProcessNamespace and HostPID cannot both be enabled",
          ),
        ]
      : []),
    ...validateSysctls(spec, `${field}.sysctls`),
    ...validatePolicies(context, field),
    ...validateSeccompProfile(context.seccompProfile, `${field}.seccompProfile`),
    ...validateWindowsOptions(context.windowsOptions, `${field}.windowsOptions`),
    ...validateAppArmorProfile(context.appArmorProfile, `${field}.appArmorProfile`),
  ];
}

function validateIds(context: PodSecurityContext, path: string): FieldError[] {
  const groups = context.supplementalGroups ?? [];
  return [
    ...validateId(context.fsGroup, `${path}.fsGroup`),
    ...validateId(context.runAsUser, `${path}.runAsUser`),
    ...validateId(context.runAsGroup, `${path}.runAsGroup`),
    ...groups.flatMap((group, i) => validateId(group, `${path}.supplementalGroups[${i}]`)),
  ];
}

function validatePolicies(context: PodSecurityContext, path: string): FieldError[] {
  const { fsGroupChangePolicy, supplementalGroupsPolicy, seLinuxChangePolicy } = context;
  const choice = (value: string | undefined, choices: readonly string[], name: string) =>
    validateOptionalChoice(value, choices, `${path}.${name}`);
  return [
    ...choice(fsGroupChangePolicy, ["Always", "OnRootMismatch"], "fsGroupChangePolicy"),
    ...choice(supplementalGroupsPolicy, ["Merge", "Strict"], "supplementalGroupsPolicy"),
    ...choice(seLinuxChangePolicy, ["Recursive"], "seLinuxChangePolicy"),
  ];
}

/** Users of its own and the host's namespaces exclude each other. */
export function validateHostUsers(spec: PodSpec, path: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const refuse = (field: string) => forbidden(`${path}.${field}`, "when `hostUsers` is false");
  return [
    ...(spec.hostNetwork ? [refuse("hostNetwork")] : []),
    // Upstream's spelling of the two.
    ...(spec.hostPID ? [refuse("HostPID")] : []),
    ...(spec.hostIPC ? [refuse("HostIPC")] : []),
    ...allContainers(spec)
      .filter(({ container }) => container.volumeDevices?.length)
      .map(({ field }) => refuse(`${field}.volumeDevices`)),
  ];
}

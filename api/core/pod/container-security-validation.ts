import type { AppArmorProfile, SeccompProfile, SecurityContext } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, notSupported, required, tooLong } from "../../meta/field-error.ts";
import { validateDescendingPath } from "./path-validation.ts";
import { validateWindowsOptions } from "./windows-validation.ts";

/** Users and groups are numbered up to here. */
const ID_MAX = 2_147_483_647;
const PROC_MOUNTS = ["Default", "Unmasked"];

export function validateContainerSecurity(
  context: SecurityContext | undefined,
  usesHostUsers: boolean,
  path: string,
): FieldError[] {
  if (!context) return [];
  return [
    ...validateId(context.runAsUser, `${path}.runAsUser`),
    ...validateId(context.runAsGroup, `${path}.runAsGroup`),
    ...validateProcMount(context.procMount, usesHostUsers, `${path}.procMount`),
    ...validateSeccompProfile(context.seccompProfile, `${path}.seccompProfile`),
    ...validateEscalation(context, path),
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmorProfile(context.appArmorProfile, `${path}.appArmorProfile`),
  ];
}

function validateProcMount(procMount: string | undefined, usesHostUsers: boolean, field: string): FieldError[] {
  if (procMount === undefined) return [];
  if (!PROC_MOUNTS.includes(procMount)) return [notSupported(field, procMount, PROC_MOUNTS)];
  if (procMount !== "Unmasked" || !usesHostUsers) return [];
  return [invalidValue(field, procMount, "`hostUsers` must be false to use `Unmasked`")];
}

function validateEscalation(context: SecurityContext, path: string): FieldError[] {
  if (context.allowPrivilegeEscalation !== false) return [];
  const refuse = (other: string) =>
    invalidValue(path, context, `cannot set \`allowPrivilegeEscalation\` to false and ${other}`);
  const capabilities = context.capabilities?.add ?? [];
  return [
    ...(context.privileged ? [refuse("`privileged` to true")] : []),
    ...capabilities
      .filter((capability) => capability === "CAP_SYS_ADMIN")
      .map(() => refuse("`capabilities.Add` CAP_SYS_ADMIN")),
  ];
}

export function validateId(id: number | undefined, field: string): FieldError[] {
  return id !== undefined && (id < 0 || id > ID_MAX)
    ? [invalidValue(field, id, `must be between 0 and ${ID_MAX}, inclusive`)]
    : [];
}

const PROFILE_TYPES = ["Localhost", "RuntimeDefault", "Unconfined"];

export function validateSeccompProfile(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const { type = "", localhostProfile }: Partial<SeccompProfile> = profile;
  const field = `${path}.localhostProfile`;
  const errors = validateProfileType(type, "type is required when seccompProfile is set", path);
  if (type !== "Localhost") {
    if (localhostProfile === undefined) return errors;
    const fault = invalidValue(field, profile, "can only be set when seccomp type is Localhost");
    return [...errors, { ...fault, valueType: "io.k8s.api.core.v1.SeccompProfile" }];
  }
  return localhostProfile === undefined
    ? [...errors, required(field, "must be set when seccomp type is Localhost")]
    : [...errors, ...validateDescendingPath(localhostProfile, field)];
}

function validateProfileType(type: string, textIfMissing: string, path: string): FieldError[] {
  if (type === "") return [required(`${path}.type`, textIfMissing)];
  return PROFILE_TYPES.includes(type) ? [] : [notSupported(`${path}.type`, type, PROFILE_TYPES)];
}

const APP_ARMOR_PROFILE_BYTES_MAX = 4095;

export function validateAppArmorProfile(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const { type = "", localhostProfile: name }: Partial<AppArmorProfile> = profile;
  const field = `${path}.localhostProfile`;
  const errors = validateProfileType(type, "type is required when appArmorProfile is set", path);
  if (errors.length > 0) return errors;
  if (type !== "Localhost") {
    return name === undefined ? [] : [invalidValue(field, name, "can only be set when AppArmor type is Localhost")];
  }
  const missing = required(field, "must be set when AppArmor type is Localhost");
  if (name === undefined) return [missing];
  if (name !== name.trim()) errors.push(invalidValue(field, name, "must not be padded with whitespace"));
  else if (name === "") errors.push(missing);
  if (name.length > APP_ARMOR_PROFILE_BYTES_MAX) errors.push(tooLong(field, APP_ARMOR_PROFILE_BYTES_MAX));
  return errors;
}

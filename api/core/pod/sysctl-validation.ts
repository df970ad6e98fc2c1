import type { PodSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, invalidValue, required } from "../../meta/field-error.ts";

const NAME_LENGTH_MAX = 253;
const SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const PATTERN = `^(${SEGMENT}[\\./])*${SEGMENT}$`;
const NAME = new RegExp(PATTERN);

/** Kernel parameters that belong to the IPC namespace, beside everything in fs.mqueue. */
const IPC_NAMES: ReadonlySet<string> = new Set(
  ["sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced", "shm", "msgmax", "msgmnb", "msgmni", "msg"].map(
    (name) => `kernel.${name}`,
  ),
);

export function validateSysctls(spec: PodSpec, path: string): FieldError[] {
  const seen = new Set<string>();
  return (spec.securityContext?.sysctls ?? []).flatMap(({ name = "" }, i) => {
    const field = `${path}[${i}].name`;
    const errors = validateName(name, field);
    if (errors.length === 0 && seen.has(name)) errors.push(duplicate(field, name));
    seen.add(name);
    return [...errors, ...validateNamespace(spec, name, field)];
  });
}

function validateName(name: string, field: string): FieldError[] {
  if (name === "") return [required(field)];
  if (name.length <= NAME_LENGTH_MAX && NAME.test(name)) return [];
  return [invalidValue(field, name, `must have at most ${NAME_LENGTH_MAX} characters and match regex ${PATTERN}`)];
}

/** What a pod shares with its host it cannot set for itself. */
function validateNamespace({ hostNetwork, hostIPC }: PodSpec, name: string, field: string): FieldError[] {
  const dotted = /^[^.]*\//.test(name) ? swapSeparators(name) : name;
  if (hostNetwork && dotted.startsWith("net.")) {
    return [invalidValue(field, name, "may not be specified when 'hostNetwork' is true")];
  }
  if (hostIPC && (IPC_NAMES.has(dotted) || dotted.startsWith("fs.mqueue."))) {
    return [invalidValue(field, name, "may not be specified when 'hostIPC' is true")];
  }
  return [];
}

/** "net/ipv4/conf/eno2.100/rp_filter" is "net.ipv4.conf.eno2/100.rp_filter". */
function swapSeparators(name: string): string {
  return name.replace(/[./]/g, (separator) => (separator === "." ? "/" : "."));
}

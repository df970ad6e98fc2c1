// What only pods for Windows may say, and what they may not. No host of ours runs them; others' tools make such pods.

import type { PodSpec, SecurityContext, WindowsSecurityContextOptions } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { checkDns1123Subdomain } from "../../meta/names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import { allContainers } from "./all-containers.ts";

const SPECIFICATION_KIB_MAX = 64;
const DOMAIN_LENGTH_MAX = 256;
const USER_LENGTH_MAX = 104;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;
const NET_BIOS_DOMAIN = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const DNS_DOMAIN = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`);

export function validateWindowsOptions(options: WindowsSecurityContextOptions | undefined, path: string): FieldError[] {
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: specification, runAsUserName: user } = options ?? {};
  const errors: FieldError[] = [];
  if (name !== undefined) {
    errors.push(...invalidTexts(`${path}.gmsaCredentialSpecName`, name, checkDns1123Subdomain(name)));
  }
  if (specification === "") {
    const text = "gmsaCredentialSpec cannot be an empty string";
    errors.push(invalidValue(`${path}.gmsaCredentialSpec`, specification, text));
  } else if ((specification ?? "").length > SPECIFICATION_KIB_MAX * 1024) {
    const text = `gmsaCredentialSpec size must be under ${SPECIFICATION_KIB_MAX} KiB`;
    errors.push(invalidValue(`${path}.gmsaCredentialSpec`, specification, text));
  }
  if (user !== undefined) errors.push(...invalidTexts(`${path}.runAsUserName`, user, checkUserName(user)));
  return errors;
}

/** "DOMAIN\user", or "user" alone. */
function checkUserName(name: string): string[] {
  if (name === "") return ["runAsUserName cannot be an empty string"];
  if (CONTROL_CHARACTER.test(name)) return ["runAsUserName cannot contain control characters"];
  const parts = name.split("\\");
  if (parts.length > 2) return ["runAsUserName cannot contain more than one backslash"];
  const domain = parts.length === 2 ? (parts[0] ?? "") : undefined;
  return [...checkDomain(domain), ...checkUser(parts.at(-1) ?? "")];
}

function checkDomain(domain: string | undefined): string[] {
  if (domain === undefined) return [];
  const texts: string[] = [];
  if (domain.length >= DOMAIN_LENGTH_MAX) {
    texts.push(`runAsUserName's Domain length must be under ${DOMAIN_LENGTH_MAX} characters`);
  }
  if (!NET_BIOS_DOMAIN.test(domain) && !DNS_DOMAIN.test(domain)) {
    texts.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  }
  return texts;
}

function checkUser(user: string): string[] {
  const texts: string[] = [];
  if (user === "") texts.push("runAsUserName's User cannot be empty");
  else if (user.length > USER_LENGTH_MAX) {
    texts.push(`runAsUserName's User length must not be longer than ${USER_LENGTH_MAX} characters`);
  }
  if (/^[. ]+$/.test(user)) texts.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    texts.push(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  }
  return texts;
}

/** Either all containers are processes of the host, in its network, or none is. */
export function validateHostProcess(spec: PodSpec, path: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const containers = allContainers(spec).map(({ container, field }) => {
    return { field, own: container.securityContext?.windowsOptions?.hostProcess };
  });
  const errors = containers
    .filter(({ own }) => own !== undefined && ofPod !== undefined && own !== ofPod)
    .map(({ own, field }) => {
      const text = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      return invalidValue(`${path}.${field}.securityContext.windowsOptions.hostProcess`, own, text);
    });
  const count = containers.filter(({ own }) => own ?? ofPod ?? false).length;
  if (count === 0) return errors;
  if (count !== containers.length) {
    const text = "If pod contains any hostProcess containers then all containers must be HostProcess containers";
    errors.push(invalidValue(path, "", text));
  }
  if (!spec.hostNetwork) {
    const text = "hostNetwork must be true if pod contains any hostProcess containers";
    errors.push(invalidValue(`${path}.hostNetwork`, false, text));
  }
  return errors;
}

const SYSTEMS = ["linux", "windows"];

export function validateSystem(spec: PodSpec, path: string): FieldError[] {
  if (!spec.os) return [];
  const { name = "" }: Partial<typeof spec.os> = spec.os;
  if (name === "") return [required(`${path}.os.name`)];
  if (!SYSTEMS.includes(name)) return [notSupported(`${path}.os`, name, SYSTEMS)];
  return name === "linux" ? refuseWindowsOptions(spec, path) : refuseLinuxFields(spec, path);
}

function refuseWindowsOptions(spec: PodSpec, path: string): FieldError[] {
  const refuse = (field: string) =>
    forbidden(`${path}.${field}.windowsOptions`, "windows options cannot be set for a linux pod");
  return [
    ...(spec.securityContext?.windowsOptions ? [refuse("securityContext")] : []),
    ...allContainers(spec)
      .filter(({ container }) => container.securityContext?.windowsOptions)
      .map(({ field }) => refuse(`${field}.securityContext`)),
  ];
}

const LINUX_FIELDS_OF_POD = [
  ...["appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls"],
  ...["runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy"],
] as const;
const LINUX_FIELDS_OF_CONTAINER = [
  ...["appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged"],
  ...["allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup"],
] as const satisfies readonly (keyof SecurityContext)[];

function refuseLinuxFields(spec: PodSpec, path: string): FieldError[] {
  const refuse = (field: string) => forbidden(`${path}.${field}`, "cannot be set for a windows pod");
  const context = spec.securityContext ?? {};
  return [
    ...(["hostUsers", "shareProcessNamespace"] as const).filter((name) => spec[name] !== undefined).map(refuse),
    ...(["hostPID", "hostIPC"] as const).filter((name) => spec[name]).map(refuse),
    ...LINUX_FIELDS_OF_POD.filter((name) => context[name] !== undefined).map((name) =>
      refuse(`securityContext.${name}`),
    ),
    ...allContainers(spec).flatMap(({ container, field }) =>
      LINUX_FIELDS_OF_CONTAINER.filter((name) => container.securityContext?.[name] !== undefined).map((name) =>
        refuse(`${field}.securityContext.${name}`),
      ),
    ),
  ];
}

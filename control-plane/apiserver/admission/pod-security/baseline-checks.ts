// What no pod needs that is not a part of the cluster itself.

import type { Probe, SELinuxOptions } from "@atoll/api/generated/types";
import {
  type Check,
  type CheckedContainer,
  containersOf,
  distinct,
  nameContainers,
  namesWhere,
  plural,
  quote,
  settersOf,
} from "./violation.ts";

const APP_ARMOR_PREFIX = "container.apparmor.security.beta.kubernetes.io/";
const APP_ARMOR_TYPES = ["RuntimeDefault", "Localhost"];

export const appArmorProfile: Check = (pod) => {
  const isBad = (type: string | undefined) => type !== undefined && !APP_ARMOR_TYPES.includes(type);
  const typeOfPod = pod.spec.securityContext?.appArmorProfile?.type;
  const typeOf = ({ securityContext }: CheckedContainer) => securityContext?.appArmorProfile?.type;
  const names = namesWhere(pod, (container) => isBad(typeOf(container)));
  const annotations = Object.entries(pod.metadata.annotations ?? {})
    .filter(([name, value]) => name.startsWith(APP_ARMOR_PREFIX) && !isAppArmorValue(value))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .sort();
  const setters = [
    settersOf(isBad(typeOfPod), names),
    annotations.length > 0 ? plural("annotation", annotations.length) : "",
  ].filter((each) => each !== "");
  if (setters.length === 0) return undefined;
  const types = [typeOfPod, ...containersOf(pod).map(typeOf)].filter((type) => type !== undefined).filter(isBad);
  const values = [...distinct(types), ...annotations];
  return {
    reason: plural("forbidden AppArmor profile", values.length),
    detail: `${setters.join(" and ")} must not set AppArmor profile type to ${quote(values)}`,
  };
};

function isAppArmorValue(value: string): boolean {
  return value === "" || value === "runtime/default" || value.startsWith("localhost/");
}

const DEFAULT_CAPABILITIES: ReadonlySet<string> = new Set([
  ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP"],
  ...["SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"],
]);

export const defaultCapabilities: Check = (pod) => {
  const others = ({ securityContext }: CheckedContainer) =>
    (securityContext?.capabilities?.add ?? []).filter((capability) => !DEFAULT_CAPABILITIES.has(capability));
  const names = namesWhere(pod, (container) => others(container).length > 0);
  if (names.length === 0) return undefined;
  const added = quote(distinct(containersOf(pod).flatMap(others)));
  return {
    reason: "non-default capabilities",
    detail: `${nameContainers(names)} must not include ${added} in securityContext.capabilities.add`,
  };
};

export const hostNamespaces: Check = ({ spec }) => {
  const shared = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((name) => spec[name]);
  if (shared.length === 0) return undefined;
  return { reason: "host namespaces", detail: shared.map((name) => `${name}=true`).join(", ") };
};

export const hostPathVolumes: Check = ({ spec }) => {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return { reason: "hostPath volumes", detail: `${plural("volume", names.length)} ${quote(names)}` };
};

export const hostPorts: Check = (pod) => {
  const portsOf = ({ ports = [] }: CheckedContainer) =>
    ports.flatMap(({ hostPort }) => (hostPort ? [`${hostPort}`] : []));
  const names = namesWhere(pod, (container) => portsOf(container).length > 0);
  if (names.length === 0) return undefined;
  const ports = distinct(containersOf(pod).flatMap(portsOf));
  const verb = names.length === 1 ? "uses" : "use";
  return {
    reason: "hostPort",
    detail: `${nameContainers(names)} ${verb} ${plural("hostPort", ports.length)} ${ports.join(", ")}`,
  };
};

/** Probes and hooks that go elsewhere make the host a way around the network's rules. */
export const probeHosts: Check = (pod) => {
  const hostsOf = (action: Pick<Probe, "httpGet" | "tcpSocket"> | undefined) =>
    [action?.httpGet?.host, action?.tcpSocket?.host].flatMap((host) => host || []);
  const allHostsOf = ({ livenessProbe, readinessProbe, startupProbe, lifecycle }: CheckedContainer) =>
    [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap(hostsOf);
  const names = distinct(namesWhere(pod, (container) => allHostsOf(container).length > 0));
  if (names.length === 0) return undefined;
  const hosts = distinct(containersOf(pod).flatMap(allHostsOf));
  const verb = names.length === 1 ? "uses" : "use";
  return {
    reason: "probe or lifecycle host",
    detail: `${nameContainers(names)} ${verb} ${plural("probe or lifecycle host", hosts.length)} ${quote(hosts)}`,
  };
};

export const privileged: Check = (pod) => {
  const names = namesWhere(pod, ({ securityContext }) => securityContext?.privileged === true);
  if (names.length === 0) return undefined;
  return { reason: "privileged", detail: `${nameContainers(names)} must not set securityContext.privileged=true` };
};

export const procMount: Check = (pod) => {
  const mountOf = ({ securityContext }: CheckedContainer) => {
    const mount = securityContext?.procMount;
    return mount === undefined || mount === "Default" ? [] : [mount];
  };
  const names = namesWhere(pod, (container) => mountOf(container).length > 0);
  if (names.length === 0) return undefined;
  const mounts = quote(distinct(containersOf(pod).flatMap(mountOf)));
  return {
    reason: "procMount",
    detail: `${nameContainers(names)} must not set securityContext.procMount to ${mounts}`,
  };
};

const SELINUX_TYPES = ["", "container_t", "container_init_t", "container_kvm_t"];

export const seLinuxOptions = seLinuxCheck(SELINUX_TYPES);
export const seLinuxOptionsWithEngine = seLinuxCheck([...SELINUX_TYPES, "container_engine_t"]);

function seLinuxCheck(types: readonly string[]): Check {
  const isBad = (options: SELinuxOptions | undefined) =>
    options !== undefined && (!types.includes(options.type ?? "") || Boolean(options.user) || Boolean(options.role));
  return (pod) => {
    const ofPod = pod.spec.securityContext?.seLinuxOptions;
    const names = namesWhere(pod, ({ securityContext }) => isBad(securityContext?.seLinuxOptions));
    const setters = settersOf(isBad(ofPod), names);
    if (setters === "") return undefined;
    const all = [ofPod, ...containersOf(pod).map(({ securityContext }) => securityContext?.seLinuxOptions)];
    const bad = distinct(all.flatMap((options) => options?.type || []).filter((type) => !types.includes(type)));
    const faults = [
      ...(bad.length > 0 ? [`${plural("type", bad.length)} ${quote(bad)}`] : []),
      ...(all.some((options) => options?.user) ? ["user may not be set"] : []),
      ...(all.some((options) => options?.role) ? ["role may not be set"] : []),
    ];
    return {
      reason: "seLinuxOptions",
      detail: `${setters} set forbidden securityContext.seLinuxOptions: ${faults.join("; ")}`,
    };
  };
}

const SECCOMP_TYPES = ["Localhost", "RuntimeDefault"];
const SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER_PREFIX = "container.seccomp.security.alpha.kubernetes.io/";

/** Before seccomp had fields. */
export const seccompAnnotations: Check = (pod) => {
  const { annotations = {} } = pod.metadata;
  const names = [SECCOMP_POD, ...containersOf(pod).map(({ name }) => `${SECCOMP_CONTAINER_PREFIX}${name}`)];
  const bad = names.flatMap((name) => {
    const value = annotations[name];
    return value === undefined || isSeccompValue(value) ? [] : [`${name}=${JSON.stringify(value)}`];
  });
  if (bad.length === 0) return undefined;
  const texts = distinct(bad);
  return { reason: "seccompProfile", detail: `forbidden ${plural("annotation", texts.length)} ${texts.join(", ")}` };
};

function isSeccompValue(value: string): boolean {
  return value === "runtime/default" || value === "docker/default" || value.startsWith("localhost/");
}

export const seccompProfile: Check = (pod) => {
  const isBad = (type: string | undefined) => type !== undefined && !SECCOMP_TYPES.includes(type);
  const typeOfPod = pod.spec.securityContext?.seccompProfile?.type;
  const typeOf = ({ securityContext }: CheckedContainer) => securityContext?.seccompProfile?.type;
  const names = namesWhere(pod, (container) => isBad(typeOf(container)));
  const setters = settersOf(isBad(typeOfPod), names);
  if (setters === "") return undefined;
  const types = [typeOfPod, ...containersOf(pod).map(typeOf)].filter((type) => type !== undefined).filter(isBad);
  return {
    reason: "seccompProfile",
    detail: `${setters} must not set securityContext.seccompProfile.type to ${quote(distinct(types))}`,
  };
};

const SYSCTLS = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_unprivileged_port_start",
];
const SYSCTLS_27 = [...SYSCTLS, "net.ipv4.ip_local_reserved_ports"];
const SYSCTLS_29 = [
  ...SYSCTLS_27,
  ...["time", "intvl", "probes"].map((name) => `net.ipv4.tcp_keepalive_${name}`),
  "net.ipv4.tcp_fin_timeout",
];

export const sysctls = sysctlCheck(SYSCTLS);
export const sysctls27 = sysctlCheck(SYSCTLS_27);
export const sysctls29 = sysctlCheck(SYSCTLS_29);
export const sysctls32 = sysctlCheck([...SYSCTLS_29, "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]);

function sysctlCheck(allowed: readonly string[]): Check {
  return ({ spec }) => {
    const names = (spec.securityContext?.sysctls ?? [])
      .map(({ name }) => name)
      .filter((name) => !allowed.includes(name));
    return names.length === 0 ? undefined : { reason: "forbidden sysctls", detail: names.join(", ") };
  };
}

export const windowsHostProcess: Check = (pod) => {
  const isSetByPod = pod.spec.securityContext?.windowsOptions?.hostProcess === true;
  const names = namesWhere(pod, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true);
  const setters = settersOf(isSetByPod, names);
  if (setters === "") return undefined;
  return { reason: "hostProcess", detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true` };
};

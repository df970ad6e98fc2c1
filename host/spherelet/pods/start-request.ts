// A Pod as the agent wants it: everything resolved (variables, ports by name, pod-wide security) so that the guest needs no
// knowledge of Kubernetes' objects and no connection to anybody.

import type {
  Container,
  ContainerPort,
  HTTPGetAction,
  IntOrString,
  LifecycleHandler,
  Pod,
  Probe,
  SecurityContext,
} from "@atoll/api/generated/types";
import { RestartPolicy } from "@atoll/api/guest-agent/agent_pb";
import type { RequestInit } from "@atoll/api/guest-agent/client";
import { PodSourceError } from "./object-source.ts";
import { bytesOf, millisOf } from "./resource-amount.ts";
import { expandVariables } from "./variable-expansion.ts";

/** Kubernetes' own: 10 s doubling up to 5 minutes. */
const RESTART_BACKOFF_INITIAL_MS = 10_000;
const RESTART_BACKOFF_MAX_MS = 300_000;
/** Longest host name the kernel takes is 64; a DNS label has 63. */
const HOSTNAME_CHARACTERS_MAX = 63;

type StartPod = RequestInit<"startPod">;
type AgentContainer = Exclude<NonNullable<StartPod["containers"]>[number], undefined>;

export interface StartInputs {
  /** Of every container, by name. */
  readonly environments: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Serial of the image disk of every container, by name. */
  readonly imageSerials: ReadonlyMap<string, string>;
}

export function podHostname(pod: Pod): string {
  return (pod.spec.hostname || pod.metadata.name || "pod").slice(0, HOSTNAME_CHARACTERS_MAX).replace(/[-.]+$/, "");
}

export function startRequest(pod: Pod, inputs: StartInputs): StartPod {
  const { spec } = pod;
  const container = (one: Container) => agentContainer(pod, one, inputs);
  return {
    podUid: pod.metadata.uid ?? "",
    podName: pod.metadata.name ?? "",
    podNamespace: pod.metadata.namespace ?? "",
    initContainers: (spec.initContainers ?? []).map(container),
    containers: spec.containers.map(container),
    emptyDirs: (spec.volumes ?? []).flatMap(({ name, emptyDir }) =>
      emptyDir
        ? [{ name, memory: emptyDir.medium === "Memory", sizeLimitBytes: BigInt(bytesOf(emptyDir.sizeLimit)) }]
        : [],
    ),
    restartPolicy: restartPolicy(spec.restartPolicy),
    shareProcessNamespace: spec.shareProcessNamespace ?? false,
    sysctls: (spec.securityContext?.sysctls ?? []).map(({ name, value }) => ({ name, value })),
    ...(spec.activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds: BigInt(spec.activeDeadlineSeconds) }),
    ...(spec.securityContext?.fsGroup === undefined ? {} : { fsGroup: spec.securityContext.fsGroup }),
    restartBackoffInitialMs: RESTART_BACKOFF_INITIAL_MS,
    restartBackoffMaxMs: RESTART_BACKOFF_MAX_MS,
    hostname: podHostname(pod),
  };
}

function restartPolicy(policy: string | undefined): RestartPolicy {
  if (policy === "Never") return RestartPolicy.NEVER;
  return policy === "OnFailure" ? RestartPolicy.ON_FAILURE : RestartPolicy.ALWAYS;
}

function agentContainer(pod: Pod, container: Container, inputs: StartInputs): AgentContainer {
  const variables = inputs.environments.get(container.name) ?? new Map<string, string>();
  const expand = (text: string) => expandVariables(text, variables);
  const probe = (one: Probe | undefined) => (one ? agentProbe(container, one) : undefined);
  const optional = {
    livenessProbe: probe(container.livenessProbe),
    readinessProbe: probe(container.readinessProbe),
    startupProbe: probe(container.startupProbe),
    postStart: container.lifecycle?.postStart && agentHandler(container, container.lifecycle.postStart),
    preStop: container.lifecycle?.preStop && agentHandler(container, container.lifecycle.preStop),
    restartPolicy: container.restartPolicy === "Always" ? RestartPolicy.ALWAYS : undefined,
  };
  return {
    name: container.name,
    imageDiskSerial: inputs.imageSerials.get(container.name) ?? "",
    command: (container.command ?? []).map(expand),
    args: (container.args ?? []).map(expand),
    workingDir: container.workingDir ?? "",
    env: [...variables].map(([name, value]) => ({ name, value })),
    mounts: (container.volumeMounts ?? []).map((mount) => ({
      volume: mount.name,
      mountPath: mount.mountPath,
      subPath: mount.subPathExpr ? expand(mount.subPathExpr) : (mount.subPath ?? ""),
      readOnly: mount.readOnly ?? false,
    })),
    resources: agentResources(container),
    security: agentSecurity(pod, container.securityContext ?? {}),
    tty: container.tty ?? false,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    terminationMessagePath: container.terminationMessagePath ?? "/dev/termination-log",
    terminationMessageFallbackToLogs: container.terminationMessagePolicy === "FallbackToLogsOnError",
    ...withoutUndefined(optional),
  };
}

/** Absent and undefined are two things to an exact optional field. */
function withoutUndefined<T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>; // the filter on the line above is what the type says
  };
}

function agentResources({ resources }: Container): AgentContainer["resources"] {
  return {
    cpuLimitMillis: millisOf(resources?.limits?.cpu),
    cpuRequestMillis: millisOf(resources?.requests?.cpu ?? resources?.limits?.cpu),
    memoryLimitBytes: BigInt(bytesOf(resources?.limits?.memory)),
    memoryRequestBytes: BigInt(bytesOf(resources?.requests?.memory ?? resources?.limits?.memory)),
  };
}

function agentSecurity(pod: Pod, own: SecurityContext): AgentContainer["security"] {
  const shared = pod.spec.securityContext ?? {};
  const user = own.runAsUser ?? shared.runAsUser;
  const group = own.runAsGroup ?? shared.runAsGroup;
  const seccomp = own.seccompProfile?.type ?? shared.seccompProfile?.type;
  const groups = [...(shared.supplementalGroups ?? []), ...(shared.fsGroup === undefined ? [] : [shared.fsGroup])];
  const capability = (name: string) => name.replace(/^CAP_/i, "").toUpperCase();
  return {
    privileged: own.privileged ?? false,
    ...(user === undefined ? {} : { runAsUser: BigInt(user) }),
    ...(group === undefined ? {} : { runAsGroup: BigInt(group) }),
    runAsNonRoot: own.runAsNonRoot ?? shared.runAsNonRoot ?? false,
    supplementalGroups: groups.map(BigInt),
    capabilitiesAdd: (own.capabilities?.add ?? []).map(capability),
    capabilitiesDrop: (own.capabilities?.drop ?? []).map(capability),
    readOnlyRootFilesystem: own.readOnlyRootFilesystem ?? false,
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    seccompDefault: seccomp !== "Unconfined" && !own.privileged,
  };
}

function agentProbe(container: Container, probe: Probe): NonNullable<AgentContainer["livenessProbe"]> {
  const handler = probe.grpc
    ? { action: { case: "grpc" as const, value: { port: probe.grpc.port, service: probe.grpc.service ?? "" } } }
    : agentHandler(container, probe);
  const grace = probe.terminationGracePeriodSeconds;
  return {
    handler,
    initialDelaySeconds: probe.initialDelaySeconds ?? 0,
    timeoutSeconds: probe.timeoutSeconds ?? 1,
    periodSeconds: probe.periodSeconds ?? 10,
    successThreshold: probe.successThreshold ?? 1,
    failureThreshold: probe.failureThreshold ?? 3,
    ...(grace === undefined ? {} : { terminationGracePeriodSeconds: BigInt(grace) }),
  };
}

function agentHandler(container: Container, handler: LifecycleHandler): NonNullable<AgentContainer["preStop"]> {
  const { exec, httpGet, tcpSocket, sleep } = handler;
  if (exec) return { action: { case: "exec", value: { command: exec.command ?? [] } } };
  if (httpGet) return { action: { case: "httpGet", value: httpAction(container, httpGet) } };
  if (tcpSocket) {
    const value = { host: tcpSocket.host ?? "", port: portNumber(container, tcpSocket.port) };
    return { action: { case: "tcpSocket", value } };
  }
  if (sleep) return { action: { case: "sleep", value: { seconds: BigInt(sleep.seconds) } } };
  throw new PodSourceError(`container "${container.name}" has a handler that does nothing`);
}

function httpAction(container: Container, action: HTTPGetAction) {
  return {
    host: action.host ?? "",
    port: portNumber(container, action.port),
    path: action.path ?? "/",
    https: action.scheme === "HTTPS",
    headers: (action.httpHeaders ?? []).map(({ name, value }) => ({ name, value })),
  };
}

function portNumber(container: Container, port: IntOrString): number {
  if (typeof port === "number") return port;
  const named = (container.ports ?? []).find((one: ContainerPort) => one.name === port);
  const number = named?.containerPort ?? Number(port);
  if (!Number.isInteger(number))
    throw new PodSourceError(`couldn't find port "${port}" of container "${container.name}"`);
  return number;
}

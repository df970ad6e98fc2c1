// What a pod's status says, made from what the agent reports or, before there is an agent, from what the pod waits for. Pure:
// the same inputs give the same status, and the writer sends it only when it differs.

import type {
  ContainerState,
  ContainerStatus,
  Pod,
  PodCondition,
  PodStatus,
  Container,
} from "@atoll/api/generated/types";
import type * as agent from "@atoll/api/guest-agent/agent_pb";
import { formatTime } from "@atoll/base/clock";
import { qosClassOf } from "@atoll/api/core/pod/quality-of-service";

export type PodPhase = "Pending" | "Running" | "Succeeded" | "Failed";

export interface RunningImage {
  /** The full reference that was asked for. */
  readonly reference: string;
  readonly digest: string;
}

/** What outlives a microVM: what containers did in the pod's earlier ones. */
export interface EarlierRuns {
  readonly restartCount: number;
  readonly lastState: ContainerState | undefined;
}

export interface StatusInputs {
  readonly nowMs: number;
  readonly hostIp: string;
  readonly podIp: string | undefined;
  /** Undefined until the agent has accepted the pod. */
  readonly agent: agent.PodStatus | undefined;
  /** Why containers wait, by name; without an entry it is "ContainerCreating" or "PodInitializing". */
  readonly waiting: ReadonlyMap<string, { readonly reason: string; readonly message: string }>;
  readonly images: ReadonlyMap<string, RunningImage>;
  readonly earlier: ReadonlyMap<string, EarlierRuns>;
  /** The pod was stopped on purpose: containers that ended will not be started again, whatever the restart policy says. */
  readonly isStopped?: boolean;
  /** Set when the pod as a whole was ended by something else than its containers. */
  readonly failure?: { readonly reason: string; readonly message: string };
}

export function podStatus(pod: Pod, inputs: StatusInputs): PodStatus {
  const statuses = (containers: readonly Container[], reported: readonly agent.ContainerStatus[] | undefined) =>
    containers.map((container) => {
      const report = reported?.find(({ name }) => name === container.name);
      return containerStatus(pod, container, report, inputs);
    });
  const initContainers = pod.spec.initContainers ?? [];
  const init = statuses(initContainers, inputs.agent?.initContainers);
  const main = statuses(pod.spec.containers, inputs.agent?.containers);
  const failure = inputs.failure ?? agentFailure(inputs.agent);
  const phase = failure ? "Failed" : phaseOf(pod, { init, main, isStopped: inputs.isStopped ?? false });
  return {
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    ...(failure ? { reason: failure.reason, message: failure.message } : {}),
    conditions: conditionsOf(pod, { init, main, phase, inputs }),
    hostIP: inputs.hostIp,
    hostIPs: [{ ip: inputs.hostIp }],
    ...(inputs.podIp ? { podIP: inputs.podIp, podIPs: [{ ip: inputs.podIp }] } : {}),
    startTime: pod.status?.startTime ?? formatTime(inputs.nowMs),
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    containerStatuses: main,
    qosClass: pod.status?.qosClass ?? qosClassOf(pod),
  };
}

function agentFailure(status: agent.PodStatus | undefined) {
  return status?.reason ? { reason: status.reason, message: status.message } : undefined;
}

function containerStatus(
  pod: Pod,
  container: Container,
  report: agent.ContainerStatus | undefined,
  inputs: StatusInputs,
): ContainerStatus {
  const image = inputs.images.get(container.name);
  const earlier = inputs.earlier.get(container.name);
  const state = report?.state ? stateOf(report.state) : { waiting: waitingOf(pod, container, inputs) };
  const lastState = (report?.lastTermination && stateOf(report.lastTermination)) ?? earlier?.lastState ?? {};
  const hasRun = report !== undefined && report.containerId !== "";
  return {
    name: container.name,
    state,
    lastState,
    ready: report?.ready ?? false,
    restartCount: (report?.restartCount ?? 0) + (earlier?.restartCount ?? 0),
    image: image?.reference ?? container.image ?? "",
    imageID: image && hasRun ? imageId(image) : "",
    ...(hasRun ? { containerID: containerId(report.containerId) } : {}),
    started: report?.started ?? false,
  };
}

function imageId({ reference, digest }: RunningImage): string {
  const [name = ""] = reference.split("@", 1);
  const repository = name.replace(/:[^/:]*$/, "");
  return `${repository}@${digest}`;
}

export function containerId(id: string): string {
  return `crx://${id}`;
}

function waitingOf(pod: Pod, container: Container, inputs: StatusInputs) {
  const waiting = inputs.waiting.get(container.name);
  if (waiting) return { reason: waiting.reason, ...(waiting.message ? { message: waiting.message } : {}) };
  const isMain = pod.spec.containers.includes(container);
  return { reason: isMain && pod.spec.initContainers?.length ? "PodInitializing" : "ContainerCreating" };
}

export function stateOf({ state }: agent.ContainerState): ContainerState {
  switch (state.case) {
    case "running":
      return { running: { startedAt: timeOf(state.value.startedAtUnixNs) } };
    case "terminated": {
      const { exitCode, signal, reason, message, startedAtUnixNs, finishedAtUnixNs, containerId: id } = state.value;
      return {
        terminated: {
          exitCode,
          ...(signal ? { signal } : {}),
          reason,
          ...(message ? { message } : {}),
          startedAt: timeOf(startedAtUnixNs),
          finishedAt: timeOf(finishedAtUnixNs),
          ...(id ? { containerID: containerId(id) } : {}),
        },
      };
    }
    case "waiting":
      return {
        waiting: { reason: state.value.reason, ...(state.value.message ? { message: state.value.message } : {}) },
      };
    case undefined:
      return {};
  }
}

function timeOf(unixNs: bigint): string {
  return formatTime(Number(unixNs / 1_000_000n));
}

function isSidecar(pod: Pod, name: string): boolean {
  return pod.spec.initContainers?.some((one) => one.name === name && one.restartPolicy === "Always") ?? false;
}

function phaseOf(
  pod: Pod,
  {
    init,
    main,
    isStopped,
  }: {
    readonly init: readonly ContainerStatus[];
    readonly main: readonly ContainerStatus[];
    readonly isStopped: boolean;
  },
): PodPhase {
  const policy = isStopped ? "Never" : (pod.spec.restartPolicy ?? "Always");
  const failedInit = init.find(({ name, state }) => !isSidecar(pod, name) && (state?.terminated?.exitCode ?? 0) !== 0);
  if (failedInit && policy === "Never") return "Failed";
  if (init.some((status) => !isInitDone(pod, status))) return "Pending";
  if (policy !== "Always" && main.every(({ state }) => state?.terminated !== undefined)) {
    if (main.every(({ state }) => state?.terminated?.exitCode === 0)) return "Succeeded";
    // With OnFailure a failed container is about to be started again.
    return policy === "Never" ? "Failed" : "Running";
  }
  return main.some(hasStarted) ? "Running" : "Pending";
}

function hasStarted({ state, lastState, restartCount }: ContainerStatus): boolean {
  return Boolean(state?.running ?? state?.terminated ?? lastState?.terminated) || restartCount > 0;
}

/** A sidecar counts as done once it has started. */
function isInitDone(pod: Pod, status: ContainerStatus): boolean {
  if (isSidecar(pod, status.name)) return status.started === true || status.state?.terminated !== undefined;
  return status.state?.terminated?.exitCode === 0;
}

interface ConditionInputs {
  readonly init: readonly ContainerStatus[];
  readonly main: readonly ContainerStatus[];
  readonly phase: PodPhase;
  readonly inputs: StatusInputs;
}

function conditionsOf(pod: Pod, { init, main, phase, inputs }: ConditionInputs): PodCondition[] {
  const over = phase === "Succeeded" ? "PodCompleted" : phase === "Failed" ? "PodFailed" : undefined;
  const uninitialized = init.filter((status) => !isInitDone(pod, status)).map(({ name }) => name);
  const sidecars = init.filter(({ name }) => isSidecar(pod, name));
  const unready = [...sidecars, ...main].filter(({ ready }) => !ready).map(({ name }) => name);
  const list = (words: string, names: readonly string[]) => `containers with ${words} status: [${names.join(" ")}]`;
  const initialized =
    uninitialized.length === 0 || phase === "Succeeded"
      ? isTrue("Initialized", over === "PodCompleted" ? over : undefined)
      : isFalse("Initialized", "ContainersNotInitialized", list("incomplete", uninitialized));
  const notReady = over
    ? { reason: over, message: "" }
    : { reason: "ContainersNotReady", message: list("unready", unready) };
  const containersReady =
    unready.length === 0 && !over
      ? isTrue("ContainersReady")
      : isFalse("ContainersReady", notReady.reason, notReady.message);
  const gates = (pod.spec.readinessGates ?? []).map(({ conditionType }) => conditionType);
  const closedGates = gates.filter((type) => conditionOf(pod, type)?.status !== "True");
  const ready =
    containersReady.status === "True" && closedGates.length > 0
      ? isFalse(
          "Ready",
          "ReadinessGatesNotReady",
          closedGates
            .map((type) => `corresponding condition of pod readiness gate "${type}" does not exist.`)
            .join(", "),
        )
      : { ...containersReady, type: "Ready" };
  const sandbox = inputs.agent && !over ? isTrue("PodReadyToStartContainers") : isFalse("PodReadyToStartContainers");
  const own = [sandbox, initialized, ready, containersReady];
  const foreign = (pod.status?.conditions ?? []).filter(({ type }) =>
    own.every((condition) => condition.type !== type),
  );
  return [...own.map((condition) => stamp(pod, condition, inputs.nowMs)), ...foreign];
}

function isTrue(type: string, reason?: string): PodCondition {
  return { type, status: "True", ...(reason ? { reason } : {}) };
}

function isFalse(type: string, reason?: string, message?: string): PodCondition {
  return { type, status: "False", ...(reason ? { reason } : {}), ...(message ? { message } : {}) };
}

function conditionOf(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

/** A condition keeps the time of its last change of status. */
function stamp(pod: Pod, condition: PodCondition, nowMs: number): PodCondition {
  const before = conditionOf(pod, condition.type);
  const since = before?.status === condition.status ? before.lastTransitionTime : undefined;
  return { ...condition, lastTransitionTime: since ?? formatTime(nowMs) };
}

// The Node of this host as an object: what it has, what it offers, and how it is. Pure.

import type { Node, NodeCondition, NodeStatus } from "@atoll/api/generated/types";
import type { HostStatus } from "@atoll/api/hostd/hostd";
import { formatTime } from "@atoll/base/clock";

/** The API level we implement, with our name on it. */
export const KUBELET_VERSION = "v1.36.0-atoll";

export const ACCELERATOR_LABEL = "node.atoll.dev/accelerator";
export const ACCELERATOR_REASON_ANNOTATION = "node.atoll.dev/accelerator-reason";
/** Whether a microVM's memory and processes have a limit outside of it, or why not. */
export const CGROUP_REASON_ANNOTATION = "node.atoll.dev/cgroup-reason";

const KIBIBYTE = 1024;

export interface NodeFacts {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly podsMax: number;
  readonly reservedMemoryBytes: number;
  /** Of this process' machine: "x64", "arm64". */
  readonly architecture: string;
  readonly osImage: string;
  readonly machineId: string;
  readonly bootId: string;
}

export interface NodeHealth {
  /** Undefined while hostd has never answered. */
  readonly host: HostStatus | undefined;
  /** Undefined: hostd answers. */
  readonly hostdProblem: string | undefined;
  /** True once hostd has the pod network of the Node's podCIDR. */
  readonly hasNetwork: boolean;
  readonly nowMs: number;
}

export function nodeLabels(facts: NodeFacts, host: HostStatus | undefined): Record<string, string> {
  const architecture = facts.architecture === "x64" ? "amd64" : facts.architecture;
  return {
    "kubernetes.io/hostname": facts.name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": architecture,
    "beta.kubernetes.io/os": "linux",
    "beta.kubernetes.io/arch": architecture,
    ...(host ? { [ACCELERATOR_LABEL]: host.accelerator } : {}),
  };
}

export function nodeAnnotations(host: HostStatus | undefined): Record<string, string> {
  if (!host) return {};
  return { [ACCELERATOR_REASON_ANNOTATION]: host.acceleratorReason, [CGROUP_REASON_ANNOTATION]: host.cgroupReason };
}

/** What pods may use together, in cores and bytes. */
export function allocatableOf(
  facts: NodeFacts,
  host: HostStatus,
): Record<"cpu" | "memory" | "ephemeral-storage", number> {
  return {
    cpu: host.vcpus,
    memory: Math.max(0, host.memoryBytes - facts.reservedMemoryBytes),
    "ephemeral-storage": host.datastore.capacityBytes,
  };
}

export function nodeStatus(node: Node | undefined, facts: NodeFacts, health: NodeHealth): NodeStatus {
  const { host } = health;
  return {
    ...node?.status,
    ...(host ? capacities(facts, host) : {}),
    addresses: [
      { type: "InternalIP", address: facts.address },
      { type: "Hostname", address: facts.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: facts.port } },
    nodeInfo: {
      machineID: facts.machineId,
      systemUUID: facts.machineId,
      bootID: facts.bootId,
      kernelVersion: host?.kernelRelease ?? "",
      osImage: facts.osImage,
      containerRuntimeVersion: `crx://${host?.bundleVersion ?? ""}`,
      kubeletVersion: KUBELET_VERSION,
      kubeProxyVersion: "",
      operatingSystem: "linux",
      architecture: facts.architecture === "x64" ? "amd64" : facts.architecture,
    },
    conditions: conditions(node, health),
  };
}

function capacities(facts: NodeFacts, host: HostStatus): Pick<NodeStatus, "capacity" | "allocatable"> {
  const quantities = (amounts: Readonly<Record<string, number>>) => ({
    cpu: String(amounts.cpu),
    memory: `${Math.floor((amounts.memory ?? 0) / KIBIBYTE)}Ki`,
    "ephemeral-storage": `${Math.floor((amounts["ephemeral-storage"] ?? 0) / KIBIBYTE)}Ki`,
    pods: String(facts.podsMax),
  });
  return {
    capacity: quantities({
      cpu: host.vcpus,
      memory: host.memoryBytes,
      "ephemeral-storage": host.datastore.capacityBytes,
    }),
    allocatable: quantities(allocatableOf(facts, host)),
  };
}

/** Below this share of the datastore new pods could run into a full disk. */
const DISK_PRESSURE_SHARE = 0.05;

function conditions(node: Node | undefined, { host, hostdProblem, hasNetwork, nowMs }: NodeHealth): NodeCondition[] {
  const isReady = host !== undefined && hostdProblem === undefined && hasNetwork;
  const notReady = hostdProblem ?? (host ? "the pod network is not configured" : "hostd has not answered yet");
  const isFull = host !== undefined && host.datastore.freeBytes < host.datastore.capacityBytes * DISK_PRESSURE_SHARE;
  const make = (type: string, isTrue: boolean, reason: string, message: string): NodeCondition => {
    const status = isTrue ? "True" : "False";
    const before = node?.status?.conditions?.find((condition) => condition.type === type);
    const since = before?.status === status ? before.lastTransitionTime : undefined;
    const now = formatTime(nowMs);
    return { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime: since ?? now };
  };
  const own = [
    make("MemoryPressure", false, "SphereletHasSufficientMemory", "spherelet has sufficient memory available"),
    isFull
      ? make(
          "DiskPressure",
          true,
          "DatastoreAlmostFull",
          `datastore "${host.datastore.name}" has too little free space`,
        )
      : make("DiskPressure", false, "SphereletHasNoDiskPressure", "spherelet has no disk pressure"),
    make("PIDPressure", false, "SphereletHasSufficientPID", "spherelet has sufficient PID available"),
    hasNetwork
      ? make("NetworkUnavailable", false, "PodNetworkReady", "hostd has the pod network of this host")
      : make("NetworkUnavailable", true, "NoPodNetwork", "no pod network has been assigned and applied yet"),
    isReady
      ? make("Ready", true, "SphereletReady", "spherelet is posting ready status")
      : make("Ready", false, "SphereletNotReady", notReady),
  ];
  const foreign = (node?.status?.conditions ?? []).filter(({ type }) =>
    own.every((condition) => condition.type !== type),
  );
  return [...own, ...foreign];
}

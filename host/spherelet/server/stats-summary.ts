// `GET /stats/summary`: what metrics collectors read from a kubelet, filled from the agents' own counters.

import type { Pod } from "@atoll/api/generated/types";
import type * as agent from "@atoll/api/guest-agent/agent_pb";

export interface PodUsage {
  readonly pod: Pod;
  readonly stats: agent.StatsResponse;
}

export function statsSummary(nodeName: string, pods: readonly PodUsage[]): unknown {
  return { node: { nodeName }, pods: pods.map(podSummary) };
}

function podSummary({ pod, stats }: PodUsage): unknown {
  const time = timeOf(stats.timeUnixNs);
  return {
    podRef: { name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
    startTime: pod.status?.startTime ?? null,
    ...usage(time, stats.pod),
    containers: stats.containers.map((container) => ({
      name: container.name,
      startTime: pod.status?.startTime ?? null,
      ...usage(time, container.usage),
      logs: filesystem(time, container.logs),
    })),
    network: { time, rxBytes: Number(stats.networkReceivedBytes), txBytes: Number(stats.networkSentBytes) },
    "ephemeral-storage": filesystem(time, stats.ephemeral),
  };
}

function usage(time: string, own: agent.Usage | undefined): Record<string, unknown> {
  if (!own) return {};
  return {
    cpu: { time, usageCoreNanoSeconds: Number(own.cpuUsageNs) },
    memory: {
      time,
      usageBytes: Number(own.memoryCurrentBytes),
      workingSetBytes: Number(own.memoryWorkingSetBytes),
    },
    process_stats: { process_count: Number(own.processes) },
  };
}

function filesystem(time: string, own: agent.FilesystemUsage | undefined): Record<string, unknown> | undefined {
  if (!own) return undefined;
  return {
    time,
    capacityBytes: Number(own.capacityBytes),
    usedBytes: Number(own.usedBytes),
    inodes: Number(own.inodes),
    inodesUsed: Number(own.inodesUsed),
  };
}

function timeOf(unixNs: bigint): string {
  return new Date(Number(unixNs / 1_000_000n)).toISOString();
}

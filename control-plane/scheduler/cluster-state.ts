// The scheduler's own picture of hosts and what is bound to them, kept up to date change by change, so that placing a pod
// never adds up all others. A pod just bound is in the picture at once, before the API's echo of the binding.

import type { Node, Pod } from "@atoll/api/generated/types";
import { isPodFinished } from "@atoll/machinery/controller/pod-state";
import { type Amounts, amountsOf, assumedRequests, podRequests } from "./pod-requests.ts";

export interface BoundPod {
  readonly pod: Pod;
  readonly requests: Amounts;
  readonly assumed: { readonly cpu: number; readonly memory: number };
}

export interface HostState {
  readonly node: Node;
  readonly allocatable: Amounts;
  readonly requested: Amounts;
  /** For scoring: with the assumption for pods that ask for nothing. */
  readonly assumed: { readonly cpu: number; readonly memory: number };
  readonly pods: ReadonlyMap<string, BoundPod>;
}

class HostRecord implements HostState {
  node: Node;
  allocatable: Amounts;
  readonly requested = new Map<string, number>();
  readonly assumed = { cpu: 0, memory: 0 };
  readonly pods = new Map<string, BoundPod>();

  constructor(node: Node) {
    this.node = node;
    this.allocatable = amountsOf(node.status?.allocatable ?? node.status?.capacity);
  }
}

export class ClusterState {
  readonly #hosts = new Map<string, HostRecord>();
  /** Host by pod UID, so that a pod is taken from where it was counted. */
  readonly #places = new Map<string, string>();
  /** Pods of hosts whose Node is not there (yet): counted when it comes. */
  readonly #homeless = new Map<string, Map<string, Pod>>();
  /** UIDs of pods with required anti-affinity: they may refuse newcomers. */
  readonly #exclusive = new Map<string, { readonly pod: Pod; readonly hostName: string }>();

  get hosts(): readonly HostState[] {
    return [...this.#hosts.values()];
  }

  get exclusivePods(): Iterable<{ readonly pod: Pod; readonly hostName: string }> {
    return this.#exclusive.values();
  }

  host(name: string): HostState | undefined {
    return this.#hosts.get(name);
  }

  putNode(node: Node): void {
    const name = node.metadata.name ?? "";
    const record = this.#hosts.get(name);
    if (record) {
      record.node = node;
      record.allocatable = amountsOf(node.status?.allocatable ?? node.status?.capacity);
      return;
    }
    this.#hosts.set(name, new HostRecord(node));
    const waiting = this.#homeless.get(name);
    this.#homeless.delete(name);
    for (const pod of waiting?.values() ?? []) this.putPod(pod, name);
  }

  removeNode(name: string): void {
    const record = this.#hosts.get(name);
    if (!record) return;
    this.#hosts.delete(name);
    for (const { pod } of record.pods.values()) this.putPod(pod, name);
  }

  /** Counts a pod at a host; finished pods take nothing. Also for a pod whose binding is only under way. */
  putPod(pod: Pod, hostName: string): void {
    const uid = pod.metadata.uid ?? "";
    this.removePod(uid);
    if (isPodFinished(pod)) return;
    this.#places.set(uid, hostName);
    if (pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.length) {
      this.#exclusive.set(uid, { pod, hostName });
    }
    const record = this.#hosts.get(hostName);
    if (!record) {
      const homeless = this.#homeless.get(hostName) ?? new Map<string, Pod>();
      this.#homeless.set(hostName, homeless.set(uid, pod));
      return;
    }
    const requests = podRequests(pod);
    const bound = { pod, requests, assumed: assumedRequests(pod, requests) };
    record.pods.set(uid, bound);
    count(record, bound, 1);
  }

  removePod(uid: string): void {
    const hostName = this.#places.get(uid);
    if (hostName === undefined) return;
    this.#places.delete(uid);
    this.#exclusive.delete(uid);
    const record = this.#hosts.get(hostName);
    const bound = record?.pods.get(uid);
    if (record && bound) {
      record.pods.delete(uid);
      count(record, bound, -1);
    }
    const homeless = this.#homeless.get(hostName);
    homeless?.delete(uid);
    if (homeless?.size === 0) this.#homeless.delete(hostName);
  }
}

function count(record: HostRecord, bound: BoundPod, sign: 1 | -1): void {
  for (const [resource, amount] of bound.requests) {
    record.requested.set(resource, (record.requested.get(resource) ?? 0) + sign * amount);
  }
  record.assumed.cpu += sign * bound.assumed.cpu;
  record.assumed.memory += sign * bound.assumed.memory;
}

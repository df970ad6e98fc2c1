// Keeps this host's Node true: makes it when it is not there, renews its Lease, reports what hostd says, and passes the
// Node's part of the pod network on to hostd.

import { Lease } from "@atoll/api/coordination/lease/kind";
import { Node } from "@atoll/api/core/node/kind";
import type { HostStatus } from "@atoll/api/hostd/hostd";
import { type Clock, formatMicroTime } from "@atoll/base/clock";
import { describeError, toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import type { Client } from "@atoll/machinery/client/client";
import type { SharedInformer } from "@atoll/machinery/controller/shared-informer";
import { hasReason } from "@atoll/machinery/object/api-error";
import type { Hostd } from "../hostd/hostd-client.ts";
import type { HostSettingsWatch } from "./host-settings-watch.ts";
import { allocatableOf, type NodeFacts, nodeAnnotations, nodeLabels, nodeStatus } from "./node-object.ts";

/** Kubernetes' own: four missed renewals and the node lifecycle controller calls the node unknown. */
const LEASE_SECONDS = 40;
const LEASE_INTERVAL_MS = 10_000;
const LEASE_NAMESPACE = "kube-node-lease";
/** How often hostd is asked; a change is reported at once, an unchanged status only every STATUS_REPORT_MS. */
const HOST_INTERVAL_MS = 10_000;
const STATUS_REPORT_MS = 300_000;
/** While something is wrong, look again soon. */
const RETRY_MS = 2000;

export interface NodeRegistrarOptions {
  readonly client: Client;
  readonly hostd: Hostd;
  /** Of this one Node. */
  readonly nodes: SharedInformer<Node>;
  readonly settings: HostSettingsWatch;
  readonly facts: NodeFacts;
  readonly clock: Clock;
  readonly log: Logger;
}

export class NodeRegistrar {
  readonly #options: NodeRegistrarOptions;
  #host: HostStatus | undefined;
  #hostdProblem: string | undefined;
  #appliedNetwork = "";
  #reported = "";
  #reportedMs = Number.NEGATIVE_INFINITY;
  #wake: (() => void) | undefined;

  constructor(options: NodeRegistrarOptions) {
    this.#options = options;
  }

  /** What pods may use; empty until hostd has answered. */
  allocatable(): Readonly<Record<string, number>> {
    return this.#host ? allocatableOf(this.#options.facts, this.#host) : {};
  }

  /** Works until the signal aborts; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    using _ = this.#options.nodes.subscribe(({ type, object, old }) => {
      if (type === "deleted" || object.spec?.podCIDR !== old?.spec?.podCIDR) this.#wake?.();
    });
    using _settings = this.#options.settings.subscribe(() => this.#wake?.());
    const report = { problem: "Node could not be reported", intervalMs: HOST_INTERVAL_MS, isWoken: true };
    const lease = { problem: "Lease could not be renewed", intervalMs: LEASE_INTERVAL_MS, isWoken: false };
    await Promise.all([
      this.#repeat(report, () => this.#report(signal), signal),
      this.#repeat(lease, () => this.#renewLease(signal), signal),
    ]);
  }

  async #repeat(
    loop: { readonly problem: string; readonly intervalMs: number; readonly isWoken: boolean },
    work: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      // Set before the work, so that a change seen in the middle of it is not lost.
      const woken = new AbortController();
      if (loop.isWoken) this.#wake = () => woken.abort();
      let pauseMs = loop.intervalMs;
      try {
        await work();
      } catch (thrown) {
        if (signal.aborted) return;
        log.info(loop.problem, { error: toError(thrown) });
        pauseMs = RETRY_MS;
      }
      await clock.sleep(pauseMs, AbortSignal.any([signal, woken.signal])).catch(() => {});
    }
  }

  async #report(signal: AbortSignal): Promise<void> {
    const { nodes, facts, clock, client } = this.#options;
    await this.#askHost(signal);
    const node = (await this.#present(signal)) ?? (await this.#create(signal));
    const hasNetwork = await this.#applyNetwork(node, signal);
    const health = { host: this.#host, hostdProblem: this.#hostdProblem, hasNetwork, nowMs: clock.now() };
    const live = nodes.lister.get({ name: facts.name }) ?? node;
    const status = nodeStatus(live, facts, health);
    const fingerprint = JSON.stringify(status, (key, value) => (key === "lastHeartbeatTime" ? undefined : value));
    const ageMs = clock.monotonicMs() - this.#reportedMs;
    if (fingerprint === this.#reported && ageMs < STATUS_REPORT_MS) return;
    await client.patch(
      Node,
      { name: facts.name },
      { type: "merge", body: { status } },
      { subresource: "status", signal },
    );
    this.#reported = fingerprint;
    this.#reportedMs = clock.monotonicMs();
  }

  async #askHost(signal: AbortSignal): Promise<void> {
    try {
      this.#host = await this.#options.hostd.host(signal);
      this.#hostdProblem = undefined;
    } catch (error) {
      signal.throwIfAborted();
      this.#hostdProblem = describeError(error);
      this.#appliedNetwork = "";
    }
  }

  async #present(signal: AbortSignal): Promise<Node | undefined> {
    const { client, facts } = this.#options;
    let node: Node;
    try {
      node = await client.get(Node, { name: facts.name }, { signal });
    } catch (error) {
      if (hasReason(error, "NotFound")) return undefined;
      throw error;
    }
    const labels = nodeLabels(facts, this.#host);
    const annotations = nodeAnnotations(this.#host);
    const isStale =
      Object.entries(labels).some(([key, value]) => node.metadata.labels?.[key] !== value) ||
      Object.entries(annotations).some(([key, value]) => node.metadata.annotations?.[key] !== value);
    if (!isStale) return node;
    return client.patch(
      Node,
      { name: facts.name },
      { type: "merge", body: { metadata: { labels, annotations } } },
      { signal },
    );
  }

  async #create(signal: AbortSignal): Promise<Node> {
    const { client, facts, log } = this.#options;
    log.info("Registering the node", { node: facts.name });
    const metadata = {
      name: facts.name,
      labels: nodeLabels(facts, this.#host),
      annotations: nodeAnnotations(this.#host),
    };
    this.#reported = "";
    return client.create(Node, { apiVersion: "v1", kind: "Node", metadata, spec: {} }, { signal });
  }

  async #applyNetwork(node: Node, signal: AbortSignal): Promise<boolean> {
    const podCidr = node.spec?.podCIDR;
    const settings = this.#options.settings.current;
    if (!podCidr || !settings || this.#hostdProblem !== undefined) return false;
    const { clusterCidr, managementCidrs } = settings.network;
    const network = { podCidr, clusterCidr, managementCidrs };
    const wanted = JSON.stringify(network);
    if (this.#appliedNetwork === wanted) return true;
    await this.#options.hostd.putNetwork(network, signal);
    this.#appliedNetwork = wanted;
    this.#options.log.info("Pod network applied", { podCidr, clusterCidr, managementCidrs: managementCidrs.length });
    return true;
  }

  async #renewLease(signal: AbortSignal): Promise<void> {
    const { client, facts, clock, nodes } = this.#options;
    const name = { name: facts.name, namespace: LEASE_NAMESPACE };
    const renewTime = formatMicroTime(clock.now());
    const spec = { holderIdentity: facts.name, leaseDurationSeconds: LEASE_SECONDS, renewTime };
    try {
      await client.patch(Lease, name, { type: "merge", body: { spec } }, { signal });
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
      const node = nodes.lister.get({ name: facts.name });
      const uid = node?.metadata.uid;
      const ownerReferences = uid ? [{ apiVersion: "v1", kind: "Node", name: facts.name, uid }] : [];
      const metadata = { ...name, ownerReferences };
      await client.create(Lease, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec }, { signal });
    }
  }
}

// What is asked for when somebody reads the metrics: objects, the store, priority levels, other servers, the audit log.

import { qualifiedPlural } from "@atoll/api/resource";
import type { GaugeValue, MetricsRegistry } from "@atoll/base/metrics";
import type { Store } from "../../store/store.ts";
import type { RemoteApiServices } from "../aggregation/remote-api-services.ts";
import type { AuditSink } from "../audit/audit-sink.ts";
import type { FlowController } from "../flow-control/flow-controller.ts";
import type { PriorityLevel } from "../flow-control/priority-level.ts";
import type { ResourceTable } from "../registry/resource-table.ts";

export interface MeasuredParts {
  readonly resources: ResourceTable;
  readonly store: Store;
  readonly remote: RemoteApiServices;
  readonly flows: FlowController;
  /** None: nothing is written down of requests. */
  readonly audit: readonly AuditSink[];
}

export function registerServerMetrics(registry: MetricsRegistry, parts: MeasuredParts): void {
  registerObjectMetrics(registry, parts.resources);
  registerStoreMetrics(registry, parts.store);
  registerAggregationMetrics(registry, parts.remote);
  registerFlowMetrics(registry, parts.flows);
  registerAuditMetrics(registry, parts.audit);
}

function registerObjectMetrics(registry: MetricsRegistry, resources: ResourceTable): void {
  const counted = () =>
    resources
      .all()
      .filter(({ isReady, kind }) => isReady && !kind.storedAs)
      .map((store) => {
        const { items, remaining } = store.rangeCached(store.rangeOf(""), 1);
        return { resource: store.kind.resource, value: items.length + remaining };
      });
  registry.gauge("apiserver_storage_objects", "Stored objects, by kind.", () =>
    counted().map(({ resource, value }) => ({ labels: { resource: qualifiedPlural(resource) }, value })),
  );
  registry.gauge("apiserver_resource_objects", "Stored objects, by group and resource.", () =>
    counted().map(({ resource: { group, plural }, value }) => ({ labels: { group, resource: plural }, value })),
  );
}

function registerFlowMetrics(registry: MetricsRegistry, flows: FlowController): void {
  const add = (name: string, help: string, read: (level: PriorityLevel) => number, type?: "counter") =>
    registry.gauge(
      `apiserver_flowcontrol_${name}`,
      help,
      () => flows.levels.map((level) => ({ labels: { priority_level: level.name }, value: read(level) })),
      type,
    );
  add("current_executing_requests", "Requests that are worked on.", ({ counts }) => counts.executing);
  add("current_executing_seats", "Seats that are taken.", ({ counts }) => counts.taken);
  add("current_inqueue_requests", "Requests that wait.", ({ counts }) => counts.waiting);
  add("dispatched_requests_total", "Requests that were let in.", ({ counts }) => counts.dispatched, "counter");
  add("nominal_limit_seats", "Seats by the level's shares.", ({ bounds }) => bounds.nominal);
  add("lower_limit_seats", "Seats that it keeps.", ({ bounds }) => bounds.min);
  add("upper_limit_seats", "Seats that it may have.", ({ bounds }) => bounds.max);
  add("current_limit_seats", "Seats that it has now.", ({ seats }) => seats);
  const refused = (): GaugeValue[] =>
    flows.levels.flatMap(({ name, counts }) =>
      [...counts.refused].map(([reason, value]) => ({ labels: { priority_level: name, reason }, value })),
    );
  registry.gauge("apiserver_flowcontrol_rejected_requests_total", "Requests that were refused.", refused, "counter");
}

function registerAuditMetrics(registry: MetricsRegistry, sinks: readonly AuditSink[]): void {
  registry.gauge(
    "apiserver_audit_event_total",
    "Audit events written.",
    () => [{ labels: {}, value: sinks.reduce((sum, { counts }) => sum + counts.written, 0) }],
    "counter",
  );
  registry.gauge(
    "apiserver_audit_error_total",
    "Audit events lost.",
    () => sinks.map(({ plugin, counts }) => ({ labels: { plugin }, value: counts.dropped })),
    "counter",
  );
}

/** "etcd-0": upstream's name for the one cluster that a server keeps its data in. */
function registerStoreMetrics(registry: MetricsRegistry, store: Store): void {
  registry.gauge("apiserver_storage_size_bytes", "Bytes of the store on its medium.", async () => [
    { labels: { storage_cluster_id: "etcd-0" }, value: await store.sizeBytes() },
  ]);
}

function registerAggregationMetrics(registry: MetricsRegistry, remote: RemoteApiServices): void {
  registry.gauge("aggregator_unavailable_apiservice", "1 for each APIService whose server is not available.", () =>
    remote.all().map(({ name, isAvailable }) => ({ labels: { name }, value: isAvailable ? 0 : 1 })),
  );
}

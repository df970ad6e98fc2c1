// Requests, counted as they end. The series of a request is looked up by one text; label sets are made once for each.

import type { Counter, CounterFamily, Histogram, HistogramFamily, MetricsRegistry } from "@atoll/base/metrics";
import type { RequestContext } from "../request/context.ts";
import { PiecedBody } from "../request/pieced-body.ts";
import type { ApiResponse } from "../request/request.ts";
import { isLongRunning, type RequestInfo } from "../request/request-info.ts";

/** Upstream's, in seconds; for its calls to the store, too. */
export const DURATION_BUCKETS = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];
/** Upstream's, in bytes. */
const SIZE_BUCKETS = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
/** Names in paths are the clients' own: beyond this many, requests are looked up anew. */
const SERIES_MAX = 5000;

const CLIENT_ERROR = 400;

const METHODS: Readonly<Record<string, string>> = {
  create: "POST",
  update: "PUT",
  patch: "PATCH",
  delete: "DELETE",
  deletecollection: "DELETECOLLECTION",
  get: "GET",
  list: "LIST",
  watch: "WATCH",
};

/** For whoever asks for what is not there: a series for each such name would be a way to fill the memory. */
const NAMELESS = { group: "", version: "", resource: "", subresource: "" };

interface Series {
  readonly total: Counter;
  readonly duration: Histogram;
  readonly sizes: Histogram;
}

export class RequestMetrics {
  readonly #total: CounterFamily;
  readonly #duration: HistogramFamily;
  readonly #sizes: HistogramFamily;
  readonly #series = new Map<string, Series>();
  readonly #underWay = { readOnly: 0, mutating: 0 };
  readonly #lasting = new Map<string, { readonly labels: Readonly<Record<string, string>>; count: number }>();
  readonly #isServed: (info: RequestInfo) => boolean;

  /** `isServed`: whether there is what the request names. What is not there has a name of the client's own. */
  constructor(registry: MetricsRegistry, isServed: (info: RequestInfo) => boolean) {
    this.#isServed = isServed;
    this.#total = registry.counter(
      "apiserver_request_total",
      "Requests by verb, group, version, resource, scope, component and HTTP response code.",
    );
    this.#duration = registry.histogram(
      "apiserver_request_duration_seconds",
      "How long requests took, by verb, group, version, resource, scope and component.",
      DURATION_BUCKETS,
    );
    this.#sizes = registry.histogram(
      "apiserver_response_sizes",
      "Bytes of answers, by verb, group, version, resource, scope and component.",
      SIZE_BUCKETS,
    );
    registry.gauge("apiserver_current_inflight_requests", "Requests under way, by their kind.", () =>
      Object.entries(this.#underWay).map(([kind, value]) => ({ labels: { request_kind: kind }, value })),
    );
    registry.gauge("apiserver_longrunning_requests", "Watches and other streams that are open.", () =>
      [...this.#lasting.values()].map(({ labels, count }) => ({ labels, value: count })),
    );
  }

  /** A request that ends by itself begins; the function is to be called at its end. */
  begin(method: string): () => void {
    const kind = method === "GET" || method === "HEAD" ? "readOnly" : "mutating";
    this.#underWay[kind]++;
    return () => void this.#underWay[kind]--;
  }

  end({ info, request }: RequestContext, { status, body }: ApiResponse, seconds: number): void {
    const isDry = info.query.size > 0 && info.query.has("dryRun");
    const key = `${request.method} ${info.verb} ${info.group} ${info.version} ${info.resource} ${info.subresource} ${scopeOf(info)} ${isDry} ${status} ${info.isResourceRequest ? "" : info.path}`;
    let series = this.#series.get(key);
    if (!series) {
      series = this.#makeSeries(info, request.method, { status, isDry });
      if (this.#series.size >= SERIES_MAX) this.#series.clear();
      this.#series.set(key, series);
    }
    series.total.add();
    if (info.verb !== "watch" && !isLongRunning(info)) series.duration.observe(seconds);
    if (body instanceof Uint8Array || body instanceof PiecedBody) series.sizes.observe(body.length);
  }

  /** A stream opens; the function is to be called when it ends. */
  beginLasting(info: RequestInfo, method: string): () => void {
    const labels = labelsOf(info, method);
    const key = JSON.stringify(labels);
    const entry = this.#lasting.get(key) ?? { labels, count: 0 };
    this.#lasting.set(key, entry);
    entry.count++;
    return () => {
      entry.count--;
      if (entry.count === 0) this.#lasting.delete(key);
    };
  }

  #makeSeries(info: RequestInfo, method: string, { status, isDry }: { status: number; isDry: boolean }): Series {
    const labels = { ...labelsOf(info, method), dry_run: isDry ? "All" : "" };
    const isNamed = info.isResourceRequest ? this.#isServed(info) : status < CLIENT_ERROR;
    const known = isNamed ? labels : { ...labels, ...NAMELESS };
    return {
      total: this.#total.of({ code: String(status), ...known }),
      duration: this.#duration.of(known),
      sizes: this.#sizes.of(known),
    };
  }
}

function labelsOf(info: RequestInfo, method: string): Readonly<Record<string, string>> {
  const { group, version, resource, subresource } = info;
  if (!info.isResourceRequest) {
    return { component: "", group, version, resource, scope: "", subresource: info.path, verb: method };
  }
  const isConnect = isLongRunning(info) && subresource !== "log";
  const verb = isConnect ? "CONNECT" : (METHODS[info.verb] ?? method);
  return { component: "apiserver", group, version, resource, scope: scopeOf(info), subresource, verb };
}

function scopeOf({ name, namespace, verb, isResourceRequest }: RequestInfo): string {
  if (!isResourceRequest) return "";
  if (name !== "" || verb === "create") return "resource";
  return namespace === "" ? "cluster" : "namespace";
}

// Counts what the namespaces with quotas use, and writes it to the quotas' statuses. The API server charges what is made; what
// goes away, changes by itself, or was charged and never made is found here, by counting everything anew. Works over all kinds
// at once, which is why it is no ControllerDefinition.

import { ResourceQuota } from "@atoll/api/core/resource-quota/kind";
import type { Quantity } from "@atoll/api/meta/quantity";
import { fromUnits, ZERO_QUANTITY } from "@atoll/api/meta/quantity";
import { isEqualJson } from "@atoll/api/meta/field-error";
import type { KubeObject, Resource } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import { ownValue } from "@atoll/base/own-value";
import type { Client } from "@atoll/machinery/client/client";
import type { ServedResource } from "@atoll/machinery/client/discovery";
import type { Owner } from "@atoll/machinery/controller/controller-ownership";
import type { InformerHold, InformerSet } from "@atoll/machinery/controller/informer-set";
import { cacheKey, parseCacheKey } from "@atoll/machinery/controller/object-cache";
import type { KindChange, ServedKinds } from "@atoll/machinery/controller/served-kinds";
import type { CacheChange, SharedInformer } from "@atoll/machinery/controller/shared-informer";
import type { QueueMetrics } from "@atoll/machinery/controller/queue-metrics";
import { WorkQueue } from "@atoll/machinery/controller/work-queue";
import { hasReason } from "@atoll/machinery/object/api-error";
import {
  type Amounts,
  addTo,
  areEqualAmounts,
  pickAmounts,
  readAmounts,
  writeAmounts,
} from "@atoll/machinery/quota/amounts";
import type { QuotaEvaluator } from "@atoll/machinery/quota/evaluator";
import { evaluatorOf, needsWholeObjects } from "@atoll/machinery/quota/evaluators";
import { isInScopes, requirementsOf } from "@atoll/machinery/quota/scopes";

/** Upstream's number of workers, and how often everything is counted for no reason. */
const WORKERS = 5;
const RESYNC_MS = 5 * 60_000;
/** Many objects that go at once are counted once. */
const GONE_SETTLE_MS = 50;
/** What is made is charged by the API server; a look afterwards finds what a count in between has missed. */
const MADE_SETTLE_MS = 5000;
/** How soon to look again for caches that are still empty. */
const UNSYNCED_RETRY_MS = 200;

const VERBS = ["create", "list", "watch", "delete"];

/** For the check that no two controllers write one field. */
export const resourceQuotaOwnership: Owner = { name: "resource-quota", owns: ["ResourceQuota.status"] };

export interface ResourceQuotaControllerOptions {
  readonly client: Client;
  readonly informers: InformerSet;
  readonly served: ServedKinds;
  /** Undefined: nobody counts. */
  readonly queueMetrics?: QueueMetrics | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

interface CountedKind {
  readonly evaluator: QuotaEvaluator;
  readonly informer: SharedInformer<KubeObject>;
  readonly hold: Disposable;
  /** False: every object counts as one, and no change of it matters. */
  readonly isWhole: boolean;
}

export class ResourceQuotaController {
  readonly #options: ResourceQuotaControllerOptions;
  readonly #log: Logger;
  readonly #queue: WorkQueue;
  readonly #quotas: SharedInformer<ResourceQuota>;
  readonly #kinds = new Map<string, CountedKind>();
  /** Objects in the caches never change; what one uses is found out once. */
  readonly #usages = new WeakMap<KubeObject, Amounts>();

  /** Registers with the informers; call before they run. */
  constructor(options: ResourceQuotaControllerOptions) {
    this.#options = options;
    this.#log = options.log.with({ component: "resource-quota" });
    this.#queue = new WorkQueue(options.clock, options.queueMetrics?.of("resourcequota"));
    this.#quotas = options.informers.of(ResourceQuota);
    this.#quotas.subscribe((change) => this.#onQuota(change));
    options.served.subscribe((change) => this.#onKind(change));
  }

  async run(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#queue[Symbol.dispose]();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([this.#options.served.whenKnown(), aborted(signal)]);
      await this.#options.informers.whenSynced(signal);
      await Promise.all([this.#resync(signal), ...Array.from({ length: WORKERS }, () => this.#work(signal))]);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#queue[Symbol.dispose]();
    }
  }

  #onQuota({ type, object, old }: CacheChange<ResourceQuota>): void {
    if (type === "deleted") return;
    const { spec, status } = object;
    const isUncounted = Object.keys(status?.hard ?? {}).some((limit) => ownValue(status?.used, limit) === undefined);
    const isNew = !old || !isEqualJson(spec?.hard ?? {}, old.spec?.hard ?? {});
    if (isNew || isUncounted) this.#queue.add(cacheKey(object.metadata));
  }

  #onKind({ type, resource }: KindChange): void {
    const name = `${resource.group}/${resource.plural}`;
    if (type === "withdrawn") {
      this.#kinds.get(name)?.hold[Symbol.dispose]();
      this.#kinds.delete(name);
      return;
    }
    const evaluator = isCountable(resource) ? evaluatorOf(resource) : undefined;
    if (!evaluator) return;
    const isWhole = needsWholeObjects(resource);
    const { informer, hold } = isWhole ? this.#whole(resource) : this.#metadata(resource);
    const kind = { evaluator, informer, hold, isWhole };
    this.#kinds.set(name, kind);
    informer.subscribe((change) => this.#onObject(kind, change));
    for (const quota of this.#quotas.lister.list()) {
      if (limitsOf(quota, evaluator).length > 0) this.#queue.add(cacheKey(quota.metadata));
    }
  }

  #whole(resource: Resource): { readonly informer: SharedInformer<KubeObject>; readonly hold: Disposable } {
    return { informer: this.#options.informers.of(resource), hold: { [Symbol.dispose]: () => undefined } };
  }

  #metadata(resource: Resource): { readonly informer: SharedInformer<KubeObject>; readonly hold: InformerHold } {
    const hold = this.#options.informers.holdMetadata(resource);
    return { informer: hold.informer, hold };
  }

  #onObject(kind: CountedKind, { type, object, old }: CacheChange<KubeObject>): void {
    if (type === "modified" && !kind.isWhole) return;
    for (const quota of this.#quotas.lister.list(object.metadata.namespace ?? "")) {
      if (limitsOf(quota, kind.evaluator).length === 0) continue;
      if (type === "modified" && !this.#countsDifferently(kind.evaluator, quota, object, old)) continue;
      this.#queue.addAfter(cacheKey(quota.metadata), type === "added" ? MADE_SETTLE_MS : GONE_SETTLE_MS);
    }
  }

  #countsDifferently(evaluator: QuotaEvaluator, quota: ResourceQuota, object: KubeObject, old: KubeObject): boolean {
    if (!areEqualAmounts(this.#usageOf(evaluator, object), this.#usageOf(evaluator, old))) return true;
    const requirements = requirementsOf(quota.spec ?? {});
    return isInScopes(evaluator, object, requirements) !== isInScopes(evaluator, old, requirements);
  }

  #usageOf(evaluator: QuotaEvaluator, object: KubeObject): Amounts {
    const nowMs = this.#options.clock.now();
    // With time, what is on its way out stops counting.
    if (object.metadata.deletionTimestamp !== undefined) return evaluator.usageOf(object, nowMs);
    const known = this.#usages.get(object);
    if (known) return known;
    const usage = evaluator.usageOf(object, nowMs);
    this.#usages.set(object, usage);
    return usage;
  }

  async #resync(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#options.clock.sleep(RESYNC_MS, signal);
      for (const { metadata } of this.#quotas.lister.list()) this.#queue.add(cacheKey(metadata));
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.take(); key !== undefined; key = await this.#queue.take()) {
      try {
        await this.#recount(key, signal);
        this.#queue.forget(key);
      } catch (thrown) {
        if (signal.aborted) return;
        const retryAfterMs = this.#queue.addFailed(key);
        if (!hasReason(thrown, "Conflict")) {
          this.#log.error("Counting failed, trying again", { key, error: toError(thrown), retryAfterMs });
        }
      } finally {
        this.#queue.done(key);
      }
    }
  }

  async #recount(key: string, signal: AbortSignal): Promise<void> {
    const quota = this.#quotas.lister.get(parseCacheKey(key));
    if (!quota || quota.metadata.deletionTimestamp !== undefined) return;
    const hard = quota.spec?.hard ?? {};
    const kinds = [...this.#kinds.values()].filter(({ evaluator }) => limitsOf(quota, evaluator).length > 0);
    if (kinds.some(({ informer }) => !informer.hasSynced)) {
      this.#queue.addAfter(key, UNSYNCED_RETRY_MS);
      return;
    }
    // What no kind counts any more stays as it was counted last.
    const used = pickAmounts(readAmounts(quota.status?.used), (limit) => Object.hasOwn(hard, limit));
    for (const { evaluator } of kinds) for (const limit of limitsOf(quota, evaluator)) used.set(limit, ZERO_QUANTITY);
    for (const kind of kinds) addTo(used, this.#usedBy(kind, quota));
    const isDirty =
      !isEqualJson(hard, quota.status?.hard ?? {}) || !areEqualAmounts(used, readAmounts(quota.status?.used));
    if (!isDirty) return;
    // With the version that was counted for: a charge meanwhile must not be lost.
    const status = { hard, used: writeAmounts(used) };
    try {
      await this.#options.client.update(ResourceQuota, { ...quota, status }, { subresource: "status", signal });
    } catch (thrown) {
      if (!hasReason(thrown, "NotFound")) throw thrown;
    }
  }

  #usedBy({ evaluator, informer, isWhole }: CountedKind, quota: ResourceQuota): Amounts {
    const requirements = requirementsOf(quota.spec ?? {});
    const limits = limitsOf(quota, evaluator);
    const objects = informer.lister.list(quota.metadata.namespace ?? "");
    const used = new Map<string, Quantity>();
    if (!isWhole) {
      const isCounted = requirements.length === 0;
      for (const limit of limits) used.set(limit, fromUnits(isCounted ? BigInt(objects.length) : 0n));
      return used;
    }
    for (const object of objects) {
      if (isInScopes(evaluator, object, requirements)) addTo(used, this.#usageOf(evaluator, object));
    }
    return pickAmounts(used, (limit) => limits.includes(limit));
  }
}

function isCountable({ scope, verbs }: ServedResource): boolean {
  return scope === "Namespaced" && VERBS.every((verb) => verbs.includes(verb));
}

function limitsOf({ spec }: ResourceQuota, { counts }: QuotaEvaluator): string[] {
  return Object.keys(spec?.hard ?? {}).filter(counts);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

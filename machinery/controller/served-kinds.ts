// Which kinds the API has now, for whoever works on all of them: kinds join and leave at run time, with their
// CustomResourceDefinitions or with another server's API. Discovery is asked whenever one of the wakers changes, and now and
// then without a cause.

import { type Resource, qualifiedPlural } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import type { Client } from "../client/client.ts";
import { type ServedResource, preferredResources } from "../client/discovery.ts";
import type { InformerSet } from "./informer-set.ts";
import { resourceKey } from "./write-guard.ts";

/** For what no waker tells of, a server behind the API that comes back, say. Upstream's collector asks as often. */
const REFRESH_MS = 30_000;
/** Many definitions made at once are one question. */
const SETTLE_MS = 20;

/** One version of each kind that can be listed and watched: the one its group prefers. */
export type KindChange =
  | { readonly type: "served"; readonly resource: ServedResource }
  | { readonly type: "withdrawn"; readonly resource: ServedResource };

export interface ServedKindsOptions {
  readonly client: Client;
  readonly informers: InformerSet;
  readonly clock: Clock;
  readonly log: Logger;
  /** Kinds whose objects decide what is served: CustomResourceDefinitions, APIServices. */
  readonly wakers: readonly Resource[];
}

export class ServedKinds {
  readonly #options: ServedKindsOptions;
  readonly #handlers = new Set<(change: KindChange) => void>();
  #kinds: ReadonlyMap<string, ServedResource> = new Map();
  #seen: unknown;
  #isStale = true;
  #wake: () => void = () => {};
  readonly #first = Promise.withResolvers<void>();

  /** Registers with the informers of the wakers. */
  constructor(options: ServedKindsOptions) {
    this.#options = options;
    for (const waker of options.wakers) {
      options.informers.of(waker).subscribe(() => {
        this.#isStale = true;
        this.#wake();
      });
    }
  }

  /** As of the last answer. */
  get current(): readonly ServedResource[] {
    return [...this.#kinds.values()];
  }

  /** The kind an owner reference or a scale target names, in whatever version it does. */
  find(group: string, kind: string): ServedResource | undefined {
    return this.current.find((resource) => resource.group === group && resource.kind === kind);
  }

  /** Told of every kind that is there first. Called in order, one at a time, after `current` has changed. */
  subscribe(handler: (change: KindChange) => void): Disposable {
    for (const resource of this.current) handler({ type: "served", resource });
    this.#handlers.add(handler);
    return { [Symbol.dispose]: () => this.#handlers.delete(handler) };
  }

  /** Resolves when discovery has answered once. */
  whenKnown(): Promise<void> {
    return this.#first.promise;
  }

  /** Asks now; throws what the API answers. */
  async refresh(signal: AbortSignal): Promise<void> {
    const discovery = await this.#options.client.discover({ signal });
    this.#isStale = false;
    if (this.#seen !== discovery) {
      this.#seen = discovery;
      const found = preferredResources(discovery.resources, ["list", "watch"]);
      const next = new Map(found.map((resource) => [resourceKey(resource), resource]));
      // What cannot be asked now is not gone: its objects would lose their owners.
      for (const [key, resource] of this.#kinds) {
        if (discovery.failures.has(groupVersionOf(resource)) && !next.has(key)) next.set(key, resource);
      }
      this.#replace(next);
    }
    this.#first.resolve();
  }

  /** Until the signal aborts; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        await this.refresh(signal);
      } catch (thrown) {
        if (signal.aborted) return;
        log.info("Served kinds could not be asked for, trying again", { error: toError(thrown) });
      }
      await this.#pause(signal);
      if (!signal.aborted) await clock.sleep(SETTLE_MS, signal).catch(() => undefined); // the loop's condition sees the abort
    }
  }

  #replace(next: ReadonlyMap<string, ServedResource>): void {
    const before = this.#kinds;
    this.#kinds = next;
    const changes: KindChange[] = [];
    // Another version of the same kind first goes and then comes: a follower never has both.
    for (const [key, resource] of before) if (!next.has(key)) changes.push({ type: "withdrawn", resource });
    for (const [key, resource] of next) if (!before.has(key)) changes.push({ type: "served", resource });
    for (const change of changes) {
      if (before.size > 0) this.#log(change);
      for (const handler of this.#handlers) handler(change);
    }
  }

  #log({ type, resource }: KindChange): void {
    this.#options.log.info("Kind came or went", {
      type,
      resource: qualifiedPlural(resource),
      version: resource.version,
    });
  }

  /** Until a waker changes or it is time anyway. */
  #pause(signal: AbortSignal): Promise<void> {
    if (this.#isStale || signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.setTimer(REFRESH_MS, resolve);
    this.#wake = resolve;
    signal.addEventListener("abort", () => resolve(), { once: true });
    return promise.finally(() => timer[Symbol.dispose]());
  }
}

function groupVersionOf({ group, version }: Resource): string {
  return group === "" ? version : `${group}/${version}`;
}

// One informer per kind for everybody in the process: ten controllers that watch pods cost one watch and one cache.

import type { KubeObject, Resource } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
import { assert } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import type { Client } from "../client/client.ts";
import { SharedInformer } from "./shared-informer.ts";
import { resourceKey } from "./write-guard.ts";

export interface InformerSetOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export class InformerSet {
  readonly #options: InformerSetOptions;
  readonly #informers = new Map<string, SharedInformer<KubeObject>>();
  #isRunning = false;

  constructor(options: InformerSetOptions) {
    this.#options = options;
  }

  /** The informer of a kind, made at the first call. All kinds must be asked for before `run`. */
  of<T extends KubeObject>(resource: Resource<T>): SharedInformer<T> {
    const key = resourceKey(resource);
    let informer = this.#informers.get(key);
    if (!informer) {
      assert(!this.#isRunning, `No informer of "${key}" was asked for before the informers ran`);
      informer = new SharedInformer<KubeObject>({ ...this.#options, resource: resource as Resource });
      this.#informers.set(key, informer);
    }
    return informer as unknown as SharedInformer<T>; // Kept by its resource, whose objects are `T`.
  }

  get(resource: Resource): SharedInformer<KubeObject> | undefined {
    return this.#informers.get(resourceKey(resource));
  }

  /** Runs all informers until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.#isRunning = true;
    await Promise.all([...this.#informers.values()].map((informer) => informer.run(signal)));
  }

  /** Resolves when every informer has its first list; rejects with the signal's reason. */
  async whenSynced(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const synced = Promise.all([...this.#informers.values()].map((informer) => informer.whenSynced()));
      await Promise.race([synced, aborted.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }
}

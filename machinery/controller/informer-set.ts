// One informer per kind for everybody in the process: ten controllers that watch pods cost one watch and one cache. Informers
// may be asked for and given back at any time; those of kinds that come and go are held (`holdMetadata`), not kept for ever.

import type { KubeObject, Resource } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
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

/** Which of a kind's objects, and how much of them. */
export interface InformerView {
  /** Objects that a selector finds: one name in all namespaces costs nothing, all objects of the kind a lot. */
  readonly fieldSelector?: string | undefined;
  readonly metadataOnly?: boolean | undefined;
}

/** A share in an informer; when the last one is disposed of, the informer ends. */
export interface InformerHold extends Disposable {
  readonly informer: SharedInformer<KubeObject>;
}

interface Entry {
  readonly informer: SharedInformer<KubeObject>;
  readonly stop: AbortController;
  /** Infinity: asked for by `of`, kept to the end. */
  holds: number;
}

export class InformerSet {
  readonly #options: InformerSetOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #runs = new Set<Promise<void>>();
  #signal: AbortSignal | undefined;

  constructor(options: InformerSetOptions) {
    this.#options = options;
  }

  /** The informer of a kind, made at the first call; it runs until everything ends. */
  of<T extends KubeObject>(resource: Resource<T>, view: InformerView = {}): SharedInformer<T> {
    const entry = this.#entry(resource as Resource, view);
    entry.holds = Number.POSITIVE_INFINITY;
    return entry.informer as unknown as SharedInformer<T>; // Kept by its resource, whose objects are `T`.
  }

  get(resource: Resource, view: InformerView = {}): SharedInformer<KubeObject> | undefined {
    return this.#entries.get(viewKey(resource, view))?.informer;
  }

  /**
   * The metadata of a kind's objects for as long as the hold lasts. Where somebody already keeps the whole objects, it is
   * those: nothing is held twice.
   */
  holdMetadata(resource: Resource): InformerHold {
    const whole = this.#entries.get(viewKey(resource, {}));
    const entry = whole ?? this.#entry(resource, { metadataOnly: true });
    entry.holds++;
    let isHeld = true;
    return {
      informer: entry.informer,
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        entry.holds--;
        if (entry.holds === 0) entry.stop.abort();
      },
    };
  }

  /** Runs all informers, also those asked for later, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    for (const [key, entry] of this.#entries) this.#start(key, entry, signal);
    await aborted(signal);
    await Promise.all(this.#runs);
  }

  /** Resolves when every informer that is there now has its first list; rejects with the signal's reason. */
  async whenSynced(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const waiting = aborted(signal).then(() => {
      throw signal.reason;
    });
    await Promise.race([
      Promise.all([...this.#entries.values()].map(({ informer }) => informer.whenSynced())),
      waiting,
    ]);
  }

  #entry(resource: Resource, view: InformerView): Entry {
    const key = viewKey(resource, view);
    const known = this.#entries.get(key);
    // One that was given back a moment ago is on its way out, and ends on its own.
    if (known && !known.stop.signal.aborted) return known;
    const { fieldSelector, metadataOnly } = view;
    const informer = new SharedInformer<KubeObject>({
      ...this.#options,
      resource,
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      ...(metadataOnly ? { metadataOnly } : {}),
    });
    const entry = { informer, stop: new AbortController(), holds: 0 };
    this.#entries.set(key, entry);
    if (this.#signal) this.#start(key, entry, this.#signal);
    return entry;
  }

  #start(key: string, entry: Entry, signal: AbortSignal): void {
    const run = async () => {
      await entry.informer.run(AbortSignal.any([signal, entry.stop.signal]));
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      if (!signal.aborted) entry.informer.forget();
    };
    const running = run().finally(() => this.#runs.delete(running));
    this.#runs.add(running);
  }
}

function viewKey(resource: Resource, { fieldSelector = "", metadataOnly = false }: InformerView): string {
  return `${resourceKey(resource)}?${metadataOnly ? "metadata" : ""}&${fieldSelector}`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

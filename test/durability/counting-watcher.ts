// Watches what the writers count, through every end of the connection, from the last version it has seen or, where the server
// does not know that any more, from a list. Each writer's numbers must come one by one, and never go back.

import { ConfigMap } from "@atoll/api/core/config-map/kind";
import { systemClock } from "@atoll/base/clock";
import type { Client } from "@atoll/machinery/client/client";
import { hasReason } from "@atoll/machinery/object/api-error";
import { isPassing, numberOf } from "./counting-writer.ts";

const RETRY_MS = 10;

export class CountingWatcher {
  /** Rejects for a gap or a repeat. */
  readonly done: Promise<void>;
  readonly #client: Client;
  readonly #namespace: string;
  readonly #numbers = new Map<string, number>();
  #lists = 0;

  constructor(client: Client, namespace: string, signal: AbortSignal) {
    this.#client = client;
    this.#namespace = namespace;
    this.done = this.#run(signal);
  }

  /** The last number of the writer; 0: none yet. */
  seen(name: string): number {
    return this.#numbers.get(name) ?? 0;
  }

  /** How often it had to start from a list. */
  get lists(): number {
    return this.#lists;
  }

  async #run(signal: AbortSignal): Promise<void> {
    let resourceVersion = await this.#list(signal);
    while (!signal.aborted) {
      try {
        const options = { namespace: this.#namespace, resourceVersion, signal };
        for await (const { type, object } of this.#client.watch(ConfigMap, options)) {
          if (type !== "BOOKMARK") this.#take(type, object);
          resourceVersion = object.metadata.resourceVersion ?? resourceVersion;
        }
      } catch (error) {
        if (signal.aborted) return;
        // A server that has just started knows no events from before: clients list then, and must find nothing older.
        if (hasReason(error, "Expired")) resourceVersion = await this.#list(signal);
        else if (!isPassing(error)) throw error;
      }
      await systemClock.sleep(RETRY_MS);
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    this.#lists += 1;
    while (!signal.aborted) {
      try {
        const { items, metadata } = await this.#client.list(ConfigMap, { namespace: this.#namespace, signal });
        for (const object of items) this.#takeListed(object);
        return metadata.resourceVersion ?? "";
      } catch (error) {
        if (signal.aborted) break;
        if (!isPassing(error)) throw error;
        await systemClock.sleep(RETRY_MS);
      }
    }
    return "";
  }

  #takeListed(object: ConfigMap): void {
    const { name = "", resourceVersion } = object.metadata;
    const [number, last] = [numberOf(object), this.seen(name)];
    if (number < last)
      throw new Error(`A list shows ${name} at ${number} after ${last}, at version ${resourceVersion}`);
    this.#numbers.set(name, number);
  }

  #take(type: string, object: ConfigMap): void {
    const { name = "", resourceVersion } = object.metadata;
    if (!name.startsWith("writer-")) return;
    const [number, last] = [numberOf(object), this.seen(name)];
    if (number !== last + 1) {
      throw new Error(`A watch saw ${type} ${name} number ${number} after ${last}, at version ${resourceVersion}`);
    }
    this.#numbers.set(name, number);
  }
}

// Counts up in one object, one conditional write after the other, for as long as it is let: so that the numbers which
// anybody sees of it can have neither gap nor repeat.

import { ConfigMap } from "@atoll/api/core/config-map/kind";
import { systemClock } from "@atoll/base/clock";
import type { Client } from "@atoll/machinery/client/client";
import { ApiError, hasReason } from "@atoll/machinery/object/api-error";

/** While the server is away. */
const RETRY_MS = 10;

export class CountingWriter {
  readonly name: string;
  /** Rejects for what should never happen. */
  readonly done: Promise<void>;
  readonly #client: Client;
  readonly #namespace: string;
  #acknowledged = 0;

  constructor(client: Client, place: { readonly namespace: string; readonly name: string }, signal: AbortSignal) {
    this.#client = client;
    this.name = place.name;
    this.#namespace = place.namespace;
    this.done = this.#count(signal);
  }

  /** The last number whose write was answered. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** The number that a reader gets now; waits for a server. */
  async read(): Promise<number> {
    for (;;) {
      try {
        return numberOf(await this.#client.get(ConfigMap, { name: this.name, namespace: this.#namespace }));
      } catch (error) {
        if (!isPassing(error)) throw error;
        await systemClock.sleep(RETRY_MS);
      }
    }
  }

  async #count(signal: AbortSignal): Promise<void> {
    const metadata = { name: this.name, namespace: this.#namespace };
    while (!signal.aborted) {
      try {
        let object = await this.#getOrCreate(metadata);
        // A write whose answer was lost may have been made: then it is found here.
        for (;;) {
          if (signal.aborted) return;
          const data = { number: `${numberOf(object) + 1}` };
          const { resourceVersion } = object.metadata;
          object = await this.#client.update(ConfigMap, {
            metadata: { ...metadata, ...(resourceVersion && { resourceVersion }) },
            data,
          });
          this.#acknowledged = numberOf(object);
        }
      } catch (error) {
        if (!isPassing(error) && !hasReason(error, "Conflict")) throw error;
        await systemClock.sleep(RETRY_MS);
      }
    }
  }

  async #getOrCreate(metadata: { readonly name: string; readonly namespace: string }): Promise<ConfigMap> {
    try {
      return await this.#client.get(ConfigMap, metadata);
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
      if (this.#acknowledged > 0) throw new Error(`"${this.name}" was acknowledged and is gone`, { cause: error });
      return await this.#client.create(ConfigMap, { metadata, data: { number: "1" } });
    }
  }
}

export function numberOf({ data }: ConfigMap): number {
  return Number(data?.number ?? 0);
}

/** True for what a client meets while a server dies, is away, or comes back; false for what no server should answer. */
export function isPassing(error: unknown): boolean {
  return ["ServiceUnavailable", "Timeout", "ServerTimeout", "TooManyRequests", "AlreadyExists"].some((reason) =>
    error instanceof ApiError ? error.reason === reason : false,
  );
}

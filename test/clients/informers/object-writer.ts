// Creates, changes and deletes objects of all watched kinds in random order, while its server comes and goes.

import type { Client } from "@atoll/machinery/client/client";
import { hasReason } from "@atoll/machinery/object/api-error";
import type { Random } from "@atoll/base/random";
import { systemClock } from "@atoll/base/clock";
import { isPassing } from "../../durability/counting-writer.ts";
import { LABEL, NAMESPACE, WATCHED } from "./watched-objects.ts";

const HANDS = 4;
const NAMES_PER_KIND = 30;
/** Between two writes of one hand: a server that is only ever written to shows less. */
const PAUSE_MS = 5;
const RETRY_MS = 50;

export class ObjectWriter {
  readonly #client: Client;
  readonly #random: Random;
  #writes = 0;

  constructor(client: Client, random: Random) {
    this.#client = client;
    this.#random = random;
  }

  /** Those that were answered. */
  get writes(): number {
    return this.#writes;
  }

  /** Resolves when the signal aborts and the last write is answered. */
  async run(signal: AbortSignal): Promise<void> {
    const hand = async () => {
      while (!signal.aborted) {
        try {
          await this.#write();
          this.#writes += 1;
          await systemClock.sleep(PAUSE_MS);
        } catch (error) {
          // A write whose answer was lost has been made or not; another hand may have been quicker.
          const isExpected = isPassing(error) || hasReason(error, "NotFound") || hasReason(error, "Conflict");
          if (!isExpected) throw error;
          await systemClock.sleep(RETRY_MS);
        }
      }
    };
    await Promise.all(Array.from({ length: HANDS }, hand));
  }

  async #write(): Promise<void> {
    const pick = (count: number) => Math.floor(this.#random.float() * count);
    const { resource, fields } = WATCHED[pick(WATCHED.length)] ?? {};
    if (!resource) return;
    const name = `w${pick(NAMES_PER_KIND)}`;
    const key = { namespace: NAMESPACE, name };
    const labels = { [LABEL]: `${this.#writes}` };
    const choice = this.#random.float();
    if (choice < 0.5) {
      await this.#client.patch(resource, key, { type: "merge", body: { metadata: { labels } } });
    } else if (choice < 0.85) {
      await this.#client.create(resource, { metadata: { ...key, labels }, ...fields });
    } else {
      await this.#client.delete(resource, key);
    }
  }
}

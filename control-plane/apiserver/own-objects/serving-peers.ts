// Which servers answer for the cluster, where several share a store: each has a key that goes away some time after its last word.
// Keys and values are upstream's, so that its servers and these find each other.

import { prefixEnd, type Store } from "../../store/store.ts";

const PREFIX = "/registry/masterleases/";
/** Upstream's: the third word missed in a row takes a server out. */
const TTL_SECONDS = 15;

export class ServingPeers {
  readonly #store: Store;
  readonly #key: string;
  readonly #value: Uint8Array;

  /** `address`: where clients in the cluster reach this server. */
  constructor(store: Store, address: string) {
    this.#store = store;
    this.#key = PREFIX + address;
    const subsets = [{ addresses: [{ ip: address }] }];
    this.#value = Buffer.from(JSON.stringify({ kind: "Endpoints", apiVersion: "v1", metadata: {}, subsets }));
  }

  /** This server goes on answering. */
  async renew(): Promise<void> {
    const { id: lease } = await this.#store.grantLease(TTL_SECONDS);
    await this.#store.transact({
      compares: [],
      writes: [{ type: "put", key: this.#key, value: this.#value, lease }],
    });
  }

  /** This server is about to stop. */
  async leave(): Promise<void> {
    await this.#store.transact({ compares: [], writes: [{ type: "delete", key: this.#key }] });
  }

  /** Addresses of all that answer, in order. */
  async list(): Promise<string[]> {
    const { items } = await this.#store.range({ start: PREFIX, end: prefixEnd(PREFIX) });
    return items.map(({ key }) => key.slice(PREFIX.length));
  }
}

// The public keys of one issuer, as it publishes them: fetched when they are first needed, again when a token names a key that
// is not known, and now and then, so that a key its owner has withdrawn is not believed for long.

import { issuerDiscovery, issuerKeySet } from "@atoll/api/config/authentication";
import type { Clock } from "@atoll/base/clock";
import { createLocalJWKSet, type FlattenedJWSInput, type JSONWebKeySet, type JWSHeaderParameters } from "jose";

/** Fetches a document over TLS. Throws for anything but a JSON answer with status 200. */
export type FetchJson = (url: string) => Promise<unknown>;

/** A withdrawn key is believed at most this long. */
const KEYS_LIFETIME_MS = 10 * 60_000;
/** Tokens with unknown keys cannot make us ask more often than this. */
const REFETCH_INTERVAL_MS = 10_000;

type KeySet = ReturnType<typeof createLocalJWKSet>;

export class IssuerKeys {
  readonly #options: {
    readonly issuer: string;
    readonly discoveryUrl: string;
    readonly fetchJson: FetchJson;
    readonly clock: Clock;
  };
  #keys: KeySet | undefined;
  #fetchedMs = Number.NEGATIVE_INFINITY;
  /** The fetch under way, which all who wait share. */
  #fetching: Promise<KeySet> | undefined;

  constructor(options: {
    readonly issuer: string;
    readonly discoveryUrl: string;
    readonly fetchJson: FetchJson;
    readonly clock: Clock;
  }) {
    this.#options = options;
  }

  /** The key that a token says it was signed with; rejects where the issuer has no such key or cannot be reached. */
  async key(header: JWSHeaderParameters, token: FlattenedJWSInput) {
    const ageMs = this.#options.clock.monotonicMs() - this.#fetchedMs;
    const keys = this.#keys && ageMs < KEYS_LIFETIME_MS ? this.#keys : await this.#fetch();
    try {
      return await keys(header, token);
    } catch (error) {
      if (ageMs < REFETCH_INTERVAL_MS || keys !== this.#keys || ageMs >= KEYS_LIFETIME_MS) throw error;
      return (await this.#fetch())(header, token);
    }
  }

  #fetch(): Promise<KeySet> {
    this.#fetching ??= this.#fetchNow().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchNow(): Promise<KeySet> {
    const { issuer, discoveryUrl, fetchJson, clock } = this.#options;
    const document = issuerDiscovery.parse(await fetchJson(discoveryUrl));
    if (document.issuer !== issuer) {
      throw new Error(`"${discoveryUrl}" belongs to the issuer "${document.issuer}", not to "${issuer}"`);
    }
    const fetched = issuerKeySet.parse(await fetchJson(document.jwks_uri));
    const keys = createLocalJWKSet(fetched as JSONWebKeySet); // each key has its type, the rest is checked in use
    this.#keys = keys;
    this.#fetchedMs = clock.monotonicMs();
    return keys;
  }
}

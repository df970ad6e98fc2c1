// Pods' tokens, asked for from the API server, bound to the pod, and kept until four fifths of their life have passed.

import { ServiceAccount } from "@atoll/api/core/service-account/kind";
import type { TokenRequest } from "@atoll/api/generated/types";
import type { Resource } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
import type { Random } from "@atoll/base/random";
import type { Client } from "@atoll/machinery/client/client";
import { ApiError, hasReason } from "@atoll/machinery/object/api-error";
import { PodSourceError, type TokenSource } from "./object-source.ts";

/** A token that lives for years is still renewed daily, as Kubernetes does. */
const RENEW_AFTER_MS_MAX = 24 * 3_600_000;
const RENEW_AT_SHARE = 0.8;
/** Spread over this time, so that the tokens of a thousand pods are not renewed together. */
const RENEW_JITTER_MS = 10_000;

/** The subresource takes and gives another kind than its parent's. */
const Tokens: Resource<TokenRequest> = {
  group: ServiceAccount.group,
  version: ServiceAccount.version,
  kind: "TokenRequest",
  plural: ServiceAccount.plural,
  scope: ServiceAccount.scope,
};

interface HeldToken {
  readonly token: string;
  readonly renewAtMs: number;
  readonly podUid: string;
}

export class ServiceAccountTokens implements TokenSource {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #held = new Map<string, HeldToken>();

  constructor(options: { readonly client: Client; readonly clock: Clock; readonly random: Random }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#random = options.random;
  }

  async token(request: Parameters<TokenSource["token"]>[0]): Promise<string> {
    const { namespace, serviceAccount, podName, podUid, audience, expirationSeconds } = request;
    const key = JSON.stringify([podUid, namespace, serviceAccount, audience, expirationSeconds]);
    const held = this.#held.get(key);
    if (held && this.#clock.now() < held.renewAtMs) return held.token;
    const body: TokenRequest = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      metadata: {},
      spec: {
        audiences: audience === undefined ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name: podName, uid: podUid },
      },
    };
    let answer: TokenRequest;
    try {
      answer = await this.#client.create(Tokens, body, { subresource: "token", name: serviceAccount, namespace });
    } catch (error) {
      // The old one is good for its last fifth while the API server is away.
      if (held && !hasReason(error, "NotFound")) return held.token;
      throw new PodSourceError(`failed to fetch token: ${ApiError.from(error).message}`, { cause: error });
    }
    const token = answer.status?.token;
    if (!token) throw new PodSourceError("failed to fetch token: the API server gave none");
    const now = this.#clock.now();
    const lifeMs = Date.parse(answer.status?.expirationTimestamp ?? "") - now || expirationSeconds * 1000;
    const renewInMs = Math.min(lifeMs * RENEW_AT_SHARE, RENEW_AFTER_MS_MAX) - this.#random.float() * RENEW_JITTER_MS;
    this.#held.set(key, { token, renewAtMs: now + renewInMs, podUid });
    return token;
  }

  /** The pod is gone. */
  release(podUid: string): void {
    for (const [key, held] of this.#held) if (held.podUid === podUid) this.#held.delete(key);
  }
}

// Issues and checks the tokens that pods show: JSON Web Tokens signed with the Supervisor's service account key, bound to
// the ServiceAccount and, where asked, to a Pod. A token dies with what it is bound to, so each use looks both up.

import type { KeyObject } from "node:crypto";
import type { Clock } from "@atoll/base/clock";
import { type Eventual, whenThere } from "@atoll/base/eventual";
import { isRecord } from "@atoll/base/is-record";
import { type Random, randomUuid } from "@atoll/base/random";
import { errors, exportJWK, jwtVerify, SignJWT } from "jose";
import type { User } from "../request/request.ts";
import { AUTHENTICATED_GROUP, CREDENTIAL_ID } from "./authenticator.ts";
import { unauthorized, type VerifiedToken } from "./bearer-tokens.ts";

const ALGORITHM = "RS256";
/** What of an account's extra facts names the host of the pod that its token is bound to. */
const NODE_NAME = "authentication.kubernetes.io/node-name";
/** A verified signature is believed this long without computing it again; binding and expiry are checked each time. */
const VERIFIED_TOKENS_MAX = 4096;
/** Longer headers are no token of ours. */
const TOKEN_LENGTH_MAX = 16_384;

/** The key that signs all tokens; where it is kept is not this server's business. */
export interface ServiceAccountKey {
  /** Names the key in tokens and in the published key set. */
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface ObjectReference {
  readonly name: string;
  readonly uid: string;
}

/** What a token dies with, beside its account. */
export interface TokenBinding {
  readonly pod?: ObjectReference | undefined;
  /** With a pod: where it runs, by name alone where the node is not known (an empty UID). */
  readonly node?: ObjectReference | undefined;
  readonly secret?: ObjectReference | undefined;
}

export interface TokenSubject extends TokenBinding {
  readonly namespace: string;
  readonly serviceAccount: ObjectReference;
}

/** Looks up what a token is bound to, in the API server's own cache. */
export interface BindingLookup {
  /** UID of the object that is there now, undefined when there is none. */
  serviceAccountUid(namespace: string, name: string): Eventual<string | undefined>;
  podUid(namespace: string, name: string): Eventual<string | undefined>;
  nodeUid(name: string): Eventual<string | undefined>;
  secretUid(namespace: string, name: string): Eventual<string | undefined>;
}

interface Verified {
  readonly subject: TokenSubject;
  readonly audiences: readonly string[];
  readonly expiresAtMs: number;
  /** One for all requests: what is remembered of a user is found by it. */
  readonly user: User;
}

export class ServiceAccountTokens {
  readonly #key: ServiceAccountKey;
  readonly #issuer: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #verified = new Map<string, Verified>();
  /** A client's requests come one after the other: to compare a token is quicker than to hash it. */
  #last: { readonly token: string; readonly verified: Verified } | undefined;

  constructor(options: {
    readonly key: ServiceAccountKey;
    /** The `iss` of all tokens, and the audience where a request names none. */
    readonly issuer: string;
    readonly clock: Clock;
    readonly random: Random;
  }) {
    this.#key = options.key;
    this.#issuer = options.issuer;
    this.#clock = options.clock;
    this.#random = options.random;
  }

  get key(): ServiceAccountKey {
    return this.#key;
  }

  get issuer(): string {
    return this.#issuer;
  }

  async issue(
    subject: TokenSubject,
    options: { readonly audiences: readonly string[]; readonly lifetimeSeconds: number },
  ): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
    const issuedAt = Math.floor(this.#clock.now() / 1000);
    const expiresAt = issuedAt + options.lifetimeSeconds;
    const audiences = options.audiences.length > 0 ? [...options.audiences] : [this.#issuer];
    const token = await new SignJWT({
      "kubernetes.io": {
        namespace: subject.namespace,
        serviceaccount: subject.serviceAccount,
        ...(subject.pod ? { pod: subject.pod } : {}),
        ...(subject.node ? { node: claimOf(subject.node) } : {}),
        ...(subject.secret ? { secret: subject.secret } : {}),
      },
    })
      .setProtectedHeader({ alg: ALGORITHM, kid: this.#key.keyId })
      .setIssuer(this.#issuer)
      .setSubject(userName(subject))
      .setAudience(audiences)
      .setJti(randomUuid(this.#random))
      .setIssuedAt(issuedAt)
      .setNotBefore(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(this.#key.privateKey);
    return { token, expiresAtMs: expiresAt * 1000 };
  }

  verify(token: string, audiences: readonly string[], lookup: BindingLookup): Eventual<VerifiedToken> {
    const known = this.#last?.token === token ? this.#last.verified : this.#verified.get(token);
    return whenThere(known ?? this.#verifySignature(token), (verified) =>
      this.#accept(token, verified, audiences, lookup),
    );
  }

  /** The signature is good; all else may have changed since it was verified. */
  #accept(
    token: string,
    verified: Verified,
    audiences: readonly string[],
    lookup: BindingLookup,
  ): Eventual<VerifiedToken> {
    if (verified.expiresAtMs <= this.#clock.now()) {
      this.#verified.delete(token);
      throw unauthorized();
    }
    if (verified !== this.#last?.verified) this.#last = { token, verified };
    const common = verified.audiences.filter((audience) => audiences.includes(audience));
    if (common.length === 0) throw unauthorized();
    return whenThere(isBound(verified.subject, lookup), (isAlive) => {
      if (!isAlive) throw unauthorized();
      return { user: verified.user, audiences: common };
    });
  }

  /** The public key set of `/openid/v1/jwks`. */
  async publicKeySet(): Promise<unknown> {
    const jwk = await exportJWK(this.#key.publicKey);
    return { keys: [{ ...jwk, use: "sig", alg: ALGORITHM, kid: this.#key.keyId }] };
  }

  async #verifySignature(token: string): Promise<Verified> {
    if (token.length > TOKEN_LENGTH_MAX) throw unauthorized();
    let payload: Awaited<ReturnType<typeof jwtVerify>>["payload"];
    try {
      ({ payload } = await jwtVerify(token, this.#key.publicKey, {
        issuer: this.#issuer,
        algorithms: [ALGORITHM],
        currentDate: new Date(this.#clock.now()),
        requiredClaims: ["exp", "sub", "aud", "jti"],
      }));
    } catch (error) {
      if (error instanceof errors.JOSEError) throw unauthorized(error);
      throw error;
    }
    const subject = readSubject(payload["kubernetes.io"]);
    if (!subject || payload.sub !== userName(subject)) throw unauthorized();
    const verified: Verified = {
      subject,
      audiences: typeof payload.aud === "string" ? [payload.aud] : (payload.aud ?? []),
      expiresAtMs: (payload.exp ?? 0) * 1000,
      user: userOf(subject, payload.jti ?? ""),
    };
    // The oldest goes first: a Map keeps the order of insertion.
    const oldest = this.#verified.keys().next();
    if (this.#verified.size >= VERIFIED_TOKENS_MAX && !oldest.done) this.#verified.delete(oldest.value);
    this.#verified.set(token, verified);
    return verified;
  }
}

export function serviceAccountUserName(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** Undefined: not the name of a service account's user. */
export function parseServiceAccountUserName(userName: string): { namespace: string; name: string } | undefined {
  const match = ACCOUNT_USER.exec(userName);
  return match?.[1] && match[2] ? { namespace: match[1], name: match[2] } : undefined;
}

const ACCOUNT_USER = /^system:serviceaccount:([a-z0-9][-a-z0-9]*):([a-z0-9][-.a-z0-9]*)$/;

/** Whether it is a service account whose token says that it runs on this host; undefined is none. */
export function isAccountOn({ name, extra }: User, node: string | undefined): boolean {
  const nodes = extra?.[NODE_NAME] ?? [];
  return (
    node !== undefined && parseServiceAccountUserName(name) !== undefined && nodes.length === 1 && nodes[0] === node
  );
}

/** The groups of every account of a namespace, "system:authenticated" aside. */
export function serviceAccountGroups(namespace: string): string[] {
  return ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
}

function userName(subject: TokenSubject): string {
  return serviceAccountUserName(subject.namespace, subject.serviceAccount.name);
}

function userOf(subject: TokenSubject, tokenId: string): User {
  return {
    name: userName(subject),
    uid: subject.serviceAccount.uid,
    groups: [...serviceAccountGroups(subject.namespace), AUTHENTICATED_GROUP],
    extra: {
      [CREDENTIAL_ID]: [`JTI=${tokenId}`],
      ...(subject.node ? { [NODE_NAME]: [subject.node.name] } : {}),
      ...(subject.node?.uid ? { "authentication.kubernetes.io/node-uid": [subject.node.uid] } : {}),
      ...(subject.pod ? { "authentication.kubernetes.io/pod-name": [subject.pod.name] } : {}),
      ...(subject.pod ? { "authentication.kubernetes.io/pod-uid": [subject.pod.uid] } : {}),
    },
  };
}

/** Whether all that the token dies with is still there. */
function isBound(subject: TokenSubject, lookup: BindingLookup): Eventual<boolean> {
  const { namespace, serviceAccount, pod, secret, node } = subject;
  const uids: (readonly [found: Eventual<string | undefined>, wanted: string])[] = [
    [lookup.serviceAccountUid(namespace, serviceAccount.name), serviceAccount.uid],
  ];
  if (pod) uids.push([lookup.podUid(namespace, pod.name), pod.uid]);
  if (secret) uids.push([lookup.secretUid(namespace, secret.name), secret.uid]);
  // A pod's node is only told; a token of a node alone dies with it.
  if (node && !pod) uids.push([lookup.nodeUid(node.name), node.uid]);
  const isSame = ([found, wanted]: (typeof uids)[number]) => whenThere(found, (uid) => uid === wanted);
  return uids.map(isSame).reduce((all, one) => whenThere(all, (isGood) => isGood && one));
}

function claimOf({ name, uid }: ObjectReference): Partial<ObjectReference> {
  return uid === "" ? { name } : { name, uid };
}

function readSubject(claim: unknown): TokenSubject | undefined {
  if (!isRecord(claim) || typeof claim.namespace !== "string") return undefined;
  const serviceAccount = readReference(claim.serviceaccount);
  if (!serviceAccount) return undefined;
  return {
    namespace: claim.namespace,
    serviceAccount,
    pod: readReference(claim.pod),
    node: readReference(claim.node) ?? readName(claim.node),
    secret: readReference(claim.secret),
  };
}

function readReference(value: unknown): ObjectReference | undefined {
  if (!isRecord(value) || typeof value.name !== "string" || typeof value.uid !== "string") return undefined;
  return { name: value.name, uid: value.uid };
}

function readName(value: unknown): ObjectReference | undefined {
  return isRecord(value) && typeof value.name === "string" ? { name: value.name, uid: "" } : undefined;
}

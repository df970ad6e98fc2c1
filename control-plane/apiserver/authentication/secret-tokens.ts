// Tokens that stand in Secrets of the type "kubernetes.io/service-account-token": they have no end of their own and die with
// their Secret or its account. Whoever can use a short-lived token instead should; the last day of use is noted on the
// Secret, so that somebody can find out which ones still matter.

import { Secret } from "@atoll/api/core/secret/kind";
import { INVALID_SINCE_LABEL, LAST_USED_LABEL, TOKEN_KEY } from "@atoll/api/core/secret/service-account-token";
import { ServiceAccount } from "@atoll/api/core/service-account/kind";
import { type Clock, formatTime } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import { decodeJwt, errors, jwtVerify, SignJWT } from "jose";
import { copyObject } from "../registry/object-fields.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import { AUTHENTICATED_GROUP } from "./authenticator.ts";
import { type TokenVerifier, unauthorized, type VerifiedToken } from "./bearer-tokens.ts";
import { type ServiceAccountKey, serviceAccountGroups, serviceAccountUserName } from "./service-account-tokens.ts";

const ALGORITHM = "RS256";
const ISSUER = "kubernetes/serviceaccount";
const CLAIM = `${ISSUER}/`;
/** Signatures believed without computing them again; what they are bound to is looked up each time. */
const VERIFIED_TOKENS_MAX = 1024;

export interface SecretTokenSubject {
  readonly namespace: string;
  readonly account: { readonly name: string; readonly uid: string };
  readonly secretName: string;
}

/** The token for a Secret. Never the same twice only because its subject never is. */
export function issueSecretToken(key: ServiceAccountKey, subject: SecretTokenSubject): Promise<string> {
  const { namespace, account, secretName } = subject;
  const claims = {
    [`${CLAIM}namespace`]: namespace,
    [`${CLAIM}secret.name`]: secretName,
    [`${CLAIM}service-account.name`]: account.name,
    [`${CLAIM}service-account.uid`]: account.uid,
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, kid: key.keyId })
    .setIssuer(ISSUER)
    .setSubject(serviceAccountUserName(namespace, account.name))
    .sign(key.privateKey);
}

export interface SecretTokensOptions {
  readonly key: ServiceAccountKey;
  readonly resources: ResourceTable;
  /** This API's own, which the tokens are for. */
  readonly audience: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export class SecretTokens implements TokenVerifier {
  readonly #options: SecretTokensOptions;
  readonly #verified = new Map<string, SecretTokenSubject>();

  constructor(options: SecretTokensOptions) {
    this.#options = options;
  }

  async verify(token: string, audiences: readonly string[]): Promise<VerifiedToken | undefined> {
    const subject = this.#verified.get(token) ?? (await this.#verifySignature(token));
    if (!subject) return undefined;
    const { audience } = this.#options;
    if (!audiences.includes(audience)) throw unauthorized();
    const { namespace, account } = subject;
    await this.#checkAccount(subject);
    await this.#checkSecret(subject, token);
    return {
      user: {
        name: serviceAccountUserName(namespace, account.name),
        uid: account.uid,
        groups: [...serviceAccountGroups(namespace), AUTHENTICATED_GROUP],
      },
      audiences: [audience],
    };
  }

  async #verifySignature(token: string): Promise<SecretTokenSubject | undefined> {
    try {
      if (decodeJwt(token).iss !== ISSUER) return undefined;
    } catch {
      // Not even the shape of one: somebody else's.
      return undefined;
    }
    try {
      const { payload } = await jwtVerify(token, this.#options.key.publicKey, {
        issuer: ISSUER,
        algorithms: [ALGORITHM],
        currentDate: new Date(this.#options.clock.now()),
      });
      const text = (name: string) => String(payload[`${CLAIM}${name}`] ?? "");
      const account = { name: text("service-account.name"), uid: text("service-account.uid") };
      const subject = { namespace: text("namespace"), account, secretName: text("secret.name") };
      if (payload.sub !== serviceAccountUserName(subject.namespace, account.name)) throw unauthorized();
      const oldest = this.#verified.keys().next();
      if (this.#verified.size >= VERIFIED_TOKENS_MAX && !oldest.done) this.#verified.delete(oldest.value);
      this.#verified.set(token, subject);
      return subject;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw unauthorized(error);
      throw error;
    }
  }

  async #checkAccount({ namespace, account }: SecretTokenSubject): Promise<void> {
    const accounts = this.#options.resources.of(ServiceAccount);
    const stored = await accounts.get(accounts.keyOf(namespace, account.name));
    const metadata = stored?.object.metadata;
    if (!metadata || metadata.deletionTimestamp || metadata.uid !== account.uid) throw unauthorized();
  }

  async #checkSecret({ namespace, secretName }: SecretTokenSubject, token: string): Promise<void> {
    const secrets = this.#options.resources.of(Secret);
    const key = secrets.keyOf(namespace, secretName);
    const secret = (await secrets.get(key))?.object as Secret | undefined; // the store holds Secrets only
    if (!secret || secret.metadata.deletionTimestamp) throw unauthorized();
    if (atob(secret.data?.[TOKEN_KEY] ?? "") !== token) throw unauthorized();
    const { labels = {} } = secret.metadata;
    if (labels[INVALID_SINCE_LABEL] !== undefined) throw unauthorized();
    const today = formatTime(this.#options.clock.now()).slice(0, "2026-01-01".length);
    if (labels[LAST_USED_LABEL] === today) return;
    try {
      await secrets.change(key, ({ object }) => {
        const noted = copyObject(object);
        noted.metadata.labels = { ...noted.metadata.labels, [LAST_USED_LABEL]: today };
        return { type: "put", object: noted };
      });
    } catch (error) {
      // A note that cannot be made is no reason to turn somebody away.
      this.#options.log.error("Use of a Secret's token could not be noted", { namespace, name: secretName, error });
    }
  }
}

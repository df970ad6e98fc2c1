// The Authorization header: every kind of token this server knows, asked in order. The first that knows the token as its own
// and good has decided; a token that nobody knows is refused, never taken for no token.

import { type Eventual, whenThere } from "@atoll/base/eventual";
import { ApiError, hasReason } from "@atoll/machinery/object/api-error";
import type { ApiRequest, User } from "../request/request.ts";

const BEARER = /^bearer +(.+)$/i;

export interface VerifiedToken {
  readonly user: User;
  /** Those of the audiences asked for that the token is meant for. */
  readonly audiences: readonly string[];
}

/** One kind of token. */
export interface TokenVerifier {
  /** Undefined: no token of this kind. Throws ApiError Unauthorized for one that is not, or no longer, good. */
  verify(token: string, audiences: readonly string[]): Eventual<VerifiedToken | undefined>;
}

interface Asked {
  readonly others: readonly TokenVerifier[];
  readonly index: number;
  readonly cause: unknown;
}

export class BearerTokens {
  readonly #own: readonly TokenVerifier[];
  readonly #configured: { readonly verifiers: readonly TokenVerifier[] };
  readonly #audience: string;

  constructor(options: {
    readonly own: readonly TokenVerifier[];
    /** Asked after them; its verifiers may change at any time. */
    readonly configured: { readonly verifiers: readonly TokenVerifier[] };
    /** This API's own. */
    readonly audience: string;
  }) {
    this.#own = options.own;
    this.#configured = options.configured;
    this.#audience = options.audience;
  }

  /** Undefined: the request carries no token. */
  authenticate({ headers }: ApiRequest): Eventual<User | undefined> {
    const header = headers.authorization;
    if (header === undefined) return undefined;
    const token = BEARER.exec(header)?.[1];
    if (token === undefined) throw unauthorized();
    return whenThere(this.verify(token, [this.#audience]), ({ user }) => user);
  }

  /** Throws Unauthorized for a token that nobody vouches for. */
  verify(token: string, audiences: readonly string[]): Eventual<VerifiedToken> {
    return this.#ask(token, audiences, { others: this.#configured.verifiers, index: 0, cause: undefined });
  }

  /** `others` as they were when the first was asked; `index` of who is next; `cause` of the first refusal so far. */
  #ask(token: string, audiences: readonly string[], { others, index, cause }: Asked): Eventual<VerifiedToken> {
    const verifier = this.#own[index] ?? others[index - this.#own.length];
    if (!verifier) throw unauthorized(cause);
    const askNext = (refusal?: unknown) =>
      this.#ask(token, audiences, { others, index: index + 1, cause: cause ?? refusal });
    const refuse = (error: unknown) => {
      // Another kind may still know it: two issuers' tokens look alike.
      if (hasReason(error, "Unauthorized")) return askNext(error);
      throw error;
    };
    let verified: Eventual<VerifiedToken | undefined>;
    try {
      verified = verifier.verify(token, audiences);
    } catch (error) {
      return refuse(error);
    }
    if (verified instanceof Promise) return verified.then((late) => late ?? askNext(), refuse);
    return verified ?? askNext();
  }
}

export function unauthorized(cause?: unknown): ApiError {
  return new ApiError("Unauthorized", "Unauthorized", { cause });
}

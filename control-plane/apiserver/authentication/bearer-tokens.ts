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

export class BearerTokens {
  readonly #verifiers: () => readonly TokenVerifier[];
  readonly #audience: string;

  /** `verifiers` says who is asked now. */
  constructor(
    verifiers: () => readonly TokenVerifier[],
    options: { /** This API's own. */ readonly audience: string },
  ) {
    this.#verifiers = verifiers;
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
    return this.#ask(token, audiences, { verifiers: this.#verifiers(), index: 0, cause: undefined });
  }

  /** `index` of the verifier that is next; `cause` of the first refusal so far. */
  #ask(
    token: string,
    audiences: readonly string[],
    {
      verifiers,
      index,
      cause,
    }: { readonly verifiers: readonly TokenVerifier[]; readonly index: number; readonly cause: unknown },
  ): Eventual<VerifiedToken> {
    const verifier = verifiers[index];
    if (!verifier) throw unauthorized(cause);
    const askNext = (refusal?: unknown) =>
      this.#ask(token, audiences, { verifiers, index: index + 1, cause: cause ?? refusal });
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

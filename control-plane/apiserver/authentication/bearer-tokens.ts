// The Authorization header: every kind of token this server knows, asked in order. The first that knows the token as its own
// and good has decided; a token that nobody knows is refused, never taken for no token.

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
  verify(token: string, audiences: readonly string[]): Promise<VerifiedToken | undefined>;
}

export class BearerTokens {
  readonly #verifiers: readonly TokenVerifier[];
  readonly #audience: string;

  constructor(verifiers: readonly TokenVerifier[], options: { /** This API's own. */ readonly audience: string }) {
    this.#verifiers = verifiers;
    this.#audience = options.audience;
  }

  /** Undefined: the request carries no token. */
  async authenticate({ headers }: ApiRequest): Promise<User | undefined> {
    const header = headers.authorization;
    if (header === undefined) return undefined;
    const token = BEARER.exec(header)?.[1];
    if (token === undefined) throw unauthorized();
    return (await this.verify(token, [this.#audience])).user;
  }

  /** Throws Unauthorized for a token that nobody vouches for. */
  async verify(token: string, audiences: readonly string[]): Promise<VerifiedToken> {
    const causes: unknown[] = [];
    for (const verifier of this.#verifiers) {
      try {
        const verified = await verifier.verify(token, audiences);
        if (verified) return verified;
      } catch (error) {
        if (!hasReason(error, "Unauthorized")) throw error;
        // Another kind may still know it: two issuers' tokens look alike.
        causes.push(error);
      }
    }
    throw unauthorized(causes[0]);
  }
}

export function unauthorized(cause?: unknown): ApiError {
  return new ApiError("Unauthorized", "Unauthorized", { cause });
}

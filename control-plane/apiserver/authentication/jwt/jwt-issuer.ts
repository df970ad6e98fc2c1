// Tokens of one other issuer: signature, issuer, audience and time are checked here, who that is stands in `claim-mapper.ts`.

import type { JwtIssuerConfiguration } from "@atoll/api/config/authentication";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import { decodeJwt, errors, jwtVerify } from "jose";
import { type TokenVerifier, unauthorized, type VerifiedToken } from "../bearer-tokens.ts";
import { ClaimMapper, UnmappedClaims } from "./claim-mapper.ts";
import { type FetchJson, IssuerKeys } from "./issuer-keys.ts";

/** Only signatures with public keys: a shared secret would make every verifier an issuer. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"];
/** Longer ones are refused unread. */
const TOKEN_LENGTH_MAX = 16_384;
const DISCOVERY_PATH = "/.well-known/openid-configuration";

export interface JwtIssuerOptions {
  readonly configuration: JwtIssuerConfiguration;
  /** Only whoever asks for this audience, this API, is answered. */
  readonly apiAudience: string;
  readonly fetchJson: FetchJson;
  readonly clock: Clock;
  readonly log: Logger;
}

export class JwtIssuer implements TokenVerifier {
  readonly #options: JwtIssuerOptions;
  readonly #keys: IssuerKeys;
  readonly #mapper: ClaimMapper;

  /** Throws an Error for expressions that are not sound. */
  constructor(options: JwtIssuerOptions) {
    this.#options = options;
    const { configuration, fetchJson, clock } = options;
    this.#mapper = new ClaimMapper(configuration);
    const { url, discoveryURL } = configuration.issuer;
    this.#keys = new IssuerKeys({
      issuer: url,
      discoveryUrl: discoveryURL ?? `${url.replace(/\/$/, "")}${DISCOVERY_PATH}`,
      fetchJson,
      clock,
    });
  }

  get configuration(): JwtIssuerConfiguration {
    return this.#options.configuration;
  }

  async verify(token: string, audiences: readonly string[]): Promise<VerifiedToken | undefined> {
    const { configuration, apiAudience, clock, log } = this.#options;
    const { url } = configuration.issuer;
    if (token.length > TOKEN_LENGTH_MAX || !audiences.includes(apiAudience) || issuerOf(token) !== url)
      return undefined;
    try {
      const { payload } = await jwtVerify(token, (header, input) => this.#keys.key(header, input), {
        issuer: url,
        audience: configuration.issuer.audiences,
        algorithms: ALGORITHMS,
        currentDate: new Date(clock.now()),
        requiredClaims: ["exp"],
      });
      return { user: this.#mapper.userOf(payload), audiences: [apiAudience] };
    } catch (error) {
      // An issuer that cannot be reached is the operator's to know, and the caller's to try again.
      if (error instanceof UnmappedClaims) log.debug("Token is nobody's", { issuer: url, reason: error.message });
      else if (!(error instanceof errors.JOSEError)) log.info("Token could not be verified", { issuer: url, error });
      throw unauthorized(error);
    }
  }
}

/** What the token says of itself, not believed yet. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

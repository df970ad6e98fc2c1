// The AuthenticationConfiguration that the Supervisor's own names. It is read again as long as the program runs, for issuers come
// and go; a document that is not valid then leaves everything as it was.

import {
  type AuthenticationConfiguration,
  authenticationConfiguration,
  type JwtIssuerConfiguration,
} from "@atoll/api/config/authentication";
import type { Clock } from "@atoll/base/clock";
import { describeError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import type { ConfiguredAuthentication } from "@atoll/control-plane/apiserver/authentication/configured-authentication";
import { httpsJson } from "@atoll/control-plane/apiserver/authentication/jwt/https-json";
import { JwtIssuer } from "@atoll/control-plane/apiserver/authentication/jwt/jwt-issuer";
import { isDeepStrictEqual } from "node:util";
import { readDocument } from "./read-document.ts";

const READ_INTERVAL_MS = 10_000;

export interface AuthenticationFileOptions {
  readonly path: string;
  /** Only whoever asks for this audience is answered. */
  readonly apiAudience: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export class AuthenticationFile implements ConfiguredAuthentication {
  readonly #options: AuthenticationFileOptions;
  #document: AuthenticationConfiguration;
  #issuers: readonly JwtIssuer[] = [];

  private constructor(options: AuthenticationFileOptions, document: AuthenticationConfiguration) {
    this.#options = options;
    this.#document = document;
    this.#issuers = document.jwt.map((configuration) => this.#issuer(configuration));
  }

  /** Throws an Error for a document that is not valid. */
  static async open(options: AuthenticationFileOptions): Promise<AuthenticationFile> {
    return new AuthenticationFile(options, await readDocument(options.path, authenticationConfiguration));
  }

  get verifiers(): readonly JwtIssuer[] {
    return this.#issuers;
  }

  get anonymous(): ConfiguredAuthentication["anonymous"] {
    return this.#document.anonymous;
  }

  /** Follows the file until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, path } = this.#options;
    let reported = "";
    while (!signal.aborted) {
      await clock.sleep(READ_INTERVAL_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#readAgain();
        reported = "";
      } catch (error) {
        const text = describeError(error);
        if (text !== reported) log.error("Authentication stays as it was", { path, error });
        reported = text;
      }
    }
  }

  async #readAgain(): Promise<void> {
    const { path, log } = this.#options;
    const document = await readDocument(path, authenticationConfiguration);
    if (isDeepStrictEqual(document, this.#document)) return;
    this.#issuers = document.jwt.map((configuration) => this.#issuer(configuration));
    this.#document = document;
    log.info("Authentication is configured anew", { path, issuers: document.jwt.map(({ issuer }) => issuer.url) });
  }

  /** One whose configuration has not changed stays, with the keys it knows. */
  #issuer(configuration: JwtIssuerConfiguration): JwtIssuer {
    const known = this.#issuers.find((issuer) => isDeepStrictEqual(issuer.configuration, configuration));
    if (known) return known;
    const { path, apiAudience, clock, log } = this.#options;
    const { url, certificateAuthority } = configuration.issuer;
    try {
      return new JwtIssuer({
        configuration,
        apiAudience,
        fetchJson: httpsJson(certificateAuthority, clock),
        clock,
        log,
      });
    } catch (error) {
      throw new Error(`Configuration "${path}", issuer ${url}, is not valid:\n${describeError(error)}`);
    }
  }
}

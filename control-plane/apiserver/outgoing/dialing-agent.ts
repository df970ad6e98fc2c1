// Keeps connections to one server, each of them TLS over whatever connection a dialler gives.

import { Agent, type AgentOptions } from "node:https";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { toError } from "@atoll/base/errors";

const NEVER = new AbortController().signal;

export class DialingAgent extends Agent {
  readonly #dial: (signal: AbortSignal) => Promise<Duplex>;
  readonly #tls: ConnectionOptions;

  constructor(dial: (signal: AbortSignal) => Promise<Duplex>, options: AgentOptions) {
    super(options);
    this.#dial = dial;
    const { ca, cert, key, rejectUnauthorized } = options;
    const given = { ca, cert, key, rejectUnauthorized };
    this.#tls = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  }

  /** A connection that belongs to the caller. `host` is whom the other side must prove to be. */
  async open(host: string, signal: AbortSignal): Promise<TLSSocket> {
    const socket = await this.#dial(signal);
    const name = host.replace(/^\[|\]$/g, "");
    const servername = isIP(name) === 0 ? { servername: name } : {};
    const secured = connectTls({ ...this.#tls, socket, host: name, ...servername, ALPNProtocols: ["http/1.1"] });
    await new Promise<void>((resolve, reject) => {
      // Until it is secure nobody else listens: a failed handshake is the caller's failure.
      secured.once("error", reject);
      secured.once("secureConnect", () => {
        secured.off("error", reject);
        resolve();
      });
    });
    return secured;
  }

  override createConnection(
    options: { readonly host?: string | null | undefined; readonly signal?: AbortSignal },
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.open(options.host ?? "", options.signal ?? NEVER).then(
      (socket) => callback?.(null, socket),
      // The agent looks at the error first and has no use for a connection then.
      (error: unknown) => callback?.(toError(error), undefined as unknown as Duplex),
    );
    return undefined;
  }
}

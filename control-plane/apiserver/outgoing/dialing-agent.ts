// Keeps connections to one server, each of them TLS over whatever connection a dialler gives. One that is being made is waited for by
// somebody: when nobody does any more it is given up, however far it has come.

import type { ClientRequest } from "node:http";
import { Agent, type AgentOptions, request as httpsRequest, type RequestOptions } from "node:https";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import type { Clock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import { secureConnection } from "./secure-connection.ts";
import { whileWaitedFor } from "./while-waited-for.ts";

/** Rejects when the signal aborts. */
type DialOnce = (signal: AbortSignal) => Promise<Duplex>;

/** What a request hands on to its connection; Node keeps the signal that it is given to itself. */
interface Waiting {
  readonly waiting?: AbortSignal;
}

const NEVER = new AbortController().signal;

export class DialingAgent extends Agent {
  readonly #dial: DialOnce;
  readonly #clock: Clock;
  readonly #tls: ConnectionOptions;
  readonly #destroyed = new AbortController();

  constructor(dial: DialOnce, { clock, ...options }: AgentOptions & { readonly clock: Clock }) {
    super(options);
    this.#dial = dial;
    this.#clock = clock;
    const { ca, cert, key, rejectUnauthorized } = options;
    const given = { ca, cert, key, rejectUnauthorized };
    this.#tls = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  }

  /** A request on one of the connections. The signal ends it in all its phases: see `answerOf`. */
  request(options: RequestOptions, signal: AbortSignal): ClientRequest {
    const all: RequestOptions & Waiting = { ...options, protocol: "https:", agent: this, signal, waiting: signal };
    return httpsRequest(all);
  }

  /** A connection that belongs to the caller. `host` is whom the other side must prove to be. */
  async open(host: string, signal: AbortSignal): Promise<TLSSocket> {
    const ended = AbortSignal.any([signal, this.#destroyed.signal]);
    const socket = await whileWaitedFor(this.#dial(ended), ended);
    const name = host.replace(/^\[|\]$/g, "");
    const servername = isIP(name) === 0 ? { servername: name } : {};
    const options = { ...this.#tls, host: name, ...servername };
    return secureConnection(socket, options, { clock: this.#clock, signal: ended });
  }

  override createConnection(
    options: { readonly host?: string | null | undefined } & Waiting,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    // The agent looks at the error first and has no use for a connection then.
    const fail = (error: unknown) => callback?.(toError(error), undefined as unknown as Duplex);
    this.open(options.host ?? "", options.waiting ?? NEVER).then((socket) => {
      // Node would wait for the end of one that has ended, and never let go of it.
      if (socket.destroyed) fail(socket.errored ?? new Error("EOF"));
      else callback?.(null, socket);
    }, fail);
    return undefined;
  }

  /** Ends those that are being made, too. */
  override destroy(): void {
    this.#destroyed.abort(new Error("The connections to this server are given up"));
    super.destroy();
  }
}

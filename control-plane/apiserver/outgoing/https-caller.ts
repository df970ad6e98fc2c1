// Calls to servers that others run and name in configurations: webhooks, conversions, aggregated servers. Connections are
// kept and used again; a whole answer is read, up to a limit, within a time.

import { urlToHttpOptions } from "node:url";
import type { Clock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import { type Tracer, untraced } from "@atoll/base/tracing";
import { answerOf } from "./answer-of.ts";
import type { Dial } from "./dial.ts";
import { DialingAgent } from "./dialing-agent.ts";
import { readAnswer } from "./read-answer.ts";
import type { Backend, ServiceAddresses, ServiceName } from "./service-addresses.ts";

/** Who is called, and whom it must prove to be. */
export interface CallTarget {
  /** "https://host[:port]/path"; for a Service the name that its certificate has. */
  readonly url: string;
  /** Where a Service is meant: its backends are dialled instead of the URL's host. */
  readonly service?: ServiceName | undefined;
  /** PEM; undefined: the machine's own authorities. */
  readonly authorityPem: string | undefined;
}

export interface Call {
  readonly body: Uint8Array;
  readonly timeoutMs: number;
  readonly answerBytesMax: number;
  /** Undefined: nobody waits but the timeout. */
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Rejects with CallError alone. */
export type PostJson = (target: CallTarget, call: Call) => Promise<Answer>;

/** No answer was to be had. Its message is what a Go program would say, for users know it from there. */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly isTimeout: boolean;

  constructor(message: string, options: ErrorOptions & { readonly isTimeout: boolean }) {
    super(message, options);
    this.isTimeout = options.isTimeout;
  }
}

/** As many as upstream keeps: one for each server that is named somewhere. */
const AGENTS_MAX = 200;
/** Idle connections to one server; a webhook is called once for each write. */
const IDLE_SOCKETS_MAX = 32;
/** A connection that nobody uses for this long is given back. */
const IDLE_MS = 60_000;
const DEFAULT_PORT = 443;

export class HttpsCaller implements Disposable {
  readonly #dial: Dial;
  readonly #addresses: ServiceAddresses;
  readonly #clock: Clock;
  readonly #tracer: Tracer;
  /** The least recently used first. */
  readonly #agents = new Map<string, DialingAgent>();

  constructor(options: {
    readonly dial: Dial;
    readonly addresses: ServiceAddresses;
    readonly clock: Clock;
    readonly tracer?: Tracer | undefined;
  }) {
    this.#dial = options.dial;
    this.#addresses = options.addresses;
    this.#clock = options.clock;
    this.#tracer = options.tracer ?? untraced;
  }

  [Symbol.dispose](): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  readonly post: PostJson = (target, call) =>
    this.#tracer.inSpan("POST", { "url.full": target.url }, () => this.#post(target, call));

  async #post(target: CallTarget, call: Call): Promise<Answer> {
    const seconds = Math.ceil(call.timeoutMs / 1000);
    const shown = `Post "${target.url}?timeout=${seconds}s"`;
    const ended = new AbortController();
    using _deadline = this.#clock.setTimer(call.timeoutMs, () => ended.abort(new DeadlineError()));
    const signal = call.signal ? AbortSignal.any([ended.signal, call.signal]) : ended.signal;
    try {
      return await this.#send(target, call, signal);
    } catch (thrown) {
      const isTimeout = ended.signal.aborted;
      const why = isTimeout ? "context deadline exceeded" : describeFailure(toError(thrown));
      throw new CallError(`${shown}: ${why}`, { cause: thrown, isTimeout });
    }
  }

  async #send(target: CallTarget, call: Call, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const url = new URL(target.url);
    url.searchParams.set("timeout", `${Math.ceil(call.timeoutMs / 1000)}s`);
    const options = {
      ...urlToHttpOptions(url),
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, */*",
        "content-length": call.body.length,
        "user-agent": "kube-apiserver-admission",
        ...this.#tracer.outgoingHeaders(),
      },
    };
    const request = this.#agentOf(target).request(options, signal);
    request.end(call.body);
    const message = await answerOf(request, signal);
    return { status: message.statusCode ?? 0, body: await readAnswer(message, call.answerBytesMax) };
  }

  #agentOf(target: CallTarget): DialingAgent {
    const key = JSON.stringify([new URL(target.url).host, target.service, target.authorityPem]);
    const known = this.#agents.get(key);
    if (known) {
      this.#agents.delete(key);
      this.#agents.set(key, known);
      return known;
    }
    const [oldest] = this.#agents.keys();
    if (oldest !== undefined && this.#agents.size >= AGENTS_MAX) {
      this.#agents.get(oldest)?.destroy();
      this.#agents.delete(oldest);
    }
    const agent = new DialingAgent((signal) => this.#dial(this.#backendOf(target), signal), {
      clock: this.#clock,
      ...(target.authorityPem === undefined ? {} : { ca: target.authorityPem }),
      keepAlive: true,
      maxFreeSockets: IDLE_SOCKETS_MAX,
      timeout: IDLE_MS,
    });
    this.#agents.set(key, agent);
    return agent;
  }

  #backendOf({ url, service }: CallTarget): Backend {
    if (service) return this.#addresses.resolve(service);
    const { hostname, port } = new URL(url);
    return { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? DEFAULT_PORT : Number(port) };
  }
}

class DeadlineError extends Error {}

/** What Go says of the failures that everybody meets. */
function describeFailure(error: Error): string {
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === "ECONNREFUSED") return `dial tcp ${address}:${port}: connect: connection refused`;
  if (code === "ECONNRESET") return "EOF";
  if (code === "ENOTFOUND") return `dial tcp: lookup ${(error as { hostname?: string }).hostname ?? ""}: no such host`;
  if (code !== undefined && CERTIFICATE_CODES.has(code)) {
    return `tls: failed to verify certificate: x509: certificate signed by unknown authority`;
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return `tls: failed to verify certificate: x509: ${error.message}`;
  return error.message;
}

const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

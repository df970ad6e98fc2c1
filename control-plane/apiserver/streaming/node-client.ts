// Requests from the API server to a host's spherelet, with the API server's own client certificate. Only the cluster's
// authority is trusted: whoever answers at a Node's address must be that node.

import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import type { KeyPairPem } from "../key-pair.ts";
import type { Clock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import { ApiError } from "@atoll/machinery/object/api-error";
import { answerOf } from "../outgoing/answer-of.ts";
import type { ApiResponse } from "../request/request.ts";
import type { NodeEndpoint } from "./node-endpoint.ts";

/** A host that does not take a connection in this time is as good as gone. */
const CONNECT_TIMEOUT_MS = 10_000;
const NO_CONNECTION = "The host did not take the connection in time";
/** Of a host's error text this much is passed on. */
const ERROR_BYTES_MAX = 64 * 1024;
/** It is a line or two. */
const ERROR_TIMEOUT_MS = 10_000;
const SOCKETS_PER_NODE_MAX = 256;

export class NodeClient implements Disposable {
  #agent: Agent;
  readonly #authorityPem: string;
  /** Of all connections: to read the certificates and the key takes longer than to connect. */
  #secureContext: SecureContext;
  readonly #clock: Clock;

  constructor(options: { readonly authorityPem: string; readonly keyPair: KeyPairPem; readonly clock: Clock }) {
    const { authorityPem, keyPair, clock } = options;
    this.#clock = clock;
    this.#authorityPem = authorityPem;
    this.#secureContext = contextOf(authorityPem, keyPair);
    this.#agent = this.#makeAgent();
  }

  /** New connections show another certificate; those in use end with what they carry. */
  replaceCertificate(keyPair: KeyPairPem): void {
    this.#secureContext = contextOf(this.#authorityPem, keyPair);
    this.#agent = this.#makeAgent();
  }

  #makeAgent(): Agent {
    return new Agent({ secureContext: this.#secureContext, keepAlive: true, maxSockets: SOCKETS_PER_NODE_MAX });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  /** A plain GET whose body is handed on as it comes. A refusal by the host becomes an ApiError with its text. */
  async get(endpoint: NodeEndpoint, target: string, signal: AbortSignal): Promise<ApiResponse> {
    const message = await this.#send(endpoint, target, signal);
    const status = message.statusCode ?? 502;
    if (status >= 400) throw ApiError.fromStatus(status, await readError(message, this.#clock));
    const contentType = message.headers["content-type"] ?? "text/plain";
    return { status, headers: { "content-type": contentType }, body: message };
  }

  /** A connection of its own, for an upgraded request that takes it over. */
  async connect(endpoint: NodeEndpoint, signal: AbortSignal): Promise<TLSSocket> {
    signal.throwIfAborted();
    const { host, port } = endpoint;
    const socket = connect({ secureContext: this.#secureContext, host, port, ALPNProtocols: ["http/1.1"] });
    using _deadline = this.#clock.setTimer(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error(NO_CONNECTION)));
    try {
      await once(socket, "secureConnect", { signal });
    } catch (cause) {
      socket.destroy();
      throw unreachableNode(endpoint, toError(cause));
    }
    socket.setNoDelay(true);
    return socket;
  }

  async #send({ host, port }: NodeEndpoint, target: string, signal: AbortSignal): Promise<IncomingMessage> {
    const late = new AbortController();
    // Only the connection has a deadline: a log that is followed may say nothing for hours.
    using deadline = this.#clock.setTimer(CONNECT_TIMEOUT_MS, () => late.abort(new Error(NO_CONNECTION)));
    const request = httpsRequest({ agent: this.#agent, host, port, path: target, signal });
    request.once("socket", (socket) => {
      if (socket.connecting) socket.once("secureConnect", () => deadline[Symbol.dispose]());
      else deadline[Symbol.dispose]();
    });
    request.end();
    try {
      return await answerOf(request, AbortSignal.any([signal, late.signal]));
    } catch (cause) {
      throw unreachableNode({ host, port }, toError(cause));
    }
  }
}

function contextOf(authorityPem: string, { certificate, key }: KeyPairPem): SecureContext {
  return createSecureContext({ ca: authorityPem, cert: certificate, key });
}

function unreachableNode({ host, port }: NodeEndpoint, cause: Error): ApiError {
  return new ApiError("ServiceUnavailable", `Cannot reach the host at ${host}:${port}: ${cause.message}`, { cause });
}

async function readError(message: IncomingMessage, clock: Clock): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  using _limit = clock.setTimer(ERROR_TIMEOUT_MS, () => message.destroy());
  try {
    for await (const chunk of message) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > ERROR_BYTES_MAX) break;
    }
  } catch {
    // The start of a refusal says more than that its end is missing.
  }
  const text = Buffer.concat(chunks).toString().trim();
  try {
    return JSON.parse(text);
  } catch {
    // Most refusals are plain text, which is the message.
    return text;
  }
}

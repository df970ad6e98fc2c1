// The API server on the network: TLS with HTTP/2 and HTTP/1.1 on one port. Turns what Node gives into requests as data, sends
// answers back, and joins upgraded connections to hosts. Knows nothing of Kubernetes.

import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { constants, createSecureServer, type Http2SecureServer, type ServerHttp2Session } from "node:http2";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import { ApiError } from "@atoll/machinery/object/api-error";
import type { ApiServer } from "../api-server.ts";
import { identifyPeer, type PeerAuthorities, type PeerIdentity } from "../authentication/client-certificate.ts";
import { type FrontProxyOptions, peerAuthorities } from "../authentication/front-proxy.ts";
import type { KeyPairPem } from "../key-pair.ts";
import type { Answer } from "../request/context.ts";
import { TARGET_LENGTH_MAX } from "../request/request-info.ts";
import type { ApiRequest } from "../request/request.ts";
import { joinTunnel } from "../streaming/tunnel.ts";
import { AnswerSender, type Outgoing } from "./answer-sender.ts";
import { type Incoming, IncomingRequest } from "./incoming-request.ts";
import { refuseUnreadable, writeRawResponse } from "./raw-response.ts";
import { RequestTurns } from "./request-turns.ts";

/** As many requests as upstream lets one HTTP/2 connection carry at once; a client's own controllers share one. */
const STREAMS_PER_CONNECTION_MAX = 250;
/**
 * One connection may have as many again that it has taken back. Who sends more, to take it back, keeps everybody else from being
 * served (CVE-2023-44487); upstream's server, too, lets the connection go.
 */
const REQUESTS_AT_ONCE_MAX = 2 * STREAMS_PER_CONNECTION_MAX;
const HEADER_BYTES_MAX = 64 * 1024;
const HEADERS_MAX = 128;
const CONNECTIONS_MAX = 10_000;
/** The time to send a whole request; the largest body takes it on a line of half a megabit. */
const REQUEST_TIMEOUT_MS = 60_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** As upstream: longer than clients keep an idle connection, so that none is closed on a request that is on its way. */
const IDLE_TIMEOUT_MS = 90_000;
/** What one HTTP/2 connection may hold of answers not yet sent: a piece for each of its streams. */
const SESSION_MEMORY_MB = 64;
/** Answers under way may finish for this long when the server stops. */
const DRAIN_MS = 5_000;

export interface HttpServerOptions {
  readonly api: ApiServer;
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  readonly keyPair: KeyPairPem;
  /** Client certificates of this authority are believed. */
  readonly authorityPem: string;
  /** Undefined: no front proxy is believed. */
  readonly frontProxy?: FrontProxyOptions | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

export class HttpServer implements AsyncDisposable {
  readonly #options: HttpServerOptions;
  readonly #server: Http2SecureServer;
  /** Undefined: there is but one authority. */
  readonly #peerAuthorities: PeerAuthorities | undefined;
  /** One certificate per connection, read once. */
  readonly #peers = new WeakMap<object, PeerIdentity>();
  readonly #sessions = new Set<ServerHttp2Session>();
  /** Of HTTP/1.1. */
  readonly #sockets = new Set<Duplex>();
  /** All, also those on which TLS does not stand yet: at its end the server would wait for their greetings. */
  readonly #connections = new Set<Duplex>();
  readonly #turns = new RequestTurns();
  readonly #sender: AnswerSender;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#sender = new AnswerSender(options.clock);
    const { keyPair, authorityPem, frontProxy } = options;
    this.#peerAuthorities = frontProxy ? peerAuthorities(frontProxy, authorityPem) : undefined;
    this.#server = createSecureServer({
      allowHTTP1: true,
      key: keyPair.key,
      cert: keyPair.certificate,
      ca: this.#authorities,
      requestCert: true,
      // Whoever shows no certificate may have a token; who shows a wrong one is refused by authentication.
      rejectUnauthorized: false,
      minVersion: "TLSv1.2",
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxHeaderListPairs: HEADERS_MAX,
      maxSessionMemory: SESSION_MEMORY_MB,
      settings: { maxConcurrentStreams: STREAMS_PER_CONNECTION_MAX, maxHeaderListSize: HEADER_BYTES_MAX },
    });
    this.#server.maxConnections = CONNECTIONS_MAX;
    Object.assign(this.#server, {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
      // HTTP/1.1 counts the URL among the headers.
      maxHeaderSize: HEADER_BYTES_MAX + TARGET_LENGTH_MAX,
    });
    this.#listen();
  }

  /** The port in use. */
  async start(): Promise<number> {
    const { address, port } = this.#options;
    this.#server.listen(port, address);
    await once(this.#server, "listening");
    const bound = this.#server.address();
    return typeof bound === "object" && bound !== null ? bound.port : port;
  }

  /** Serves new connections with another certificate; those that are open keep theirs. */
  replaceCertificate(keyPair: KeyPairPem): void {
    this.#server.setSecureContext({ key: keyPair.key, cert: keyPair.certificate, ca: this.#authorities });
  }

  /** All whose certificates a connection may show. */
  get #authorities(): string[] {
    const { authorityPem, frontProxy } = this.#options;
    return frontProxy ? [authorityPem, frontProxy.authorityPem] : [authorityPem];
  }

  /** Takes no new connections, lets answers finish for a moment, then closes what is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    using _deadline = this.#options.clock.setTimer(DRAIN_MS, () => this.#destroyAll());
    // Idle kept-alive connections of HTTP/1.1 would hold the server open until the deadline.
    for (const socket of this.#sockets) if (!this.#unanswered.has(socket)) socket.destroy();
    await closed;
    this.#destroyAll();
  }

  /** Of each connection of HTTP/1.1, how many of its requests are not answered yet. */
  readonly #unanswered = new Map<Duplex, number>();

  #destroyAll(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of [...this.#sockets, ...this.#connections]) socket.destroy();
  }

  #listen(): void {
    const { log } = this.#options;
    this.#server.on("session", (session) => {
      this.#sessions.add(session);
      session.once("close", () => this.#sessions.delete(session));
    });
    this.#server.on("connection", (connection) => {
      this.#connections.add(connection);
      connection.once("close", () => this.#connections.delete(connection));
    });
    this.#server.on("secureConnection", (socket) => {
      // An event must not wait for the acknowledgement of the one before, which takes its reader 40 ms (RFC 896).
      socket.setNoDelay(true);
      if (socket.alpnProtocol === "h2") return;
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("sessionError", (error) => log.debug("Connection failed", { error }));
    this.#server.on("tlsClientError", (error) => log.debug("Handshake failed", { error }));
    this.#server.on("clientError", (error: Error, socket: Duplex) => {
      log.debug("Request could not be read", { error });
      // The answer to a request before it would be cut in two.
      if (this.#unanswered.has(socket)) socket.destroy();
      else void refuseUnreadable(socket, error, this.#options.clock);
    });
    this.#server.on("request", (incoming, outgoing) => {
      // Both classes have these methods; their declarations differ in overloads only.
      this.#take(incoming, outgoing as unknown as Outgoing);
    });
    this.#server.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#upgrade(incoming, socket, head).catch((error: unknown) => {
        log.debug("Upgraded connection failed", { error });
        socket.destroy();
      });
    });
  }

  #take(incoming: Incoming, outgoing: Outgoing): void {
    const connection = "stream" in incoming ? incoming.stream.session : incoming.socket;
    if (!connection || connection.destroyed) return;
    // Node leaves a stream open that its client has closed without an error while something was being written to it.
    if ("stream" in incoming) incoming.once("aborted", () => outgoing.destroy());
    else this.#countUnanswered(incoming.socket, 1);
    const begin = async () => {
      const { socket } = incoming;
      try {
        await this.#answer(incoming, outgoing);
      } catch (error) {
        this.#options.log.debug("Answer could not be sent", { error });
        outgoing.destroy();
      } finally {
        if (!("stream" in incoming)) this.#countUnanswered(socket, -1);
      }
    };
    if (this.#turns.join(connection, () => void begin()) <= REQUESTS_AT_ONCE_MAX) return;
    const error = new Error("A client sent too many requests at once");
    if ("stream" in incoming) incoming.stream.session?.destroy(error, constants.NGHTTP2_ENHANCE_YOUR_CALM);
    else connection.destroy();
  }

  async #answer(incoming: Incoming, outgoing: Outgoing): Promise<void> {
    const closing = "stream" in incoming ? incoming.stream : outgoing;
    // Its client took it back before its turn.
    if (closing.destroyed) return;
    const request = new IncomingRequest(incoming, closing, this.#options.api.shutdownSignal, {
      peer: this.#peerOf(incoming),
      wantsUpgrade: false,
    });
    const { api } = this.#options;
    const response = await (request.peerIsRefused ? refuse(api, request) : api.respond(request));
    const sending = closing.destroyed ? undefined : this.#sender.send(incoming, outgoing, response);
    if (sending) await sending;
  }

  #countUnanswered(socket: Duplex, change: 1 | -1): void {
    const count = (this.#unanswered.get(socket) ?? 0) + change;
    if (count > 0) this.#unanswered.set(socket, count);
    else this.#unanswered.delete(socket);
  }

  async #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { api, clock } = this.#options;
    socket.on("error", () => socket.destroy());
    const request = new IncomingRequest(incoming, socket, api.shutdownSignal, {
      peer: this.#peerOf(incoming),
      wantsUpgrade: true,
    });
    const response = await (request.peerIsRefused ? refuse(api, request) : api.respond(request));
    if (!response.tunnel) {
      await writeRawResponse(socket, response, clock);
      return;
    }
    try {
      await joinTunnel({ incoming, socket, head, tunnel: response.tunnel });
    } catch (error) {
      await writeRawResponse(socket, await api.respondError(ApiError.from(error), request.headers.accept), clock);
    }
  }

  #peerOf(incoming: Incoming): PeerIdentity {
    const connection = "stream" in incoming ? (incoming.stream.session ?? incoming.socket) : incoming.socket;
    const known = this.#peers.get(connection);
    if (known) return known;
    const socket = "stream" in incoming ? incoming.stream.session?.socket : incoming.socket;
    // An HTTP/2 session hands out its socket behind a proxy, which is no TLSSocket but has its methods.
    const identity =
      socket instanceof TLSSocket || isTls(socket) ? identifyPeer(socket, this.#peerAuthorities) : NO_PEER;
    this.#peers.set(connection, identity);
    return identity;
  }
}

const NO_PEER: PeerIdentity = { type: "none" };

function isTls(socket: unknown): socket is TLSSocket {
  return typeof socket === "object" && socket !== null && "getPeerCertificate" in socket;
}

function refuse(api: ApiServer, { headers }: ApiRequest): Answer {
  return api.respondError(new ApiError("Unauthorized", "Unauthorized"), headers.accept);
}

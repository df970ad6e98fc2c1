// The HTTPS server that the API server reaches this host's pods through: logs, exec, attach, port-forward and statistics, by
// the kubelet's own paths. The API server passes a user's upgraded connection through as raw bytes, so exec and its likes
// speak to the user's kubectl directly.
//
// Must never serve anybody but the API server: whoever gets here may run commands in every pod of the host.

import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { createWebSocketStream } from "ws";
import type { Pod } from "@atoll/api/generated/types";
import { AgentCallError, callServerStream, callUnary } from "@atoll/api/guest-agent/client";
import type { Clock } from "@atoll/base/clock";
import { describeError, toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import type { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import type { Lister } from "@atoll/machinery/controller/informer";
import type { AgentLines } from "../hostd/agent-lines.ts";
import type { ProcessOptions, RemoteProcess } from "../streaming/remote-process.ts";
import { openSpdyProcess, SPDY_PROCESS_PROTOCOLS } from "../streaming/spdy-process.ts";
import { acceptSpdyUpgrade, isSpdyUpgrade, refuseUpgrade } from "../streaming/spdy-upgrade.ts";
import { openWebSocketProcess, WEBSOCKET_PROCESS_PROTOCOLS } from "../streaming/websocket-process.ts";
import { acceptWebSocket } from "../streaming/websocket-upgrade.ts";
import { BadQueryError, flag, readLogRequest } from "./container-logs.ts";
import { type KubeletPath, parseKubeletPath } from "./kubelet-path.ts";
import {
  CHANNEL_FORWARD_PROTOCOLS,
  forwardOverChannels,
  forwardOverSpdy,
  SPDY_FORWARD_PROTOCOLS,
  TUNNEL_FORWARD_PROTOCOL,
} from "./port-forward.ts";
import { runProcess } from "./run-process.ts";
import { type PodUsage, statsSummary } from "./stats-summary.ts";

/** Connections at a time; each exec and each followed log is one. */
const CONNECTIONS_MAX = 1024;
/** A query is a command line at most. */
const HEADER_BYTES_MAX = 65_536;
/** An agent that does not answer for its counters in this time is left out of the summary. */
const STATS_TIMEOUT_MS = 3000;

export interface KubeletServerOptions {
  readonly address: string;
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** PEM of the authority whose client certificates are taken. */
  readonly clientAuthority: string;
  /** True for a caller that may do all this. Default: `isApiServer`. */
  readonly isAllowed?: (caller: CallerName) => boolean;
  readonly nodeName: string;
  readonly pods: Lister<Pod>;
  readonly lines: Pick<AgentLines, "connect">;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface CallerName {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

/** The API server's own client certificate, and administrators'. Never a node's: hosts do not trust each other. */
export function isApiServer({ commonName, organizations }: CallerName): boolean {
  return organizations.includes("system:masters") || commonName === "kube-apiserver-kubelet-client";
}

export class KubeletServer implements AsyncDisposable {
  readonly #options: KubeletServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();
  readonly #end = new AbortController();

  private constructor(options: KubeletServerOptions) {
    this.#options = options;
    const { certificate: cert, key, clientAuthority: ca } = options;
    this.#server = createServer(
      { cert, key, ca, requestCert: true, rejectUnauthorized: true, maxHeaderSize: HEADER_BYTES_MAX },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
    // With those that have not greeted yet: the server would wait for them at its end.
    this.#server.on("connection", (socket) => this.#track(socket));
    this.#server.on("secureConnection", (socket) => this.#track(socket));
    this.#server.on("upgrade", (request, duplex: Duplex, head) => void this.#upgrade(request, duplex, head));
  }

  static async listen(options: KubeletServerOptions): Promise<KubeletServer> {
    const server = new KubeletServer(options);
    server.#server.listen(options.port, options.address);
    await once(server.#server, "listening");
    return server;
  }

  /** The port in use, where 0 was asked for. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address ? address.port : this.#options.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(new Error("The spherelet ends"));
    for (const socket of this.#sockets) socket.destroy();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }

  #track(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    // Whoever reads or writes the socket hears of it there.
    socket.on("error", () => {});
  }

  // ---- ordinary requests ----------------------------------------------------------------------------------------------

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!this.#allows(request)) return send(response, 403, "Forbidden");
      const url = new URL(request.url ?? "/", "https://host");
      const path = parseKubeletPath(url.pathname);
      if (!path) return send(response, 404, "404 page not found");
      await this.#serve(path, url.searchParams, request, response);
    } catch (error) {
      this.#options.log.info("Request failed", { path: request.url?.split("?")[0], error: toError(error) });
      if (response.headersSent) response.destroy();
      else send(response, statusOf(error), describeError(error));
    }
  }

  async #serve(path: KubeletPath, query: URLSearchParams, request: IncomingMessage, response: ServerResponse) {
    switch (path.kind) {
      case "healthz":
        return send(response, 200, "ok");
      case "pods":
        return sendJson(response, {
          kind: "PodList",
          apiVersion: "v1",
          metadata: {},
          items: this.#options.pods.list(),
        });
      case "statsSummary":
        return sendJson(response, statsSummary(this.#options.nodeName, await this.#usages()));
      case "containerLogs":
        if (request.method !== "GET") return send(response, 405, "Method Not Allowed");
        return this.#sendLog(path, query, response);
      default:
        return send(response, 400, "Upgrade request required");
    }
  }

  async #sendLog(
    path: Extract<KubeletPath, { container: string }>,
    query: URLSearchParams,
    response: ServerResponse,
  ): Promise<void> {
    const pod = this.#podOf(path);
    const request = readLogRequest(path.container, query, this.#options.clock.now());
    const gone = new AbortController();
    response.once("close", () => gone.abort(new Error("The client left")));
    const signal = AbortSignal.any([gone.signal, this.#end.signal]);
    const line = await this.#options.lines.connect(pod.metadata.uid ?? "", signal);
    const chunks = callServerStream(line, "readLog", request, signal);
    // The first chunk decides between an error and a page; a quiet log that is followed must still answer at once.
    const first = chunks.next();
    if (flag(query, "follow")) first.catch(() => {});
    else await first;
    response.writeHead(200, { "content-type": "text/plain", "transfer-encoding": "chunked" });
    response.flushHeaders();
    try {
      for (let next = await first; !next.done; next = await chunks.next()) {
        if (!response.write(next.value.content)) await once(response, "drain", { signal });
      }
      response.end();
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    } finally {
      await chunks.return();
    }
  }

  async #usages(): Promise<PodUsage[]> {
    const running = this.#options.pods.list().filter((pod) => pod.status?.phase === "Running");
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(STATS_TIMEOUT_MS)]);
    const usages = await Promise.allSettled(
      running.map(async (pod) => {
        const line = await this.#options.lines.connect(pod.metadata.uid ?? "", signal);
        return { pod, stats: await callUnary(line, "stats", {}, signal) };
      }),
    );
    return usages.flatMap((usage) => (usage.status === "fulfilled" ? [usage.value] : []));
  }

  // ---- upgraded connections -------------------------------------------------------------------------------------------

  async #upgrade(request: IncomingMessage, duplex: Duplex, head: Buffer): Promise<void> {
    const { log } = this.#options;
    const gone = new AbortController();
    duplex.once("close", () => gone.abort(new Error("The client left")));
    try {
      if (!this.#allows(request)) return refuseUpgrade(duplex, { status: 403, reason: "Forbidden", text: "Forbidden" });
      const url = new URL(request.url ?? "/", "https://host");
      const path = parseKubeletPath(url.pathname);
      if (path?.kind !== "exec" && path?.kind !== "attach" && path?.kind !== "portForward") {
        return refuseUpgrade(duplex, { status: 404, reason: "Not Found", text: "404 page not found" });
      }
      const pod = this.#podOf(path);
      const signal = AbortSignal.any([gone.signal, this.#end.signal]);
      const line = await this.#options.lines.connect(pod.metadata.uid ?? "", signal);
      const upgrade = { request, duplex, head, query: url.searchParams, line };
      await (path.kind === "portForward" ? this.#forward(upgrade) : this.#process(path, upgrade));
    } catch (error) {
      log.info("Upgraded request failed", { path: request.url?.split("?")[0], error: toError(error) });
      const status = statusOf(error);
      if (duplex.writable) refuseUpgrade(duplex, { status, reason: "Error", text: describeError(error) });
    }
  }

  async #process(path: Extract<KubeletPath, { container: string }>, upgrade: Upgrade): Promise<void> {
    const { query, line } = upgrade;
    const tty = flag(query, "tty");
    const options = {
      stdin: flag(query, "input") || flag(query, "stdin"),
      stdout: flag(query, "output") || flag(query, "stdout"),
      stderr: (flag(query, "error") || flag(query, "stderr")) && !tty,
      tty,
    };
    const remote = await this.#openProcess(upgrade, options);
    if (!remote) return;
    const method = path.kind === "attach" ? "attach" : "exec";
    const command = query.getAll("command");
    await runProcess(line, { method, container: path.container, command, options }, remote);
  }

  async #openProcess(upgrade: Upgrade, options: ProcessOptions): Promise<RemoteProcess | undefined> {
    const { request, duplex, head } = upgrade;
    if (isSpdyUpgrade(request)) {
      const protocol = acceptSpdyUpgrade(request, duplex, SPDY_PROCESS_PROTOCOLS);
      if (protocol === undefined) return undefined;
      if (head.length > 0) duplex.unshift(head);
      return openSpdyProcess(duplex, { ...options, protocol, clock: this.#options.clock });
    }
    const accepted = await acceptWebSocket(request, duplex, head, WEBSOCKET_PROCESS_PROTOCOLS);
    if (accepted) return openWebSocketProcess(accepted, options);
    refuseUpgrade(duplex, { status: 400, reason: "Bad Request", text: "None of the subprotocols is supported" });
    return undefined;
  }

  async #forward({ request, duplex, head, query, line }: Upgrade): Promise<void> {
    if (isSpdyUpgrade(request)) {
      if (acceptSpdyUpgrade(request, duplex, SPDY_FORWARD_PROTOCOLS) === undefined) return;
      if (head.length > 0) duplex.unshift(head);
      return forwardOverSpdy(line, duplex);
    }
    const protocols = [TUNNEL_FORWARD_PROTOCOL, ...CHANNEL_FORWARD_PROTOCOLS];
    const accepted = await acceptWebSocket(request, duplex, head, protocols);
    if (!accepted) {
      return refuseUpgrade(duplex, {
        status: 400,
        reason: "Bad Request",
        text: "None of the subprotocols is supported",
      });
    }
    if (accepted.protocol === TUNNEL_FORWARD_PROTOCOL)
      return forwardOverSpdy(line, createWebSocketStream(accepted.socket));
    const ports = [...query.getAll("port"), ...query.getAll("ports")].flatMap((text) => text.split(",")).map(Number);
    return forwardOverChannels(line, accepted, ports);
  }

  // ---- who and what ---------------------------------------------------------------------------------------------------

  #allows(request: IncomingMessage): boolean {
    if (!(request.socket instanceof TLSSocket) || !request.socket.authorized) return false;
    const { subject } = request.socket.getPeerCertificate();
    const organizations: unknown = subject?.O;
    const caller = {
      commonName: String(subject?.CN ?? ""),
      // The type says string; a subject with several organizations gives an array.
      organizations: Array.isArray(organizations) ? organizations.map(String) : [String(organizations ?? "")],
    };
    return (this.#options.isAllowed ?? isApiServer)(caller);
  }

  #podOf({ namespace, pod }: { readonly namespace: string; readonly pod: string }): Pod {
    const found = this.#options.pods.get({ namespace, name: pod });
    if (!found) throw new PodNotFoundError(`pod "${pod}" does not exist on this host`);
    return found;
  }
}

interface Upgrade {
  readonly request: IncomingMessage;
  readonly duplex: Duplex;
  readonly head: Buffer;
  readonly query: URLSearchParams;
  readonly line: Multiplexer;
}

class PodNotFoundError extends Error {
  override readonly name = "PodNotFoundError";
}

function statusOf(error: unknown): number {
  if (error instanceof BadQueryError) return 400;
  if (error instanceof PodNotFoundError) return 404;
  if (error instanceof AgentCallError) {
    if (error.code === "NOT_FOUND") return 404;
    if (error.code === "INVALID_ARGUMENT" || error.code === "FAILED_PRECONDITION") return 400;
  }
  return 500;
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

// The socket in front of the routes: TLS on loopback, bodies with a limit, errors as JSON, and the upgrade that turns a
// request into the raw bytes of an agent's line.

import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { AGENT_UPGRADE_PROTOCOL } from "@atoll/api/hostd/hostd";
import { toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import type { ServingCertificate } from "./certificate.ts";
import { errorAnswer, RequestError } from "./http-error.ts";
import { agentLineId, answerRequest, type HostdParts } from "./routes.ts";

/** Certificates of a registry and a few dozen image digests are far below. */
const BODY_BYTES_MAX = 1_048_576;
const LOOPBACK = "127.0.0.1";

export class HostdServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #parts: HostdParts;
  readonly #log: Logger;
  readonly #closing = new AbortController();

  private constructor(parts: HostdParts, certificate: ServingCertificate, log: Logger) {
    this.#parts = parts;
    this.#log = log;
    this.#server = createServer({ key: certificate.keyPem, cert: certificate.certificatePem, minVersion: "TLSv1.3" });
    this.#server.on("request", (request, response) => void this.#serve(request, response));
    this.#server.on("upgrade", (request, socket, head) => void this.#upgrade(request, { socket, head }));
  }

  static async listen(
    parts: HostdParts,
    options: { readonly certificate: ServingCertificate; readonly port: number; readonly log: Logger },
  ): Promise<HostdServer> {
    const hostd = new HostdServer(parts, options.certificate, options.log);
    const listening = Promise.withResolvers<void>();
    hostd.#server.once("error", listening.reject).listen(options.port, LOOPBACK, listening.resolve);
    await listening.promise;
    return hostd;
  }

  get port(): number {
    // Listening on TCP, so the address is not a path.
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error("VM manager is ending"));
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    this.#server.closeAllConnections();
    await closed.promise;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const left = new AbortController();
    response.once("close", () => left.abort(new Error("Caller left")));
    let answer: { readonly status: number; readonly body?: unknown };
    try {
      answer = await answerRequest(this.#parts, {
        method: request.method ?? "GET",
        url: new URL(request.url ?? "/", `https://${LOOPBACK}`),
        authorization: request.headers.authorization,
        body: await readBody(request),
        // A caller that leaves ends its wait; work that was begun for it is finished, for it may ask again.
        signal: request.method === "GET" ? AbortSignal.any([left.signal, this.#closing.signal]) : this.#closing.signal,
      });
    } catch (error) {
      answer = this.#fail(error, request);
    }
    if (response.destroyed) return;
    const body = answer.body === undefined ? "" : JSON.stringify(answer.body);
    response.writeHead(answer.status, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    });
    response.end(body);
  }

  async #upgrade(request: IncomingMessage, caller: { readonly socket: Duplex; readonly head: Buffer }): Promise<void> {
    const { socket, head } = caller;
    socket.on("error", () => socket.destroy());
    try {
      this.#parts.tickets.authenticate(request.headers.authorization);
      const url = new URL(request.url ?? "/", `https://${LOOPBACK}`);
      const id = agentLineId(url.pathname);
      if (request.headers.upgrade !== AGENT_UPGRADE_PROTOCOL) {
        throw new RequestError("InvalidRequest", `Only an upgrade to "${AGENT_UPGRADE_PROTOCOL}" is served`);
      }
      const agent = await this.#parts.crx.connectAgent(id, this.#closing.signal);
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${AGENT_UPGRADE_PROTOCOL}\r\n\r\n`,
      );
      // A caller need not wait for the answer before its first bytes.
      if (head.length > 0) socket.unshift(head);
      relay(socket, agent);
      this.#closing.signal.addEventListener("abort", () => socket.destroy(), { once: true });
    } catch (error) {
      const { status, body } = this.#fail(error, request);
      const text = JSON.stringify(body);
      socket.end(
        `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n` +
          `Connection: close\r\n\r\n${text}`,
      );
    }
  }

  #fail(error: unknown, request: IncomingMessage): ReturnType<typeof errorAnswer> {
    const answer = errorAnswer(error);
    const fields = { method: request.method, path: request.url, status: answer.status, error: toError(error) };
    if (answer.status >= 500) this.#log.error("Request failed", fields);
    else this.#log.debug("Request refused", fields);
    return answer;
  }
}

/** Bytes both ways, each side as fast as the other takes them, until one of them ends. */
function relay(left: Duplex, right: Duplex): void {
  left.pipe(right);
  right.pipe(left);
  const end = () => {
    left.destroy();
    right.destroy();
  };
  for (const side of [left, right]) side.once("close", end).once("error", end).once("end", end);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new RequestError("TooLarge", `Body is larger than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    throw new RequestError("InvalidRequest", "Body is not JSON", { cause: error });
  }
}

// HTTPS to hostd on this host's loopback. hostd makes its own certificate and a restart may make another, so the file is read
// for every new set of connections, and exactly this certificate is accepted: no authority, no name.

import { readFile } from "node:fs/promises";
import { X509Certificate } from "node:crypto";
import { Agent, request as httpsRequest, type RequestOptions } from "node:https";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { toError } from "@atoll/base/errors";
import { HostdError } from "./hostd-error.ts";

/** hostd's largest answer is the list of its CRX, a few KiB for each of at most 1,000. */
const ANSWER_BYTES_MAX = 16_777_216;

export interface HostdRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly token?: string;
  readonly signal: AbortSignal;
}

export interface HostdAnswer {
  readonly status: number;
  readonly body: unknown;
}

export class HostdTransport implements Disposable {
  readonly #url: URL;
  readonly #certificateFile: string;
  #agent: Promise<Agent> | undefined;

  constructor(options: { readonly url: string; readonly certificateFile: string }) {
    this.#url = new URL(options.url);
    this.#certificateFile = options.certificateFile;
  }

  async send(request: HostdRequest): Promise<HostdAnswer> {
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const response = await this.#exchange(request, body ? { "content-type": "application/json" } : {}, body);
    if (!("message" in response)) throw new HostdError("BadAnswer", "hostd changed the protocol unasked");
    return { status: response.message.statusCode ?? 0, body: await readJson(response.message) };
  }

  /** Asks to leave HTTP; the connection afterwards carries raw bytes. An answer that is none is returned instead. */
  async upgrade(request: HostdRequest, protocol: string): Promise<Duplex | HostdAnswer> {
    const response = await this.#exchange(request, { connection: "Upgrade", upgrade: protocol }, undefined);
    if ("duplex" in response) return response.duplex;
    return { status: response.message.statusCode ?? 0, body: await readJson(response.message) };
  }

  [Symbol.dispose](): void {
    this.#dropAgent();
  }

  async #exchange(
    request: HostdRequest,
    headers: Readonly<Record<string, string>>,
    body: Buffer | undefined,
  ): Promise<{ readonly message: IncomingMessage } | { readonly duplex: Duplex }> {
    const options: RequestOptions = {
      host: this.#url.hostname,
      port: this.#url.port,
      method: request.method,
      path: request.path,
      headers: { ...headers, ...(request.token ? { authorization: `Bearer ${request.token}` } : {}) },
      signal: request.signal,
    };
    try {
      const agent = await this.#currentAgent();
      return await new Promise((resolve, reject) => {
        const outgoing = httpsRequest({ ...options, agent });
        outgoing.on("response", (message) => resolve({ message }));
        outgoing.on("upgrade", (_message, socket, head) => {
          if (head.length > 0) socket.unshift(head);
          resolve({ duplex: socket });
        });
        outgoing.on("error", reject);
        outgoing.end(body);
      });
    } catch (error) {
      request.signal.throwIfAborted();
      this.#dropAgent();
      throw new HostdError(HostdError.unavailable, `Ask hostd for ${request.method} ${request.path}`, {
        cause: toError(error),
      });
    }
  }

  #currentAgent(): Promise<Agent> {
    this.#agent ??= this.#makeAgent();
    return this.#agent;
  }

  async #makeAgent(): Promise<Agent> {
    const pem = await readFile(this.#certificateFile);
    const fingerprint = new X509Certificate(pem).fingerprint256;
    return new Agent({
      keepAlive: true,
      ca: pem,
      checkServerIdentity: (_name, certificate) =>
        certificate.fingerprint256 === fingerprint ? undefined : new Error("The certificate is not hostd's"),
    });
  }

  #dropAgent(): void {
    // The file may not be readable yet; then there is no agent to end.
    this.#agent?.then(
      (agent) => agent.destroy(),
      () => {},
    );
    this.#agent = undefined;
  }
}

async function readJson(message: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of message) {
      size += chunk.length;
      if (size > ANSWER_BYTES_MAX) throw new Error(`The answer has more than ${ANSWER_BYTES_MAX} bytes`);
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString("utf8");
    return text === "" ? undefined : JSON.parse(text);
  } catch (error) {
    throw new HostdError(HostdError.unavailable, "Read hostd's answer", { cause: toError(error) });
  }
}

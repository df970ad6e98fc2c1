// How the load generator speaks to a server: one connection for each request at a time in HTTP/1.1, few shared ones in HTTP/2,
// streams on connections of their own. It sends load to loopback addresses only.

import { connect, type ClientHttp2Session } from "node:http2";
import { Agent, request, type RequestOptions } from "node:https";

export interface Answer {
  readonly status: number;
  readonly bytes: number;
  /** Empty unless it was asked for. */
  readonly text: string;
}

export interface CallOptions {
  readonly body?: string;
  readonly contentType?: string;
  readonly wantsText?: boolean;
}

export interface Connection extends Disposable {
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /**
   * Resolves when the stream has begun, with what ends it; what comes goes to the listener, and that the server has ended it,
   * too.
   */
  stream(path: string, onData: (chunk: Buffer) => void, onEnd?: () => void): Promise<Disposable>;
}

export interface Target {
  readonly url: string;
  /** "": as nobody. */
  readonly token: string;
}

export type Protocol = "h1" | "h2";

/** Streams of one HTTP/2 connection; clients made in Go open another one at 250. */
const STREAMS_PER_SESSION = 50;
const REQUESTS_PER_SESSION = 64;

export function openConnection(target: Target, protocol: Protocol, concurrency: number): Connection {
  const { hostname } = new URL(target.url);
  if (!/^(127\.\d+\.\d+\.\d+|localhost)$/.test(hostname)) {
    throw new Error(`Load goes to loopback addresses only, not to ${hostname}`);
  }
  return protocol === "h1" ? overHttp1(target, concurrency) : overHttp2(target, concurrency);
}

/** Parts of a body, the text only where somebody wants it: joining it would be the generator's own cost. */
class Received {
  bytes = 0;
  readonly #chunks: Buffer[] | undefined;

  constructor(wantsText: boolean) {
    this.#chunks = wantsText ? [] : undefined;
  }

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.#chunks?.push(chunk);
  }

  answer(status: number): Answer {
    return { status, bytes: this.bytes, text: this.#chunks ? Buffer.concat(this.#chunks).toString() : "" };
  }
}

function authorization(token: string): { readonly authorization?: string } {
  return token === "" ? {} : { authorization: `Bearer ${token}` };
}

function overHttp1({ url, token }: Target, concurrency: number): Connection {
  const { hostname: host, port } = new URL(url);
  const tls = { rejectUnauthorized: false };
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency, scheduling: "lifo", ...tls });
  const streamAgent = new Agent({ keepAlive: false, ...tls });
  const accept = { accept: "application/json", ...authorization(token) };
  return {
    call: (method, path, { body, contentType = "application/json", wantsText = false } = {}) =>
      new Promise((resolve, reject) => {
        const typed =
          body === undefined ? {} : { "content-type": contentType, "content-length": Buffer.byteLength(body) };
        const options: RequestOptions = { host, port, agent, method, path, headers: { ...accept, ...typed } };
        const sent = request(options, (response) => {
          const received = new Received(wantsText);
          response.on("data", (chunk: Buffer) => received.add(chunk));
          response.on("end", () => resolve(received.answer(response.statusCode ?? 0)));
          response.on("error", reject);
        });
        sent.on("error", reject);
        sent.end(body);
      }),
    stream: (path, onData, onEnd = () => {}) =>
      new Promise((resolve, reject) => {
        const sent = request({ host, port, agent: streamAgent, path, headers: accept }, (response) => {
          if (response.statusCode !== 200) return reject(new Error(`Watch ${path}: ${response.statusCode}`));
          response.on("data", onData);
          response.on("end", onEnd);
          // It is cut off when the run is over.
          response.on("error", () => {});
          resolve({ [Symbol.dispose]: () => void sent.destroy() });
        });
        sent.on("error", reject);
        sent.end();
      }),
    [Symbol.dispose]() {
      agent.destroy();
      streamAgent.destroy();
    },
  };
}

function overHttp2({ url, token }: Target, concurrency: number): Connection {
  const open = (): ClientHttp2Session =>
    connect(url, { rejectUnauthorized: false, settings: { initialWindowSize: 4 << 20 } });
  const sessions = Array.from({ length: Math.ceil(concurrency / REQUESTS_PER_SESSION) }, open);
  const streamSessions: ClientHttp2Session[] = [];
  let [calls, streams] = [0, 0];
  const headers = { accept: "application/json", ...authorization(token) };
  return {
    call: (method, path, { body, contentType = "application/json", wantsText = false } = {}) =>
      new Promise((resolve, reject) => {
        const typed =
          body === undefined ? {} : { "content-type": contentType, "content-length": Buffer.byteLength(body) };
        const index = calls++ % sessions.length;
        // A server may end a session that is not used.
        if (sessions[index]?.destroyed !== false) sessions[index] = open();
        const session = sessions[index];
        const sent = session.request(
          { ...headers, ...typed, ":method": method, ":path": path },
          { endStream: body === undefined },
        );
        const received = new Received(wantsText);
        let status = 0;
        sent.on("response", (response) => {
          status = response[":status"] ?? 0;
        });
        sent.on("data", (chunk: Buffer) => received.add(chunk));
        sent.on("end", () => resolve(received.answer(status)));
        sent.on("error", reject);
        if (body !== undefined) sent.end(body);
      }),
    stream: (path, onData, onEnd = () => {}) =>
      new Promise((resolve, reject) => {
        if (streams++ % STREAMS_PER_SESSION === 0) streamSessions.push(open());
        const sent = streamSessions.at(-1)?.request({ ...headers, ":path": path });
        if (!sent) return reject(new Error("There is no connection"));
        sent.on("response", (response) => {
          if (response[":status"] === 200) resolve({ [Symbol.dispose]: () => sent.close() });
          else reject(new Error(`Watch ${path}: ${response[":status"]}`));
        });
        sent.on("data", onData);
        sent.on("end", onEnd);
        sent.on("error", reject);
      }),
    [Symbol.dispose]() {
      for (const session of [...sessions, ...streamSessions]) session.destroy();
    },
  };
}

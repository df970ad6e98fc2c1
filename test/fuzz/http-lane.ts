// One HTTP/1.1 connection over TLS, on which bytes are sent as they are: Node's own client refuses to send much of what a fuzzer
// has to say. One request at a time; a connection that the server ends is opened anew for the next one.

import { connect, createSecureContext, type TLSSocket } from "node:tls";
import { systemClock } from "@atoll/base/clock";
import type { Target } from "../performance/load/connection.ts";
import { AnswerReader, type Outcome } from "./answer-reader.ts";

/** A whole request that has no answer by then hangs. */
const ANSWER_TIMEOUT_MS = 20_000;
/** Streams are let go when they have begun and said nothing more for this long. */
const STREAM_MS = 15;
/** Between pieces of one connection. */
const PIECE_MS = 5;
/** Some wait for an answer that does not come before they go on. */
const PATIENCE_MS = 2000;

/** Of all connections: to make one takes longer than to send most inputs. */
const secureContext = createSecureContext();

export interface FuzzRequest {
  readonly method: string;
  readonly target: string;
  /** `authorization`, `host` and `content-length` are added where they are left out; the value undefined leaves one out. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: Uint8Array | string | undefined;
}

export interface RawOptions {
  /** Nothing more is sent, and the end not said, before something has come: who ends an upgraded connection gives it up. */
  readonly waitsForAnswer?: boolean;
}

export class HttpLane implements Disposable {
  readonly #target: Target;
  #socket: TLSSocket | undefined;
  #session: Buffer | undefined;

  constructor(target: Target) {
    this.#target = target;
  }

  [Symbol.dispose](): void {
    this.#socket?.destroy();
  }

  async send(request: FuzzRequest): Promise<Outcome> {
    const bytes = this.render(request);
    // The server ends connections that are idle.
    if (this.#socket?.destroyed) this.#socket = undefined;
    const reused = this.#socket;
    const outcome = await this.#exchange(bytes, request.method === "HEAD");
    // A kept connection may have been closed just then, which is no answer to this request.
    if (outcome.type === "closed" && reused) return this.#exchange(bytes, request.method === "HEAD");
    return outcome;
  }

  /**
   * Sends pieces of bytes on a connection of their own, each when the one before had a moment to be answered, and then that there
   * are no more: the server must end the connection, with an answer or without.
   */
  async sendRaw(
    pieces: readonly Uint8Array[],
    protocol: "http/1.1" | "h2",
    { waitsForAnswer = false }: RawOptions = {},
  ): Promise<Outcome> {
    const socket = await this.#open(protocol).catch(() => undefined);
    // A server that takes no connection does not answer.
    if (!socket) return { type: "hung", why: "no connection" };
    const reader = new AnswerReader(false);
    let isHung = false;
    let received = 0;
    socket.on("data", (chunk: Buffer) => {
      received += chunk.length;
      if (protocol === "http/1.1" && !reader.isDone) reader.push(chunk);
    });
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    using _ = systemClock.setTimer(ANSWER_TIMEOUT_MS, () => {
      isHung = true;
      socket.destroy();
    });
    for (const piece of pieces) {
      socket.write(piece);
      if (waitsForAnswer && received === 0) await answerOf(socket);
      else await systemClock.sleep(PIECE_MS);
    }
    socket.end();
    await closed;
    if (isHung) return { type: "hung", why: `${received} bytes, and no end` };
    return received > 0 && reader.status > 0 ? reader.outcome() : { type: "closed" };
  }

  render({ method, target, headers = {}, body }: FuzzRequest): Buffer {
    const content = typeof body === "string" ? Buffer.from(body) : body;
    const own: Record<string, string> = {
      host: new URL(this.#target.url).host,
      authorization: `Bearer ${this.#target.token}`,
      ...(content === undefined ? {} : { "content-length": String(content.length) }),
    };
    const lines = [`${method} ${target} HTTP/1.1`];
    for (const [name, values] of Object.entries({ ...own, ...headers })) {
      for (const value of values === undefined ? [] : [values].flat()) lines.push(`${name}: ${value}`);
    }
    // Header values are bytes: each character below 256 is one.
    const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
    return content ? Buffer.concat([head, content]) : head;
  }

  async #exchange(bytes: Uint8Array, isHead: boolean): Promise<Outcome> {
    const socket = this.#socket ?? (await this.#open("http/1.1").catch(() => undefined));
    if (!socket) return { type: "hung", why: "no connection" };
    this.#socket = socket;
    const reader = new AnswerReader(isHead);
    const outcome = await new Promise<Outcome>((resolve) => {
      const timeout = systemClock.setTimer(ANSWER_TIMEOUT_MS, () =>
        finish({ type: "hung", why: reader.status > 0 ? `${reader.status}, and no end` : "no answer" }),
      );
      let stream: Disposable | undefined;
      const finish = (found: Outcome) => {
        timeout[Symbol.dispose]();
        stream?.[Symbol.dispose]();
        socket.off("data", read).off("close", close);
        resolve(found);
      };
      const read = (chunk: Buffer) => {
        reader.push(chunk);
        if (reader.isDone) return finish(reader.outcome());
        if (!reader.isStream || stream) return;
        stream = systemClock.setTimer(STREAM_MS, () => finish(reader.outcome({ isCut: true })));
      };
      const close = () => finish(reader.status > 0 ? reader.outcome() : { type: "closed" });
      socket.on("data", read).on("close", close);
      socket.write(bytes);
    });
    const mayStay = outcome.type === "answer" && !outcome.isCut && reader.mayStay;
    if (!mayStay || socket.destroyed) {
      socket.destroy();
      this.#socket = undefined;
    }
    return outcome;
  }

  async #open(protocol: "http/1.1" | "h2"): Promise<TLSSocket> {
    const { hostname: host, port } = new URL(this.#target.url);
    const socket = connect({
      ...{ host, port: Number(port), ALPNProtocols: [protocol], rejectUnauthorized: false, secureContext },
      ...(this.#session ? { session: this.#session } : {}),
    });
    socket.on("session", (session: Buffer) => {
      this.#session = session;
    });
    // That it is closed is told to whoever waits.
    socket.on("error", () => {});
    socket.setNoDelay(true);
    await new Promise<void>((resolve, reject) => {
      const refused = () => reject(new Error("The server takes no connection"));
      socket.once("close", refused);
      socket.once("secureConnect", () => {
        socket.off("close", refused);
        resolve();
      });
    });
    return socket;
  }
}

/** Or that there will be none. */
async function answerOf(socket: TLSSocket): Promise<void> {
  if (socket.closed) return;
  await new Promise<void>((resolve) => {
    const timeout = systemClock.setTimer(PATIENCE_MS, () => done());
    const done = () => {
      timeout[Symbol.dispose]();
      socket.off("data", done).off("close", done);
      resolve();
    };
    socket.on("data", done).on("close", done);
  });
}

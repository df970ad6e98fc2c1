// Requests over TLS and HTTP/2 on one connection that is kept and, when lost, made again by the next request. The only file
// of machinery that needs Node: a browser brings its own Transport around fetch.
//
// A connection that died without a word (a pulled cable, a host that lost power) would leave watches waiting for ever, so
// the connection is pinged and torn down when no answer comes.

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  connect,
  constants,
} from "node:http2";
import type { Clock } from "@atoll/base/clock";
import { untilAborted } from "@atoll/base/until-aborted";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";

/** Time for TCP and TLS; a host that takes longer is as good as gone. */
const CONNECT_TIMEOUT_MS = 10_000;
/** A dead line is found after at most the sum of both: well under the 40 s after which a silent node counts as lost. */
const PING_INTERVAL_MS = 10_000;
const PING_TIMEOUT_MS = 10_000;

export interface NodeTransportOptions {
  /** "https://10.0.0.1:6443"; a path in it is put before every request's. */
  readonly server: string;
  readonly clock: Clock;
  /** PEM. Undefined: the platform's authorities. */
  readonly certificateAuthority?: string | Uint8Array;
  /** PEM; both or none. */
  readonly clientCertificate?: string | Uint8Array;
  readonly clientKey?: string | Uint8Array;
  /** Asked before each request, so that a renewed token is used without a restart. */
  readonly token?: () => string;
  /** Name to expect in the server's certificate, where it is not the address's. */
  readonly serverName?: string;
}

export class NodeTransport implements AsyncDisposable {
  readonly #options: NodeTransportOptions;
  readonly #origin: string;
  readonly #basePath: string;
  /** The one for new requests. */
  #session: Promise<ClientHttp2Session> | undefined;
  /** With those that are being made, and those that only end what they carry. */
  readonly #sessions = new Set<ClientHttp2Session>();
  #closed = false;

  constructor(options: NodeTransportOptions) {
    const url = new URL(options.server);
    this.#options = options;
    this.#origin = url.origin;
    this.#basePath = url.pathname.replace(/\/$/, "");
  }

  readonly send: Transport = async (request) => {
    request.signal?.throwIfAborted();
    const session = await untilAborted(this.#connected(), request.signal);
    request.signal?.throwIfAborted();
    const token = this.#options.token?.();
    const stream = session.request(
      {
        ...request.headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ":method": request.method,
        ":path": this.#basePath + request.path,
      },
      { endStream: request.body === undefined },
    );
    return exchange(stream, request);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const session of this.#sessions) session.destroy();
    await this.#session?.catch(() => {});
  }

  #connected(): Promise<ClientHttp2Session> {
    if (this.#closed) throw new Error("The transport is closed");
    if (this.#session) return this.#session;
    const opening = this.#open();
    this.#session = opening;
    const forget = () => {
      if (this.#session === opening) this.#session = undefined;
    };
    opening.then((session) => {
      // After GOAWAY the session ends its streams but takes no new ones.
      session.once("goaway", forget);
      session.once("close", forget);
    }, forget);
    return opening;
  }

  async #open(): Promise<ClientHttp2Session> {
    const { certificateAuthority, clientCertificate, clientKey, serverName, clock } = this.#options;
    const session = connect(this.#origin, {
      ALPNProtocols: ["h2"],
      ...(certificateAuthority ? { ca: Buffer.from(certificateAuthority) } : {}),
      ...(clientCertificate ? { cert: Buffer.from(clientCertificate) } : {}),
      ...(clientKey ? { key: Buffer.from(clientKey) } : {}),
      ...(serverName ? { servername: serverName } : {}),
    });
    this.#sessions.add(session);
    session.once("close", () => this.#sessions.delete(session));
    const opened = Promise.withResolvers<void>();
    session.once("connect", () => opened.resolve());
    // Stays on: an error after the connection stands reaches every stream, and 'close' follows.
    session.on("error", (error) => opened.reject(error));
    session.once("close", () => opened.reject(new Error(`The connection to "${this.#origin}" was closed`)));
    using _timer = clock.setTimer(CONNECT_TIMEOUT_MS, () =>
      session.destroy(new Error(`No connection to "${this.#origin}" within ${CONNECT_TIMEOUT_MS} ms`)),
    );
    await opened.promise;
    keepAlive(session, clock);
    return session;
  }
}

function keepAlive(session: ClientHttp2Session, clock: Clock): void {
  let timer: Disposable | undefined;
  const ping = () => {
    // Between its end and the event that tells of it a session takes no ping any more, and says so by throwing.
    if (session.destroyed || session.closed) return;
    timer = clock.setTimer(PING_TIMEOUT_MS, () => session.destroy(new Error("The connection no longer answers")));
    session.ping((error) => {
      timer?.[Symbol.dispose]();
      if (!error && !session.destroyed) timer = clock.setTimer(PING_INTERVAL_MS, ping);
    });
  };
  timer = clock.setTimer(PING_INTERVAL_MS, ping);
  session.once("close", () => timer?.[Symbol.dispose]());
}

function exchange(stream: ClientHttp2Stream, request: TransportRequest): Promise<TransportResponse> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      stream.close(constants.NGHTTP2_CANCEL);
      // Destroying with the reason makes a reader of the body reject with it, too.
      stream.destroy(request.signal?.reason);
    };
    request.signal?.addEventListener("abort", onAbort, { once: true });
    stream.once("close", () => {
      request.signal?.removeEventListener("abort", onAbort);
      reject(request.signal?.aborted ? request.signal.reason : new Error("The connection ended before the answer"));
    });
    // Stays on: an error while the body is read is the reader's, and must not become an uncaught one.
    stream.on("error", reject);
    stream.once("response", (headers) =>
      resolve({ status: headers[":status"] ?? 500, headers: plainHeaders(headers), body: wholeBody(stream) }),
    );
    if (request.body !== undefined) stream.end(request.body);
  });
}

/**
 * Not by the stream's own iterator, which takes an answer that has arrived whole before anybody reads it for one that was
 * cut off: it asks the stream whether it is closed, and an HTTP/2 stream is from its last frame on.
 */
async function* wholeBody(stream: ClientHttp2Stream): AsyncGenerator<Uint8Array, void, undefined> {
  let wake = () => {};
  const onChange = () => wake();
  for (const event of ["readable", "end", "error", "close"]) stream.on(event, onChange);
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const chunk: Buffer | null = stream.destroyed ? null : stream.read();
      if (chunk) yield chunk;
      else if (stream.errored) throw stream.errored;
      else if (stream.readableEnded) break;
      else if (stream.destroyed) throw new Error("The connection ended within the answer");
      else await changed;
    }
  } finally {
    for (const event of ["readable", "end", "error", "close"]) stream.off(event, onChange);
    // A reader who leaves early wants no more of it.
    if (!stream.readableEnded) stream.destroy();
  }
  // Node ends the body of a stream whose connection was lost as if it were complete; its reset code tells.
  if (stream.rstCode !== undefined && stream.rstCode !== constants.NGHTTP2_NO_ERROR) {
    throw new Error("The connection ended within the answer");
  }
}

function plainHeaders(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !name.startsWith(":"))
      plain[name] = Array.isArray(value) ? value.join(", ") : `${value}`;
  }
  return plain;
}

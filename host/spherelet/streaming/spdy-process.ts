// Exec and attach over SPDY: one stream for each of error, stdin, stdout, stderr and resize, told apart by a header.

import type { Duplex } from "node:stream";
import type { Status } from "@atoll/api/meta/types";
import type { Clock } from "@atoll/base/clock";
import { SpdyConnection, type SpdyStream } from "@atoll/base/node/spdy/connection";
import { parseResizes, type ProcessOptions, type RemoteProcess } from "./remote-process.ts";

/** Best first. v4: the error stream ends with a Status. v3 and v2 have text there, and v2 no resize. */
export const SPDY_PROCESS_PROTOCOLS = ["v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io"];

/** Clients open their streams at once; Kubernetes waits as long. */
const STREAMS_TIMEOUT_MS = 30_000;

/** A client that keeps its half open after everything was said is cut off. */
const CLOSE_TIMEOUT_MS = 10_000;

/** Resolves when the client has opened all streams it asked for; rejects when it does not, or leaves. */
export async function openSpdyProcess(
  duplex: Duplex,
  options: ProcessOptions & { readonly protocol: string; readonly clock: Clock },
): Promise<RemoteProcess> {
  const streams = new Map<string, SpdyStream>();
  const complete = Promise.withResolvers<void>();
  const expected = expectedStreams(options);
  const connection = new SpdyConnection(duplex, {
    role: "server",
    onStream: (stream) => {
      const type = stream.headers.streamtype ?? "";
      if (!expected.has(type) || streams.has(type)) void stream.reset();
      else streams.set(type, stream);
      if (streams.size === expected.size) complete.resolve();
    },
  });
  const timer = options.clock.setTimer(STREAMS_TIMEOUT_MS, () =>
    complete.reject(new Error("Timed out waiting for the client to create streams")),
  );
  void connection.closed.then(() => complete.reject(new Error("The client left before it had created its streams")));
  try {
    await complete.promise;
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  } finally {
    timer[Symbol.dispose]();
  }
  return new SpdyProcess(connection, streams, options);
}

function expectedStreams({ stdin, stdout, stderr, tty, protocol }: ProcessOptions & { readonly protocol: string }) {
  return new Set([
    "error",
    ...(stdin ? ["stdin"] : []),
    ...(stdout ? ["stdout"] : []),
    ...(stderr && !tty ? ["stderr"] : []),
    ...(tty && protocol !== "v2.channel.k8s.io" ? ["resize"] : []),
  ]);
}

class SpdyProcess implements RemoteProcess {
  readonly stdin: AsyncIterable<Uint8Array> | undefined;
  readonly resizes: RemoteProcess["resizes"];
  readonly signal: AbortSignal;
  readonly #connection: SpdyConnection;
  readonly #streams: ReadonlyMap<string, SpdyStream>;
  readonly #protocol: string;
  readonly #clock: Clock;

  constructor(
    connection: SpdyConnection,
    streams: ReadonlyMap<string, SpdyStream>,
    options: { readonly protocol: string; readonly clock: Clock },
  ) {
    this.#connection = connection;
    this.#streams = streams;
    this.#protocol = options.protocol;
    this.#clock = options.clock;
    this.stdin = streams.get("stdin")?.readable;
    const resize = streams.get("resize");
    this.resizes = resize && parseResizes(resize.readable);
    const gone = new AbortController();
    void connection.closed.then(() => gone.abort(new Error("The client left")));
    this.signal = gone.signal;
  }

  async writeStdout(bytes: Uint8Array): Promise<void> {
    await this.#streams.get("stdout")?.write(bytes);
  }

  async writeStderr(bytes: Uint8Array): Promise<void> {
    await this.#streams.get("stderr")?.write(bytes);
  }

  async finish(status: Status): Promise<void> {
    const error = this.#streams.get("error");
    if (this.#protocol === "v4.channel.k8s.io") await error?.write(Buffer.from(JSON.stringify(status)));
    else if (status.status === "Failure") await error?.write(Buffer.from(status.message ?? ""));
    // Output first, then the verdict: a client may leave as soon as it has read the error stream's end.
    for (const type of ["stdout", "stderr", "error"]) await this.#streams.get(type)?.end();
    await this.#connection.close();
    const cut = this.#clock.setTimer(CLOSE_TIMEOUT_MS, () => void this.#connection[Symbol.asyncDispose]());
    await this.#connection.closed;
    cut[Symbol.dispose]();
  }
}

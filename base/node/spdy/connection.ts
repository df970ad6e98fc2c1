// One SPDY/3.1 connection over any Duplex: a socket after `101 Switching Protocols`, or a WebSocket that tunnels one.
//
// Windows: the clients that still speak SPDY send no WINDOW_UPDATE and honour none. So what we send is held back by the
// connection alone, and what we receive by not reading on while a stream's reader is a queue behind. We still give window
// updates, for a peer that does wait for them.

import type { Duplex } from "node:stream";
import { toError } from "../../errors.ts";
import { ByteQueue } from "../byte-queue.ts";
import { encodeFrame, RESET_STATUS, SpdyError, type SpdyFrame, SpdyFrameReader } from "./frame.ts";
import { HeaderBlockReader, HeaderBlockWriter, type SpdyHeaders } from "./header-block.ts";

/** Streams open at a time. Exec needs five; a port-forward two for each connection a user's program makes. */
export const STREAMS_MAX = 1024;

/** Streams that a peer may open in vain, for it may not have been told yet that it has too many. */
const REFUSED_MAX = 256;

/** Longest data frame we write: small enough that streams take turns. */
const DATA_FRAME_BYTES = 32_768;

/** Bytes read before the peer is given as many again; half of SPDY's initial window. */
const WINDOW_UPDATE_BYTES = 32_768;

/** Bytes that may wait for a peer to read them before a further answer ends the connection. */
const WAITING_BYTES_MAX = 4_194_304;

export class SpdyStream {
  readonly id: number;
  readonly headers: SpdyHeaders;
  readonly #received = new ByteQueue();
  readonly #connection: SpdyConnection;
  #localEnded = false;
  #remoteEnded = false;
  #hasReader = false;
  /** Received since the peer was last given a window for this stream. */
  unacknowledgedBytes = 0;
  readonly #reset = new AbortController();

  /** Made by SpdyConnection only. */
  constructor(connection: SpdyConnection, id: number, headers: SpdyHeaders) {
    this.#connection = connection;
    this.id = id;
    this.headers = headers;
  }

  /**
   * What the peer sends, until its FIN; throws when the stream was reset. Iterate once. A peer that sends more than a queue holds
   * before anybody has asked for this is let go.
   */
  get readable(): AsyncIterable<Uint8Array> {
    this.#hasReader = true;
    return this.#received;
  }

  /** Aborts when the peer resets the stream or the connection ends. */
  get resetSignal(): AbortSignal {
    return this.#reset.signal;
  }

  /** Resolves when the connection takes more. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length; offset += DATA_FRAME_BYTES) {
      if (this.#localEnded) throw new SpdyError("Closed", `Stream ${this.id} is closed`);
      const piece = bytes.subarray(offset, offset + DATA_FRAME_BYTES);
      await this.#connection.send({ type: "data", streamId: this.id, fin: false, bytes: piece });
    }
  }

  /** Our half is done. Idempotent. */
  async end(): Promise<void> {
    if (this.#localEnded) return;
    this.#localEnded = true;
    await this.#connection.send({ type: "data", streamId: this.id, fin: true, bytes: new Uint8Array() });
    this.#forgetWhenDone();
  }

  /** Ends both halves at once. Idempotent. */
  async reset(status: number = RESET_STATUS.cancel): Promise<void> {
    if (this.#localEnded && this.#remoteEnded) return;
    this.finish(new SpdyError("Reset", `Stream ${this.id} was reset by us`));
    await this.#connection.send({ type: "rstStream", streamId: this.id, status });
  }

  /** For the connection: a piece of data came. Resolves when more may come. */
  async receive(bytes: Uint8Array, fin: boolean): Promise<void> {
    const room = this.#received.push(bytes);
    if (fin) {
      this.#remoteEnded = true;
      this.#received.end();
      this.#forgetWhenDone();
    }
    // To wait for nobody would be for ever: the connection is not read meanwhile, and its end not seen.
    if (!this.#hasReader && this.#received.isFull) {
      throw new SpdyError("Closed", "The peer fills a stream that nobody reads");
    }
    await room;
  }

  /** For the connection: the stream is over in both directions. */
  finish(error: Error): void {
    this.#localEnded = true;
    this.#remoteEnded = true;
    this.#received.fail(error);
    this.#reset.abort(error);
    this.#forgetWhenDone();
  }

  #forgetWhenDone(): void {
    if (this.#localEnded && this.#remoteEnded) this.#connection.forget(this.id);
  }
}

export interface SpdyConnectionOptions {
  readonly role: "server" | "client";
  /** A stream the peer opened; it is answered already. Absent: one that the peer opens ends the connection. */
  readonly onStream?: (stream: SpdyStream) => void;
}

export class SpdyConnection implements AsyncDisposable {
  readonly #duplex: Duplex;
  readonly #options: SpdyConnectionOptions;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #headerReader = new HeaderBlockReader();
  readonly #headerWriter = new HeaderBlockWriter();
  #nextStreamId: number;
  #lastPeerStreamId = 0;
  /** Of the peer's streams so many were too many. */
  #refused = 0;
  #unacknowledgedBytes = 0;
  /** While the connection takes no more: resolves when it does, or is gone. */
  #room: Promise<void> | undefined;
  /** Resolves when the connection is over, however it ended; never rejects. */
  readonly closed: Promise<void>;

  /** Takes the Duplex over; begins to read at once. */
  constructor(duplex: Duplex, options: SpdyConnectionOptions) {
    this.#duplex = duplex;
    this.#options = options;
    this.#nextStreamId = options.role === "client" ? 1 : 2;
    this.closed = this.#run();
  }

  /** Opens a stream; data may be written before the peer has answered. */
  async open(headers: SpdyHeaders): Promise<SpdyStream> {
    const stream = new SpdyStream(this, this.#nextStreamId, headers);
    this.#nextStreamId += 2;
    this.#streams.set(stream.id, stream);
    const headerBlock = this.#headerWriter.encode(headers);
    await this.send({ type: "synStream", streamId: stream.id, fin: false, headerBlock });
    return stream;
  }

  /** Says GOAWAY, sends what is queued and closes. Idempotent. */
  async close(): Promise<void> {
    if (!this.#duplex.destroyed && !this.#duplex.writableEnded) {
      await this.send({ type: "goAway", lastStreamId: this.#lastPeerStreamId, status: 0 });
      this.#duplex.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#duplex.destroy();
    await this.closed;
  }

  /** For streams: writes one frame; resolves when the connection takes more, or is gone. */
  async send(frame: SpdyFrame): Promise<void> {
    if (this.#duplex.destroyed || this.#duplex.writableEnded) return;
    if (this.#duplex.write(encodeFrame(frame))) return;
    this.#room ??= this.#untilRoom();
    await this.#room;
  }

  /** One for all streams that wait: there may be a thousand. */
  async #untilRoom(): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#duplex.off("drain", done).off("close", done);
        resolve();
      };
      this.#duplex.on("drain", done).on("close", done);
    });
    this.#room = undefined;
  }

  /** For streams: both halves are done. */
  forget(streamId: number): void {
    this.#streams.delete(streamId);
  }

  /** Writes what reading asks for, without waiting: two ends that read only once they could write would stop each other. */
  #answer(frame: SpdyFrame): void {
    if (this.#duplex.destroyed || this.#duplex.writableEnded) return;
    if (this.#duplex.writableLength > WAITING_BYTES_MAX) {
      throw new SpdyError("Closed", "The peer asks without reading the answers");
    }
    this.#duplex.write(encodeFrame(frame));
  }

  async #run(): Promise<void> {
    let end = new SpdyError("Closed", "The connection was closed");
    try {
      const reader = new SpdyFrameReader();
      for await (const chunk of this.#duplex) {
        for (const frame of reader.push(chunk)) await this.#handle(frame);
      }
    } catch (error) {
      end = new SpdyError("Closed", "Read the connection", { cause: toError(error) });
    } finally {
      this.#headerReader[Symbol.dispose]();
      this.#duplex.destroy();
      for (const stream of [...this.#streams.values()]) stream.finish(end);
    }
  }

  async #handle(frame: SpdyFrame): Promise<void> {
    switch (frame.type) {
      case "synStream":
        return this.#accept(frame.streamId, frame.fin, await this.#headerReader.decode(frame.headerBlock));
      case "synReply":
      case "headers":
        await this.#headerReader.decode(frame.headerBlock);
        if (frame.fin) await this.#streams.get(frame.streamId)?.receive(new Uint8Array(), true);
        return;
      case "rstStream":
        this.#streams.get(frame.streamId)?.finish(new SpdyError("Reset", `Stream ${frame.streamId} was reset`));
        return;
      case "ping":
        // Ours would have the other parity; we send none, so each is a question.
        return this.#answer(frame);
      case "data":
        return this.#receive(frame.streamId, frame.bytes, frame.fin);
      case "goAway":
      case "windowUpdate":
        return;
    }
  }

  async #accept(streamId: number, fin: boolean, headers: SpdyHeaders): Promise<void> {
    const { onStream } = this.#options;
    const isPeers = streamId % 2 === (this.#options.role === "server" ? 1 : 0);
    if (!isPeers || streamId <= this.#lastPeerStreamId) {
      return this.#answer({ type: "rstStream", streamId, status: RESET_STATUS.protocolError });
    }
    this.#lastPeerStreamId = streamId;
    // Whoever goes on asking costs us the reading of its headers, and nobody who means well does.
    if (!onStream || this.#refused > REFUSED_MAX)
      throw new SpdyError("TooManyStreams", "The peer opens streams it may not");
    if (this.#streams.size >= STREAMS_MAX) {
      this.#refused += 1;
      return this.#answer({ type: "rstStream", streamId, status: RESET_STATUS.refusedStream });
    }
    const stream = new SpdyStream(this, streamId, headers);
    this.#streams.set(streamId, stream);
    this.#answer({ type: "synReply", streamId, fin: false, headerBlock: this.#headerWriter.encode({}) });
    if (fin) await stream.receive(new Uint8Array(), true);
    onStream(stream);
  }

  async #receive(streamId: number, bytes: Uint8Array, fin: boolean): Promise<void> {
    const stream = this.#streams.get(streamId);
    await stream?.receive(bytes, fin);
    this.#unacknowledgedBytes += bytes.length;
    if (this.#unacknowledgedBytes >= WINDOW_UPDATE_BYTES) {
      this.#answer({ type: "windowUpdate", streamId: 0, delta: this.#unacknowledgedBytes });
      this.#unacknowledgedBytes = 0;
    }
    if (!stream || fin) return;
    stream.unacknowledgedBytes += bytes.length;
    if (stream.unacknowledgedBytes >= WINDOW_UPDATE_BYTES) {
      this.#answer({ type: "windowUpdate", streamId, delta: stream.unacknowledgedBytes });
      stream.unacknowledgedBytes = 0;
    }
  }
}

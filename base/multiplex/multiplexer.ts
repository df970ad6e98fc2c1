// Many calls on one line of bytes: the end of the guest agent's protocol in TypeScript (`api/guest-agent/README.md` tells
// the format; `guest/channel` is the other end). The host's end lives as long as its connection; the guest's end, used by
// the fake guest, lives through resets. Neither end ever holds more than its limits say, whatever the other one sends.

import { toError } from "../errors.ts";
import type { ByteLine } from "./byte-line.ts";
import { encodeFrame, encodeReset, type Frame, FRAME_TYPE, FrameReader } from "./frame.ts";
import { decodeStatus, encodeStatus, StreamError, type StreamStatus } from "./stream-status.ts";
import { METHOD_BYTES, MultiplexStream } from "./stream.ts";

/** Open at a time on a line, both directions together. */
export const STREAMS_MAX = 256;
/** Answers to refused OPENs that wait to be written; who causes more is flooding the line. */
const WAITING_REFUSALS_MAX = 256;
const PING_BYTES = 8;

/** Called for each stream the other end opens; must not throw, and has to close the stream. */
export type AcceptStream = (stream: MultiplexStream) => void;

export interface HostOptions {
  /** Different for each connection to one guest, so that a late answer to another's reset is not taken for ours. */
  readonly epoch: bigint;
  /** Absent: the guest may open no stream. */
  readonly accept?: AcceptStream;
  /** Ends the wait for the guest's answer; later use `close`. */
  readonly signal: AbortSignal;
}

export class Multiplexer implements Disposable {
  /** Resolves, never rejects, when the line is over, with what ended it. */
  readonly closed: Promise<Error>;
  readonly #line: ByteLine;
  readonly #accept: AcceptStream;
  readonly #isHost: boolean;
  readonly #streams = new Map<number, MultiplexStream>();
  readonly #closedResolvers = Promise.withResolvers<Error>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #reader: FrameReader;
  #epoch: bigint | undefined;
  #isReady = false;
  #end: Error | undefined;
  #nextId: number;
  #lastAccepted = 0;
  #waitingRefusals = 0;
  #pong: Uint8Array | undefined;
  #ping: { readonly token: Uint8Array; readonly answered: PromiseWithResolvers<void> } | undefined;
  #pingCount = 0;

  private constructor(line: ByteLine, isHost: boolean, accept: AcceptStream | undefined) {
    this.#line = line;
    this.#isHost = isHost;
    this.#accept =
      accept ?? ((stream) => void stream.close({ code: "UNIMPLEMENTED", message: "No method is served here" }));
    this.#nextId = isHost ? 1 : 2;
    this.closed = this.#closedResolvers.promise;
    // Whoever waits for readiness hears of it; nobody has to.
    this.#ready.promise.catch(() => {});
    this.#reader = new FrameReader({
      onFrame: (frame) => this.#takeFrame(frame),
      onReset: (epoch) => this.#takeReset(epoch),
      onBroken: () => this.#takeBroken(),
    });
  }

  /** The host's end: resets the guest and waits for its answer. The line is closed when that fails. */
  static async connect(line: ByteLine, options: HostOptions): Promise<Multiplexer> {
    const multiplexer = new Multiplexer(line, true, options.accept);
    multiplexer.#epoch = options.epoch;
    const onAbort = () => multiplexer.#fail(toError(options.signal.reason));
    options.signal.addEventListener("abort", onAbort, { once: true });
    try {
      options.signal.throwIfAborted();
      void multiplexer.#read();
      await line.write(encodeReset(options.epoch));
      await multiplexer.#ready.promise;
      return multiplexer;
    } catch (error) {
      multiplexer.#fail(toError(error));
      throw error;
    } finally {
      options.signal.removeEventListener("abort", onAbort);
    }
  }

  /** The guest's end: answers resets, and drops every stream at each. */
  static serve(line: ByteLine, accept: AcceptStream): Multiplexer {
    const multiplexer = new Multiplexer(line, false, accept);
    void multiplexer.#read();
    return multiplexer;
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  /** Opens a stream with its first message; throws a StreamError when the line is over or full. */
  async open(method: number, firstMessage: Uint8Array): Promise<MultiplexStream> {
    if (this.#end) throw new StreamError("UNAVAILABLE", "Line is closed", { cause: this.#end });
    if (!this.#isReady) throw new StreamError("UNAVAILABLE", "Line is not connected");
    if (this.#streams.size >= STREAMS_MAX) {
      throw new StreamError("RESOURCE_EXHAUSTED", `${STREAMS_MAX} streams are open on the line`);
    }
    const stream = new MultiplexStream(this.#carrier, { id: this.#nextId, method });
    this.#nextId += 2;
    this.#streams.set(stream.id, stream);
    await stream.sendOpen(firstMessage);
    return stream;
  }

  /** Resolves when the other end answered; one at a time. For a check that it is alive, with the caller's time limit. */
  async ping(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#end) throw new StreamError("UNAVAILABLE", "Line is closed", { cause: this.#end });
    const token = new Uint8Array(PING_BYTES);
    new DataView(token.buffer).setUint32(0, ++this.#pingCount);
    const answered = Promise.withResolvers<void>();
    this.#ping?.answered.reject(new StreamError("CANCELLED", "Another ping took its place"));
    this.#ping = { token, answered };
    const onAbort = () => answered.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await this.#carrier.write({ type: FRAME_TYPE.ping, flags: 0, stream: 0, payload: token });
      await answered.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Ends the line; every stream ends with UNAVAILABLE. Idempotent. */
  close(): void {
    this.#fail(new StreamError("CANCELLED", "Line was closed"));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  readonly #carrier = {
    write: async (frame: Frame): Promise<void> => {
      if (this.#end) throw new StreamError("UNAVAILABLE", "Line is closed", { cause: this.#end });
      await this.#line.write(encodeFrame(frame));
    },
    forget: (stream: MultiplexStream): void => {
      if (this.#streams.get(stream.id) === stream) this.#streams.delete(stream.id);
    },
  };

  async #read(): Promise<void> {
    try {
      for await (const chunk of this.#line.readable) {
        this.#reader.push(chunk);
        if (this.#end) return;
      }
      this.#fail(new StreamError("UNAVAILABLE", "Other end closed the line"));
    } catch (error) {
      this.#fail(toError(error));
    }
  }

  #takeReset(epoch: bigint): void {
    if (this.#isHost) {
      if (epoch !== this.#epoch) return;
      this.#isReady = true;
      this.#ready.resolve();
      return;
    }
    this.#dropStreams("Line was reset");
    this.#epoch = epoch;
    this.#isReady = true;
    this.#nextId = 2;
    this.#lastAccepted = 0;
    this.#line.write(encodeReset(epoch)).catch((error: unknown) => this.#fail(toError(error)));
  }

  #takeBroken(): void {
    if (!this.#isReady) return;
    // The guest waits for the next reset; the host makes the next reset by connecting again.
    if (this.#isHost) this.#fail(new StreamError("INTERNAL", "Guest broke the framing"));
    else {
      this.#isReady = false;
      this.#dropStreams("Framing was broken");
    }
  }

  #takeFrame(frame: Frame): void {
    if (!this.#isReady || this.#end) return;
    const stream = this.#streams.get(frame.stream);
    switch (frame.type) {
      case FRAME_TYPE.open:
        this.#takeOpen(frame);
        break;
      case FRAME_TYPE.data: {
        const fault = stream?.takeFragment(frame);
        if (stream && fault) void stream.close(fault);
        break;
      }
      case FRAME_TYPE.end:
        stream?.takeEnd();
        break;
      case FRAME_TYPE.close:
        stream?.settle(decodeStatus(frame.payload));
        break;
      case FRAME_TYPE.credit:
        if (frame.payload.length === 4) stream?.takeCredit(new DataView(frame.payload.buffer).getUint32(0));
        break;
      case FRAME_TYPE.ping:
        this.#answerPing(frame);
        break;
      case FRAME_TYPE.pong:
        if (this.#ping?.token.every((byte, i) => byte === frame.payload[i])) this.#ping.answered.resolve();
        break;
      default:
      // A type of a later version: what it belongs to, if anything, is not ours to judge.
    }
  }

  #takeOpen(frame: Frame): void {
    const isOther = frame.stream % 2 === (this.#isHost ? 0 : 1);
    if (!isOther || frame.stream <= this.#lastAccepted || frame.payload.length < METHOD_BYTES) return;
    this.#lastAccepted = frame.stream;
    if (this.#streams.size >= STREAMS_MAX) {
      this.#refuse(frame.stream, { code: "RESOURCE_EXHAUSTED", message: `${STREAMS_MAX} streams are open` });
      return;
    }
    const method = new DataView(frame.payload.buffer).getUint16(0);
    const stream = new MultiplexStream(this.#carrier, { id: frame.stream, method });
    this.#streams.set(stream.id, stream);
    const fault = stream.takeFragment(frame);
    if (fault) void stream.close(fault);
    else this.#accept(stream);
  }

  #refuse(stream: number, status: StreamStatus): void {
    if (++this.#waitingRefusals > WAITING_REFUSALS_MAX) {
      this.#fail(new StreamError("RESOURCE_EXHAUSTED", "Other end floods the line with streams"));
      return;
    }
    const frame = { type: FRAME_TYPE.close, flags: 0, stream, payload: encodeStatus(status) };
    this.#carrier
      .write(frame)
      .catch((error: unknown) => this.#fail(toError(error)))
      .finally(() => this.#waitingRefusals--);
  }

  /** At most one answer waits to be written: a flood of pings gets the last one answered. */
  #answerPing(frame: Frame): void {
    if (frame.payload.length !== PING_BYTES) return;
    const isWriting = this.#pong !== undefined;
    this.#pong = frame.payload;
    if (!isWriting) void this.#writePong();
  }

  async #writePong(): Promise<void> {
    try {
      for (let payload = this.#pong; payload; payload = this.#pong === payload ? undefined : this.#pong) {
        await this.#carrier.write({ type: FRAME_TYPE.pong, flags: 0, stream: 0, payload });
      }
    } catch (error) {
      this.#fail(toError(error));
    } finally {
      this.#pong = undefined;
    }
  }

  #dropStreams(message: string): void {
    for (const stream of [...this.#streams.values()]) stream.settle({ code: "UNAVAILABLE", message });
  }

  #fail(error: Error): void {
    if (this.#end) return;
    this.#end = error;
    this.#isReady = false;
    this.#ready.reject(error);
    this.#ping?.answered.reject(error);
    this.#dropStreams(error.message);
    this.#line.close();
    this.#closedResolvers.resolve(error);
  }
}

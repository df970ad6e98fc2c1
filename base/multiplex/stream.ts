import { FLAG_MORE, type Frame, FRAME_TYPE, PAYLOAD_BYTES_MAX, safePayloadLength } from "./frame.ts";
import { encodeStatus, StreamError, type StreamStatus } from "./stream-status.ts";

/** OPEN and DATA payload that may be on its way on a stream; the other end's memory for a reader that does not read. */
export const STREAM_CREDIT_BYTES = 262_144;
/** Of one assembled message. */
export const MESSAGE_BYTES_MAX = 4_194_304;
/** Credit is given back in steps of this size: a frame for every message would double the line's traffic. */
const CREDIT_STEP_BYTES = 32_768;
/** The number of the method before the first message of an OPEN. */
export const METHOD_BYTES = 2;
/** Complete messages that wait for a reader; empty ones cost no credit, and a hostile sender could send them for ever. */
const WAITING_MESSAGES_MAX = 65_536;

/** What a stream needs of the line that carries it. */
export interface StreamCarrier {
  write(frame: Frame): Promise<void>;
  /** The stream is over; its number is free to be forgotten. */
  forget(stream: MultiplexStream): void;
}

interface ReceivedMessage {
  readonly content: Uint8Array;
  /** Credit that goes back to the sender when the reader takes the message. */
  readonly creditBytes: number;
}

/**
 * One call: messages both ways, each side ends its own half, the callee ends the call with a status. Whoever waits here
 * (for credit, for a message) is woken with a StreamError when the line breaks.
 */
export class MultiplexStream {
  readonly id: number;
  readonly method: number;
  /** Resolves once, also when the line breaks (UNAVAILABLE); never rejects. */
  readonly closed: Promise<StreamStatus>;
  readonly #carrier: StreamCarrier;
  readonly #closedResolvers = Promise.withResolvers<StreamStatus>();
  #status: StreamStatus | undefined;

  #sendCredit = STREAM_CREDIT_BYTES;
  #isSendEnded = false;
  /** Sends go one after the other: fragments of two messages must not mix. */
  #sending: Promise<unknown> = Promise.resolve();

  readonly #received: ReceivedMessage[] = [];
  #fragments: Uint8Array[] = [];
  #fragmentBytes = 0;
  #isReceiveEnded = false;
  #receiveCredit = STREAM_CREDIT_BYTES;
  /** Bytes of the message being assembled that no credit was given back for yet. */
  #heldFragmentCredit = 0;
  #owedCredit = 0;
  #changed = Promise.withResolvers<void>();

  constructor(carrier: StreamCarrier, options: { readonly id: number; readonly method: number }) {
    this.#carrier = carrier;
    this.id = options.id;
    this.method = options.method;
    this.closed = this.#closedResolvers.promise;
  }

  /** Sends one message. Resolves when it is on the line, which may wait for the other side's reader. */
  send(message: Uint8Array): Promise<void> {
    return this.#enqueue(() => this.#sendMessage(FRAME_TYPE.data, message));
  }

  /** Only for the side that opens the stream, first of all. */
  sendOpen(message: Uint8Array): Promise<void> {
    const payload = new Uint8Array(METHOD_BYTES + message.length);
    new DataView(payload.buffer).setUint16(0, this.method);
    payload.set(message, METHOD_BYTES);
    return this.#enqueue(() => this.#sendMessage(FRAME_TYPE.open, payload));
  }

  /** Says that this side sends no more messages. Idempotent. */
  end(): Promise<void> {
    if (this.#isSendEnded) return Promise.resolve();
    this.#isSendEnded = true;
    return this.#enqueue(async () => {
      if (!this.#status) await this.#carrier.write(this.#frame(FRAME_TYPE.end));
    });
  }

  /**
   * Ends the stream for both sides: the callee with the result of the call, the caller to cancel it. The callee's earlier
   * messages go out first. Idempotent.
   */
  async close(status: StreamStatus): Promise<void> {
    if (this.#status) return;
    // A cancelling caller does not wait for credit: what it had still to say is of no use any more.
    if (status.code === "OK") await this.#sending.catch(() => {});
    if (this.#status) return;
    this.settle(status);
    await this.#carrier.write({ ...this.#frame(FRAME_TYPE.close), payload: encodeStatus(status) }).catch(() => {});
  }

  /**
   * The other side's messages, each given once. Ends when the other side ended its half or the stream was closed with OK;
   * throws a StreamError for every other status.
   */
  async *messages(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let message = await this.receive(); message; message = await this.receive()) yield message;
  }

  /** The next message, or undefined when there will be none. */
  async receive(): Promise<Uint8Array | undefined> {
    for (;;) {
      const message = this.#received.shift();
      if (message) {
        this.#giveCredit(message.creditBytes);
        if (this.#received.length === 0) this.#releaseFragmentCredit();
        return message.content;
      }
      if (this.#status && this.#status.code !== "OK") throw new StreamError(this.#status.code, this.#status.message);
      if (this.#isReceiveEnded || this.#status) return undefined;
      await this.#changed.promise;
    }
  }

  // ---- called by the multiplexer -----------------------------------------------------------------------------------

  /** Takes OPEN's and DATA's content. Says what is wrong with it, if anything: the multiplexer then closes the stream. */
  takeFragment(frame: Frame): StreamStatus | undefined {
    if (this.#isReceiveEnded) return { code: "INVALID_ARGUMENT", message: "Data after the end of the stream" };
    this.#receiveCredit -= frame.payload.length;
    if (this.#receiveCredit < 0) return { code: "RESOURCE_EXHAUSTED", message: "Stream overran its credit" };
    const content = frame.type === FRAME_TYPE.open ? frame.payload.subarray(METHOD_BYTES) : frame.payload;
    this.#fragmentBytes += content.length;
    if (this.#fragmentBytes > MESSAGE_BYTES_MAX) return { code: "RESOURCE_EXHAUSTED", message: "Message is too large" };
    // Empty fragments cost no credit, so they must cost no memory either.
    if (content.length > 0) this.#fragments.push(content);
    this.#heldFragmentCredit += frame.payload.length;
    if (this.#received.length >= WAITING_MESSAGES_MAX) {
      return { code: "RESOURCE_EXHAUSTED", message: "Too many messages wait" };
    }
    if (frame.flags & FLAG_MORE) {
      // A message larger than the credit could never be completed if its own beginning kept the credit; while nobody has
      // to take an earlier message, at most one such message is held.
      if (this.#received.length === 0) this.#releaseFragmentCredit();
    } else this.#finishMessage();
    return undefined;
  }

  takeEnd(): void {
    this.#isReceiveEnded = true;
    this.#wake();
  }

  takeCredit(bytes: number): void {
    // An absurd grant cannot make numbers overflow, and asks for nothing that one window would not give.
    this.#sendCredit = Math.min(this.#sendCredit + bytes, Number.MAX_SAFE_INTEGER / 2);
    this.#wake();
  }

  /** The stream is over with this status, nothing goes out any more. */
  settle(status: StreamStatus): void {
    if (this.#status) return;
    this.#status = status;
    this.#carrier.forget(this);
    this.#closedResolvers.resolve(status);
    this.#wake();
  }

  // ---- inside ------------------------------------------------------------------------------------------------------

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#sending.then(work, work);
    this.#sending = done.catch(() => {});
    return done;
  }

  async #sendMessage(firstType: number, message: Uint8Array): Promise<void> {
    let type = firstType;
    let rest = message;
    do {
      await this.#waitForCredit(rest.length);
      const bounded = rest.subarray(0, Math.min(rest.length, PAYLOAD_BYTES_MAX, this.#sendCredit));
      const payload = bounded.subarray(0, safePayloadLength(this.id, bounded));
      rest = rest.subarray(payload.length);
      this.#sendCredit -= payload.length;
      await this.#carrier.write({ type, flags: rest.length > 0 ? FLAG_MORE : 0, stream: this.id, payload });
      type = FRAME_TYPE.data;
    } while (rest.length > 0);
  }

  async #waitForCredit(wantedBytes: number): Promise<void> {
    for (;;) {
      if (this.#status) throw new StreamError(this.#status.code, this.#status.message || "Stream is closed");
      if (wantedBytes === 0 || this.#sendCredit > 0) return;
      await this.#changed.promise;
    }
  }

  #finishMessage(): void {
    const [only] = this.#fragments;
    let content = only ?? new Uint8Array(0);
    if (this.#fragments.length > 1) {
      content = new Uint8Array(this.#fragmentBytes);
      let at = 0;
      for (const fragment of this.#fragments) {
        content.set(fragment, at);
        at += fragment.length;
      }
    }
    this.#received.push({ content, creditBytes: this.#heldFragmentCredit });
    this.#fragments = [];
    this.#fragmentBytes = 0;
    this.#heldFragmentCredit = 0;
    this.#wake();
  }

  #releaseFragmentCredit(): void {
    this.#giveCredit(this.#heldFragmentCredit);
    this.#heldFragmentCredit = 0;
  }

  #giveCredit(bytes: number): void {
    this.#owedCredit += bytes;
    if (this.#owedCredit < CREDIT_STEP_BYTES || this.#status || this.#isReceiveEnded) return;
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, this.#owedCredit);
    this.#receiveCredit += this.#owedCredit;
    this.#owedCredit = 0;
    // A line that broke meanwhile has told every reader already.
    this.#carrier.write({ ...this.#frame(FRAME_TYPE.credit), payload }).catch(() => {});
  }

  #frame(type: number): Frame {
    return { type, flags: 0, stream: this.id, payload: new Uint8Array(0) };
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

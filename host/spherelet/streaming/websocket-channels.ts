// Kubernetes' channels in a WebSocket: the first byte of each binary message is the number of its channel. The base64 forms
// have a digit and base64 text instead. v5 adds channel 255: its second byte is the channel whose end the client announces.

import { ByteQueue } from "@atoll/base/node/byte-queue";
import type { RawData, WebSocket } from "ws";

const CLOSE_CHANNEL = 255;
/** Queued in one channel before the socket is read no further. */
const CHANNEL_BYTES_MAX = 262_144;

export class WebSocketChannels {
  readonly #socket: WebSocket;
  readonly #isBase64: boolean;
  readonly #inputs: ReadonlyMap<number, ByteQueue>;
  readonly #gone = new AbortController();
  #behind = 0;

  /** `inputs`: the channels the client may write to; everything else it sends is dropped. */
  constructor(socket: WebSocket, options: { readonly protocol: string; readonly inputs: readonly number[] }) {
    this.#socket = socket;
    this.#isBase64 = options.protocol.includes("base64");
    this.#inputs = new Map(options.inputs.map((channel) => [channel, new ByteQueue({ bytesMax: CHANNEL_BYTES_MAX })]));
    socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    socket.on("close", () => this.#end());
    // The close event follows; there is nobody to tell more.
    socket.on("error", () => this.#end());
  }

  /** Aborts when the connection is over. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** What the client writes to a channel; ends with the connection, or in v5 with the channel. */
  input(channel: number): AsyncIterable<Uint8Array> {
    return this.#inputs.get(channel) ?? new ByteQueue();
  }

  /** Resolves when the message is with the operating system, or the connection is over. */
  send(channel: number, bytes: Uint8Array): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN) return Promise.resolve();
    const message = this.#isBase64
      ? `${channel}${Buffer.from(bytes).toString("base64")}`
      : Buffer.concat([Buffer.from([channel]), bytes]);
    return new Promise((resolve) => this.#socket.send(message, () => resolve()));
  }

  close(): Promise<void> {
    if (this.#socket.readyState === this.#socket.CLOSED) return Promise.resolve();
    return new Promise((resolve) => {
      this.#socket.once("close", () => resolve());
      this.#socket.close(1000);
    });
  }

  #receive(data: RawData, isBinary: boolean): void {
    const message = toBuffer(data);
    if (message.length === 0) return;
    if (!isBinary && !this.#isBase64) return;
    const channel = this.#isBase64 ? message[0]! - 0x30 : message[0]!; // not empty, as of the line above
    if (channel === CLOSE_CHANNEL) {
      this.#inputs.get(message[1] ?? CLOSE_CHANNEL)?.end();
      return;
    }
    const content = this.#isBase64 ? Buffer.from(message.toString("latin1", 1), "base64") : message.subarray(1);
    const queue = this.#inputs.get(channel);
    if (queue) void this.#hold(queue.push(content));
  }

  /** Reads on only when no channel's reader is behind. */
  async #hold(room: Promise<void>): Promise<void> {
    if (this.#behind++ === 0) this.#socket.pause();
    await room;
    if (--this.#behind === 0) this.#socket.resume();
  }

  #end(): void {
    for (const queue of this.#inputs.values()) queue.end();
    this.#gone.abort(new Error("The client left"));
  }
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

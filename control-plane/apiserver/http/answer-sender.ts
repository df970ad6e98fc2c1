// Sends answers over what Node's server hands out for them: whole ones at once, streams as fast as they are read.

import type { Clock } from "@atoll/base/clock";
import { PiecedBody } from "../request/pieced-body.ts";
import { isPoured, type PouredBody } from "../request/poured-body.ts";
import type { ApiResponse } from "../request/request.ts";
import type { Incoming } from "./incoming-request.ts";
import { type PieceTarget, pieceTarget } from "./piece-target.ts";
import { waitForRoom } from "./wait-for-room.ts";
import { WriteRounds } from "./write-rounds.ts";

/** For a client to read why its body is not wanted. */
const UNREAD_LINGER_MS = 1000;
/** Larger answers go out in pieces of this size, each when the reader has taken the one before. */
const PIECE_BYTES = 256 * 1024;

/** What both kinds of answer have; their own types agree on it only in parts. Only HTTP/1.1's says that it is destroyed. */
export interface Outgoing extends PieceTarget {
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  /** Absent in HTTP/2, where `writeHead` sends at once. */
  flushHeaders?(): void;
  end(chunk?: Uint8Array): unknown;
  destroy(): unknown;
  once(event: "close", listener: () => void): unknown;
}

export class AnswerSender {
  readonly #clock: Clock;
  /** Of all watches. */
  readonly #rounds: WriteRounds;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#rounds = new WriteRounds(clock);
  }

  /** Undefined: all of it is on its way. */
  send(incoming: Incoming, outgoing: Outgoing, { status, headers, body }: ApiResponse): Promise<void> | undefined {
    // What of a body nobody read stays in the socket: HTTP/1.1 must not take it for the next request.
    const isUnread = incoming.httpVersionMajor === 1 && !incoming.complete;
    const all = isUnread ? { ...headers, connection: "close" } : headers;
    if (body instanceof Uint8Array || body instanceof PiecedBody) {
      outgoing.writeHead(status, { ...all, "content-length": String(body.length) });
      if (incoming.method === "HEAD") outgoing.end();
      else if (isUnread && body instanceof Uint8Array) return this.#endOnceRead(outgoing, body);
      else if (body instanceof PiecedBody) return this.#sendPieces(outgoing, body, pieceTarget(incoming, outgoing));
      else if (body.length <= PIECE_BYTES) outgoing.end(body);
      else return this.#sendPieces(outgoing, pieces(body), pieceTarget(incoming, outgoing));
      return undefined;
    }
    outgoing.writeHead(status, all);
    if (incoming.method === "HEAD") {
      // There is no more of a stream than its headers; it ends with its request.
      outgoing.end();
      return undefined;
    }
    // A watch begins with its headers: the client waits for them, not for the first event.
    outgoing.flushHeaders?.();
    const target = pieceTarget(incoming, outgoing);
    return isPoured(body) ? this.#pour(outgoing, body, target) : this.#sendPieces(outgoing, body, target);
  }

  async #pour(outgoing: Outgoing, body: PouredBody, target: PieceTarget): Promise<void> {
    await body.pour({
      // Who has gone is seen by the request's signal, too, which ends the stream.
      write: (piece) => target.destroyed || target.write(piece),
      drained: () => waitForRoom(target, outgoing, this.#clock),
      whenDue: (step) => this.#rounds.join(step),
    });
    if (!target.destroyed) outgoing.end();
  }

  /**
   * A client that still sends would lose the answer if the connection were closed on it (RFC 9112, 9.6): it is given time to read
   * and to close the connection itself. What it sends meanwhile stays unread.
   */
  async #endOnceRead(outgoing: Outgoing, body: Uint8Array): Promise<void> {
    outgoing.write(body);
    const closed = Promise.withResolvers<void>();
    outgoing.once("close", closed.resolve);
    using _limit = this.#clock.setTimer(UNREAD_LINGER_MS, closed.resolve);
    await closed.promise;
    outgoing.end();
  }

  async #sendPieces(
    outgoing: Outgoing,
    body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    target: PieceTarget,
  ): Promise<void> {
    for await (const piece of body) {
      if (target.destroyed) return;
      if (!target.write(piece)) await waitForRoom(target, outgoing, this.#clock);
    }
    outgoing.end();
  }
}

function* pieces(body: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < body.length; start += PIECE_BYTES) yield body.subarray(start, start + PIECE_BYTES);
}

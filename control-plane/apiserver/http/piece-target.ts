// Where a stream's pieces are written: past Node's own framing, which would be done anew for each reader of a piece.

import { ServerResponse } from "node:http";
import type { Incoming } from "./incoming-request.ts";

/** What takes the pieces of a stream. */
export interface PieceTarget {
  /** Nobody reads any more. */
  readonly destroyed: boolean;
  /** False: wait for "drain" before the next one. */
  write(piece: Uint8Array): boolean;
  on(event: "drain" | "close", listener: () => void): unknown;
  off(event: "drain" | "close", listener: () => void): unknown;
}

const LINE_END = "\r\n";

/** Pieces that many streams send, such as a watch event, with HTTP/1.1's framing of a chunk around them. */
const chunks = new WeakMap<Uint8Array, Uint8Array>();

/**
 * In HTTP/1.1 the socket, which else would be handed four buffers instead of one; Node has sent the headers and sends the last
 * chunk (RFC 9112, section 7.1). In HTTP/2 the stream itself.
 */
export function pieceTarget(incoming: Incoming, outgoing: PieceTarget): PieceTarget {
  if ("stream" in incoming) return incoming.stream;
  const { socket } = incoming;
  const isChunked = outgoing instanceof ServerResponse && outgoing.chunkedEncoding && outgoing.socket === socket;
  if (!isChunked) return outgoing;
  return {
    get destroyed() {
      return socket.destroyed;
    },
    write: (piece) => socket.write(chunkOf(piece)),
    on: (event, listener) => socket.on(event, listener),
    off: (event, listener) => socket.off(event, listener),
  };
}

function chunkOf(piece: Uint8Array): Uint8Array {
  let chunk = chunks.get(piece);
  if (!chunk) {
    const head = Buffer.from(piece.length.toString(16) + LINE_END);
    // An empty chunk would be the last one.
    chunk = piece.length === 0 ? piece : Buffer.concat([head, piece, Buffer.from(LINE_END)]);
    chunks.set(piece, chunk);
  }
  return chunk;
}

// Answers of HTTP/1.1 on connections that Node's server has let go of: upgrades that are refused, and bytes that are no request.
// Each is the last on its connection.

import { once } from "node:events";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "@atoll/base/clock";
import { PiecedBody } from "../request/pieced-body.ts";
import type { ApiResponse } from "../request/request.ts";
import { waitForRoom } from "./wait-for-room.ts";

/**
 * How long a client is read that still sends. Closing at once could take the answer from it before it has read it (RFC 9112,
 * section 9.6); reading for ever would let it hold the connection.
 */
const LINGER_MS = 500;

/** An answer to a connection that asked to be upgraded and is not. Resolves when the connection is closed. */
export async function writeRawResponse(
  socket: Duplex,
  { status, headers, body }: Pick<ApiResponse, "status" | "headers" | "body">,
  clock: Clock,
): Promise<void> {
  const all = body instanceof PiecedBody ? body.whole() : body;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    // What is not known to have a length ends with the connection.
    ...(all instanceof Uint8Array ? [`content-length: ${all.length}`] : []),
    "connection: close",
  ];
  if (socket.destroyed) return;
  // What nobody reads would keep the end of the client's half from being seen.
  socket.resume();
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  if (all instanceof Uint8Array) socket.write(all);
  else await writePieces(socket, all, clock);
  socket.end();
  if (socket.closed) return;
  using _ = clock.setTimer(LINGER_MS, () => socket.destroy());
  await once(socket, "close");
}

async function writePieces(socket: Duplex, body: AsyncIterable<Uint8Array>, clock: Clock): Promise<void> {
  for await (const piece of body) {
    if (socket.destroyed) return;
    if (!socket.write(piece)) await waitForRoom(socket, socket, clock);
  }
}

const UNREADABLE_STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** What Go's server says to whoever speaks no HTTP, or too much of it. Never rejects. */
export async function refuseUnreadable(socket: Duplex, error: Error & { code?: string }, clock: Clock): Promise<void> {
  const status = UNREADABLE_STATUS[error.code ?? ""] ?? 400;
  const headers = { "content-type": "text/plain; charset=utf-8" };
  const body = Buffer.from(`${status} ${STATUS_CODES[status]}`);
  // It is refused already, and goes on being unreadable.
  if (socket.writableEnded) return;
  // A client that goes away has had its answer.
  await writeRawResponse(socket, { status, headers, body }, clock).catch(() => socket.destroy());
}

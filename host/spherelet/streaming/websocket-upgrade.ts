// The HTTP side of a WebSocket upgrade.
//
// The subprotocol of tunnelled port-forwarding has a "/" in its name, which no HTTP token may have: the WebSocket library
// refuses such a request, and kubectl then falls back to SPDY without a word. So the header is taken away before the library
// sees the request, and the answer is put back by hand.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";

/** Clients send pieces of 32 KiB; a message is held whole. */
const MESSAGE_BYTES_MAX = 4_194_304;

const PROTOCOL_HEADER = "sec-websocket-protocol";

export interface AcceptedWebSocket {
  readonly socket: WebSocket;
  /** "" when the client offered none. */
  readonly protocol: string;
}

/** Undefined when none of the offered protocols is supported; nothing is answered then. */
export function acceptWebSocket(
  request: IncomingMessage,
  duplex: Duplex,
  head: Buffer,
  supported: readonly string[],
): Promise<AcceptedWebSocket> | undefined {
  const offered = (request.headers[PROTOCOL_HEADER] ?? "").split(",").map((name) => name.trim());
  const protocol = offered.find((name) => supported.includes(name));
  if (protocol === undefined) return undefined;
  delete request.headers[PROTOCOL_HEADER];
  const server = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX, perMessageDeflate: false });
  if (protocol !== "") {
    server.on("headers", (headers) => headers.push(`Sec-WebSocket-Protocol: ${protocol}`));
  }
  return new Promise((resolve, reject) => {
    const leave = () => reject(new Error("The client left during the upgrade"));
    // The library says nothing of a connection that has closed before.
    if (duplex.destroyed) return leave();
    duplex.once("close", leave);
    server.handleUpgrade(request, duplex, head, (socket) => resolve({ socket, protocol }));
  });
}

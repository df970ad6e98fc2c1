// Joins a client's upgraded connection to a host's: the request is sent on with another target, and from then on bytes go
// both ways as they come, the host's answer included. Nothing in between is understood, so nothing can be lost.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Tunnel } from "../request/request.ts";

/** The client's credentials are for this server only; the host sees this server's. */
const WITHHELD_HEADERS: ReadonlySet<string> = new Set(["authorization", "host", "cookie", "proxy-authorization"]);

export interface TunnelRequest {
  readonly incoming: IncomingMessage;
  readonly socket: Duplex;
  /** What the client sent right after its request. */
  readonly head: Buffer;
  readonly tunnel: Tunnel;
}

/** Ends when both sides have. Throws only before anything was sent to the client. */
export async function joinTunnel({ incoming, socket, head, tunnel }: TunnelRequest): Promise<void> {
  const host = await tunnel.open();
  // A client that went away while the host was being reached leaves nobody to close it.
  if (socket.destroyed) {
    host.destroy();
    return;
  }
  host.write(formatRequest(incoming, tunnel));
  if (head.length > 0) host.write(head);
  socket.pipe(host);
  host.pipe(socket);
  await Promise.all([closedWith(socket, host), closedWith(host, socket)]);
}

/**
 * Resolves when the one is closed, and closes the other: there is nobody left to send to or to read from. What was said before
 * the one's end is still sent. Not by Node's `pipeline`: two of them on a connection watch it with so many listeners that Node
 * warns of them.
 */
async function closedWith(one: Duplex, other: Duplex): Promise<void> {
  // That it failed is told by its closing.
  one.on("error", () => {});
  if (!one.closed) await new Promise<void>((resolve) => one.once("close", () => resolve()));
  const hasEnded = one.readableEnded && one.writableFinished;
  if (hasEnded && !other.writableFinished) other.once("finish", () => other.destroy());
  else other.destroy();
}

function formatRequest(incoming: IncomingMessage, { host, target, headers = {} }: Tunnel): string {
  const lines = [`${incoming.method} ${target} HTTP/1.1`, `Host: ${host}`];
  for (const [name, values] of Object.entries(headers)) {
    for (const value of [values].flat()) lines.push(`${name}: ${value}`);
  }
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    const name = incoming.rawHeaders[index] ?? "";
    const key = name.toLowerCase();
    if (!WITHHELD_HEADERS.has(key) && !key.startsWith("x-remote-") && !Object.hasOwn(headers, key))
      lines.push(`${name}: ${withoutToken(name, incoming.rawHeaders[index + 1] ?? "")}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Browsers put their bearer token among the WebSocket's protocols, where it is no business of the host either. */
function withoutToken(name: string, value: string): string {
  if (name.toLowerCase() !== "sec-websocket-protocol") return value;
  return value
    .split(",")
    .map((protocol) => protocol.trim())
    .filter((protocol) => !protocol.startsWith("base64url.bearer.authorization.k8s.io."))
    .join(", ");
}

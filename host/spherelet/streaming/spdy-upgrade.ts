// The HTTP side of a SPDY/3.1 upgrade: picks the subprotocol and says 101, or says why not.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

const PROTOCOL_HEADER = "x-stream-protocol-version";

/** True for a request that wants to speak SPDY; anything else that upgrades is a WebSocket. */
export function isSpdyUpgrade(request: IncomingMessage): boolean {
  return (request.headers.upgrade ?? "").toLowerCase() === "spdy/3.1";
}

/** Answers and gives the protocol chosen, or undefined when the request was refused and the connection ended. */
export function acceptSpdyUpgrade(
  request: IncomingMessage,
  duplex: Duplex,
  supported: readonly string[],
): string | undefined {
  const offered = offeredProtocols(request);
  // The client lists what it likes best first.
  const chosen = offered.find((protocol) => supported.includes(protocol));
  if (chosen === undefined) {
    const text = `unable to negotiate protocol: client supports [${offered.join(" ")}], server accepts [${supported.join(" ")}]`;
    refuseUpgrade(duplex, { status: 403, reason: "Forbidden", text });
    return undefined;
  }
  duplex.write(
    [
      "HTTP/1.1 101 Switching Protocols",
      "Connection: Upgrade",
      "Upgrade: SPDY/3.1",
      `X-Stream-Protocol-Version: ${chosen}`,
      "\r\n",
    ].join("\r\n"),
  );
  return chosen;
}

/** Ends an upgrade with an ordinary answer. */
export function refuseUpgrade(
  duplex: Duplex,
  answer: { readonly status: number; readonly reason: string; readonly text: string },
): void {
  const body = Buffer.from(`${answer.text}\n`, "utf8");
  duplex.end(
    Buffer.concat([
      Buffer.from(
        [
          `HTTP/1.1 ${answer.status} ${answer.reason}`,
          "Content-Type: text/plain; charset=utf-8",
          `Content-Length: ${body.length}`,
          "Connection: close",
          "\r\n",
        ].join("\r\n"),
      ),
      body,
    ]),
  );
  // Of a connection that is not read the other end's end is never seen, and it would stay.
  duplex.resume();
}

/** One header with a list, or several headers: both are in use. */
function offeredProtocols(request: IncomingMessage): string[] {
  const values = request.headersDistinct[PROTOCOL_HEADER] ?? [];
  return values
    .flatMap((value) => value.split(","))
    .map((value) => value.trim())
    .filter((value) => value !== "");
}

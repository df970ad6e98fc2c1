// A client's request sent on to somebody else's server, and the answer sent back, neither of them read here. What belongs to
// one connection stays on its side.

import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import { ApiError } from "@atoll/machinery/object/api-error";
import { waitForRoom } from "../http/wait-for-room.ts";
import { answerOf } from "../outgoing/answer-of.ts";
import type { DialingAgent } from "../outgoing/dialing-agent.ts";
import { whileWaitedFor } from "../outgoing/while-waited-for.ts";
import type { ApiRequest, ApiResponse } from "../request/request.ts";

export interface Forwarding {
  readonly request: ApiRequest;
  /** With the query. */
  readonly path: string;
  /** Set on top of the client's own. Undefined: taken away. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** A new connection, ready to carry the request; or an agent that makes and keeps them. */
  readonly connection:
    | { readonly open: (signal: AbortSignal) => Promise<Duplex> }
    | { readonly agent: DialingAgent; readonly host: string; readonly port: number };
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Of one connection, by RFC 9110, and what HTTP/2 has no place for. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What the client proved to this server, it has not proved to the other. */
const WITHHELD: ReadonlySet<string> = new Set(["authorization"]);

/** Throws ServiceUnavailable when there is no answer. */
export async function forwardRequest(forwarding: Forwarding): Promise<IncomingMessage> {
  const { request, signal, clock } = forwarding;
  try {
    const sent = await begin(forwarding);
    const answered = answerOf(sent, signal);
    const hasBody =
      request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
    if (!hasBody && ["GET", "HEAD", "DELETE", "OPTIONS"].includes(request.method)) sent.end();
    else void sendBody(request, sent, clock);
    return await answered;
  } catch (error) {
    throw unreachable(toError(error));
  }
}

async function begin({ request, path, headers, connection, signal }: Forwarding): Promise<ClientRequest> {
  const options: RequestOptions = {
    method: request.method,
    path,
    headers: mergeHeaders(requestHeaders(request), headers),
  };
  if ("agent" in connection) {
    return connection.agent.request({ ...options, host: connection.host, port: connection.port }, signal);
  }
  const socket = await whileWaitedFor(connection.open(signal), signal);
  // Node listens when it has the socket; an error before would end the server.
  socket.on("error", () => {});
  // Node would wait for the end of one that has ended, and never let go of it.
  if (socket.destroyed) throw socket.errored ?? new Error("The connection was closed");
  return httpRequest({ ...options, signal, createConnection: () => socket });
}

function mergeHeaders(own: Record<string, string>, others: Forwarding["headers"]): Record<string, string | string[]> {
  const merged: Record<string, string | string[]> = own;
  for (const [name, value] of Object.entries(others)) {
    if (value === undefined) delete merged[name];
    else merged[name] = typeof value === "string" ? value : [...value];
  }
  return merged;
}

async function sendBody(request: ApiRequest, sent: ClientRequest, clock: Clock): Promise<void> {
  try {
    for await (const chunk of request.body.stream()) {
      if (sent.destroyed) return;
      if (!sent.write(chunk)) await waitForRoom(sent, sent, clock);
    }
    sent.end();
  } catch (error) {
    sent.destroy(toError(error));
  }
}

export function unreachable(cause: Error): ApiError {
  if (cause instanceof ApiError) return cause;
  return new ApiError("ServiceUnavailable", `error trying to reach service: ${cause.message}`, {
    cause,
    details: { causes: [{ message: cause.message }] },
  });
}

export function requestHeaders({ headers }: ApiRequest): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    // HTTP/2's own headers begin with a colon.
    if (value === undefined || name.startsWith(":") || HOP_BY_HOP.has(name) || WITHHELD.has(name)) continue;
    kept[name] = value;
  }
  // In HTTP/2 the host is the authority.
  kept.host ??= headers[":authority"] ?? "";
  return kept;
}

export function responseOf(message: IncomingMessage): ApiResponse {
  return { status: message.statusCode ?? 502, headers: responseHeaders(message), body: message };
}

export function responseHeaders({ headers }: IncomingMessage): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name));
  // Cookies alone are a list, and whoever writes headers takes lists, too.
  return Object.fromEntries(kept) as Record<string, string>;
}

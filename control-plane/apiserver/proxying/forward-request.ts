// A client's request sent on to somebody else's server, and the answer sent back, neither of them read here. What belongs to
// one connection stays on its side.

import { type IncomingMessage, request as httpRequest } from "node:http";
import type { Agent } from "node:https";
import type { Duplex } from "node:stream";
import { toError } from "@atoll/base/errors";
import { ApiError } from "@atoll/machinery/object/api-error";
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
    | { readonly agent: Agent; readonly host: string; readonly port: number };
  readonly signal: AbortSignal;
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
export async function forwardRequest({
  request,
  path,
  headers,
  connection,
  signal,
}: Forwarding): Promise<IncomingMessage> {
  const hasBody = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  const sent = httpRequest({
    method: request.method,
    path,
    headers: mergeHeaders(requestHeaders(request), headers),
    signal,
    ...("agent" in connection
      ? { protocol: "https:", agent: connection.agent, host: connection.host, port: connection.port }
      : {
          createConnection: (_options: unknown, done: (error: Error | null, socket: Duplex) => void) => {
            // With an error nobody looks at the socket.
            const fail = (error: unknown) => done(toError(error), undefined as unknown as Duplex);
            connection.open(signal).then((socket) => {
              // Node listens when it has the socket; an error before would end the server.
              socket.on("error", () => {});
              // Node would wait for the end of one that has ended, and never let go of it.
              if (socket.destroyed) fail(socket.errored ?? new Error("The connection was closed"));
              else done(null, socket);
            }, fail);
            return undefined;
          },
        }),
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once("response", resolve);
    sent.once("error", (cause) => reject(unreachable(cause)));
  });
  if (!hasBody && ["GET", "HEAD", "DELETE", "OPTIONS"].includes(request.method)) sent.end();
  else void sendBody(request, sent);
  return answered;
}

function mergeHeaders(own: Record<string, string>, others: Forwarding["headers"]): Record<string, string | string[]> {
  const merged: Record<string, string | string[]> = own;
  for (const [name, value] of Object.entries(others)) {
    if (value === undefined) delete merged[name];
    else merged[name] = typeof value === "string" ? value : [...value];
  }
  return merged;
}

async function sendBody(request: ApiRequest, sent: ReturnType<typeof httpRequest>): Promise<void> {
  try {
    for await (const chunk of request.body.stream()) {
      if (sent.destroyed) return;
      if (!sent.write(chunk)) await new Promise<void>((resolve) => sent.once("drain", resolve).once("close", resolve));
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

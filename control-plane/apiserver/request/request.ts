// One request and its answer as every handler of the chain sees them: plain data, no socket. Not the standard Request and
// Response, which cost about 8 µs of CPU each time (a tenth of what a whole GET may cost, decision 0030).

import type { Duplex } from "node:stream";
import type { TransportResponse } from "@atoll/machinery/client/transport";
import type { PiecedBody } from "./pieced-body.ts";

/** Who is asking, once authentication has said so. */
export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Where the body comes from; read at most once, by whoever needs it. */
export interface BodySource {
  /** Throws ApiError RequestEntityTooLarge as soon as more than `bytesMax` have come, without reading on. */
  read(bytesMax: number): Promise<Uint8Array>;
  /** As it comes, in place of `read`: for whoever only hands it on. */
  stream(): AsyncIterable<Uint8Array>;
}

export interface ApiRequest {
  readonly method: string;
  /** As sent, with the query. */
  readonly target: string;
  /** Names in lower case. A header sent twice is joined with ", ". */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Names and values in turn, as sent: for the few headers that may come several times with commas inside. */
  readonly rawHeaders?: readonly string[];
  readonly body: BodySource;
  /** Aborts when the client has gone away. A getter, made on demand: most requests never look. */
  readonly signal: AbortSignal;
  /** True for a connection that asked to be upgraded and waits for the answer. */
  readonly wantsUpgrade: boolean;
  /** Undefined inside the process. */
  readonly remoteAddress?: string | undefined;
  /** The common name of a front proxy, where the connection is one's. */
  readonly frontProxyName?: string | undefined;
  /** What the transport knows of the caller: a verified client certificate or the controllers' own identity. */
  readonly transportUser: User | undefined;
  /** When the client certificate that says so ends, in milliseconds since the Unix epoch; undefined: there is none. */
  readonly certificateEndsMs?: number | undefined;
}

/** Another end that an upgraded connection is joined to, bytes unchanged. */
export interface Tunnel {
  /** "host:port", as the other end calls itself. */
  readonly host: string;
  /** With the query. */
  readonly target: string;
  /** In place of the client's own of those names. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly open: () => Promise<Duplex>;
}

export interface ApiResponse extends TransportResponse {
  /** Set only for a request that wants an upgrade: the server joins the two connections instead of sending a body. */
  readonly tunnel?: Tunnel;
}

/** All values of a header, one for each time it was sent; `name` in lower case. */
export function headerValues({ headers, rawHeaders }: ApiRequest, name: string): string[] {
  const joined = headers[name];
  if (joined === undefined) return [];
  if (!rawHeaders) return [joined];
  return rawHeaders.flatMap((_, index) => {
    const isName = index % 2 === 0 && rawHeaders[index]?.toLowerCase() === name;
    return isName ? [rawHeaders[index + 1] ?? ""] : [];
  });
}

/** Header names know no capitals and few characters: others come percent-encoded. What is not is taken as it stands. */
export function decodeHeaderField(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

export const EMPTY_BODY: Uint8Array = new Uint8Array(0);

const ENCODER = new TextEncoder();

export function jsonResponse(status: number, value: unknown): ApiResponse {
  return bytesResponse(status, ENCODER.encode(`${JSON.stringify(value)}\n`));
}

/** Of a length that is known: all but streams. */
export function bytesResponse(
  status: number,
  body: Uint8Array | PiecedBody,
  contentType = "application/json",
): ApiResponse {
  return { status, headers: { "content-type": contentType }, body };
}

export function textResponse(status: number, text: string): ApiResponse {
  return {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
    body: ENCODER.encode(text),
  };
}

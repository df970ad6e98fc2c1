// One request and its answer, without saying how they travel: over TLS (`node-transport.ts`) or straight into the API
// server's handler (`in-process.ts`). `HttpClient` is written against this and nothing else.

export interface TransportRequest {
  readonly method: string;
  /** With the query: "/api/v1/pods?limit=500". */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
}

export interface TransportResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** Rejects with the signal's reason when it aborts, and with any Error when the answer cannot be had. */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;

/** More than any list of one page; a server that sends more is broken or hostile. */
export const RESPONSE_BYTES_MAX = 512 * 1024 * 1024;

/** The whole body. Throws when it is longer than `RESPONSE_BYTES_MAX`. */
export async function readBody(body: TransportResponse["body"]): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > RESPONSE_BYTES_MAX) throw new Error(`The answer is longer than ${RESPONSE_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  if (chunks.length === 1 && chunks[0] !== undefined) return chunks[0];
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

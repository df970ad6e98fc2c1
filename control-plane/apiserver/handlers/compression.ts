import { pipeline, Readable } from "node:stream";
import { promisify } from "node:util";
import { createGzip, gzip as gzipCallback } from "node:zlib";
import { whenThere } from "@atoll/base/eventual";
import type { Answer, Handler, RequestContext } from "../request/context.ts";
import { wantsIndented } from "./indentation.ts";
import { PiecedBody } from "../request/pieced-body.ts";
import type { ApiResponse } from "../request/request.ts";

const gzip = promisify(gzipCallback);

/** Upstream's limit too: below, packing costs more time than sending. */
const COMPRESSED_BYTES_MIN = 128 * 1024;
/** The fastest level: lists of objects shrink to a tenth with it already. */
const LEVEL = 1;

/** Packs large answers for clients that ask for it. Streams are never packed: a watcher wants its event now. */
export const compressLargeAnswers: Handler = (context, next) =>
  whenThere(next(), (response) => pack(context, response));

function pack({ request }: RequestContext, response: ApiResponse): Answer {
  const { body, headers } = response;
  const isSized = body instanceof Uint8Array || body instanceof PiecedBody;
  if (!isSized || body.length < COMPRESSED_BYTES_MIN) return response;
  if (!acceptsGzip(request.headers["accept-encoding"]) || wantsIndented(request)) return response;
  const packed = body instanceof PiecedBody ? packPieces(body) : gzip(body, { level: LEVEL });
  const packedHeaders = { ...headers, "content-encoding": "gzip", vary: "Accept-Encoding" };
  return whenThere<ApiResponse["body"], ApiResponse>(packed, (bytes) => ({
    ...response,
    headers: packedHeaders,
    body: bytes,
  }));
}

/** Whoever reads it meets its errors, too. */
function packPieces(body: PiecedBody): AsyncIterable<Uint8Array> {
  return pipeline(Readable.from(body), createGzip({ level: LEVEL }), () => {});
}

function acceptsGzip(header: string | undefined): boolean {
  return (header ?? "").split(",").some((part) => {
    const [name = "", quality = ""] = part.trim().split(";", 2);
    return name.trim().toLowerCase() === "gzip" && !/^\s*q=0(\.0*)?\s*$/.test(quality);
  });
}

import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import { ApiError } from "@atoll/machinery/object/api-error";
import { bodyTooLarge } from "../request/memory-body.ts";
import type { BodySource } from "../request/request.ts";

/** A body that comes over the network. One that says it is too long is refused before a byte of it is read. */
export function streamBody(incoming: Readable & { readonly headers: IncomingHttpHeaders }): BodySource {
  return {
    stream: () => incoming,
    read: (bytesMax) =>
      new Promise((resolve, reject) => {
        if (Number(incoming.headers["content-length"] ?? 0) > bytesMax) return reject(bodyTooLarge(bytesMax));
        const chunks: Buffer[] = [];
        let length = 0;
        incoming.on("data", (chunk: Buffer) => {
          length += chunk.length;
          if (length > bytesMax) {
            incoming.pause();
            incoming.removeAllListeners("data");
            reject(bodyTooLarge(bytesMax));
          } else {
            chunks.push(chunk);
          }
        });
        let isWhole = false;
        incoming.once("end", () => {
          isWhole = true;
          resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
        });
        // Every request is closed in the end; an error is made only for one whose body is not there.
        const fail = (cause?: unknown) => {
          if (isWhole) return;
          reject(new ApiError("BadRequest", "The request's body ended before it was whole", { cause }));
        };
        incoming.once("error", fail);
        incoming.once("aborted", fail);
        incoming.once("close", () => fail());
      }),
  };
}

// Fetches an issuer's documents. On Node's own client, which takes an authority per request.

import { request } from "node:https";
import type { FetchJson } from "./issuer-keys.ts";

const TIMEOUT_MS = 10_000;
/** A key set of a thousand keys is smaller. */
const BYTES_MAX = 1024 * 1024;

/** `authorityPem` undefined: the machine's own authorities. */
export function httpsJson(authorityPem: string | undefined): FetchJson {
  return (url) =>
    new Promise((resolve, reject) => {
      const sent = request(url, { ...(authorityPem ? { ca: authorityPem } : {}), timeout: TIMEOUT_MS }, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > BYTES_MAX) sent.destroy(new Error(`Fetch "${url}": more than ${BYTES_MAX} bytes`));
          else chunks.push(chunk);
        });
        response.on("error", reject);
        response.on("end", () => {
          try {
            if (response.statusCode !== 200) throw new Error(`Fetch "${url}": status ${response.statusCode}`);
            resolve(JSON.parse(Buffer.concat(chunks).toString()));
          } catch (error) {
            reject(error);
          }
        });
      });
      sent.on("timeout", () => sent.destroy(new Error(`Fetch "${url}": no answer in ${TIMEOUT_MS} ms`)));
      sent.on("error", reject);
      sent.end();
    });
}

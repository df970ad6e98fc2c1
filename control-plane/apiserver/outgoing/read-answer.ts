// The body of an answer from a server that somebody else runs.

import type { IncomingMessage } from "node:http";

/** Rejects, and ends the answer, when there is more than `bytesMax` of it. */
export async function readAnswer(message: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > bytesMax) throw new Error(`the answer is larger than ${bytesMax} bytes`);
  }
  return Buffer.concat(chunks);
}

// YAML bodies: short ones are read at once, longer ones in a thread of their own, one after the other, so that nobody else waits
// for them. Clients send JSON as a rule, so no thread is kept.

import { Worker } from "node:worker_threads";
import { ApiError } from "@atoll/machinery/object/api-error";
import { endOfThread } from "@atoll/base/node/end-of-thread";
import { readYaml, type YamlDocument, type YamlOutcome } from "./read-yaml.ts";

/** Read in a few milliseconds; a thread takes ten times as long to begin. */
const AT_ONCE_BYTES_MAX = 4096;
/** Ten times what the largest body takes. Whatever is not read by then may never be, and others wait for it. */
const READ_MS_MAX = 30_000;
/** What a document of the largest body needs; one that expands itself needs more. */
const THREAD_MEMORY_MB = 256;

let lastRead: Promise<unknown> = Promise.resolve();

/** Throws BadRequest. */
export async function parseYamlBody(bytes: Uint8Array): Promise<YamlDocument> {
  if (bytes.length <= AT_ONCE_BYTES_MAX) return readYaml(bytes);
  const read = lastRead.then(() => readInThread(bytes));
  // The next one does not care how this one ends.
  lastRead = read.catch(() => {});
  const outcome = await read;
  if (outcome.type === "refused") throw new ApiError("BadRequest", outcome.message);
  return outcome;
}

function readInThread(bytes: Uint8Array): Promise<YamlOutcome> {
  const resourceLimits = { maxOldGenerationSizeMb: THREAD_MEMORY_MB };
  const worker = new Worker(new URL("./yaml-thread.ts", import.meta.url), { workerData: bytes, resourceLimits });
  return endOfThread<YamlOutcome>(worker, READ_MS_MAX).catch((error: Error) => {
    // Out of memory, stack or time: a document that asks for so much is its writer's fault.
    return { type: "refused", message: `yaml: ${error.message}` };
  });
}

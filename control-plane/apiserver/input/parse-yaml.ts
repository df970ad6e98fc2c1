// YAML bodies: short ones are read at once, longer ones in a thread of their own, one after the other, so that nobody else waits
// for them. Clients send JSON as a rule, so no thread is kept.

import { ApiError } from "@atoll/machinery/object/api-error";
import { ThreadLine } from "@atoll/base/node/thread-line";
import { readYaml, type YamlDocument, type YamlOutcome } from "./read-yaml.ts";

/** Read in a few milliseconds; a thread takes ten times as long to begin. */
const AT_ONCE_BYTES_MAX = 4096;
/** What a document of the largest body needs, and ten times as long as it takes: one that expands itself needs more, others never end. */
const reader = new ThreadLine(new URL("./yaml-thread.ts", import.meta.url), { memoryMb: 256, timeoutMs: 30_000 });

/** Throws BadRequest. */
export async function parseYamlBody(bytes: Uint8Array): Promise<YamlDocument> {
  if (bytes.length <= AT_ONCE_BYTES_MAX) return readYaml(bytes);
  const outcome = await reader.run<YamlOutcome>(bytes).catch((error: Error): YamlOutcome => {
    // Out of memory, stack or time: a document that asks for so much is its writer's fault.
    return { type: "refused", message: `yaml: ${error.message}` };
  });
  if (outcome.type === "refused") throw new ApiError("BadRequest", outcome.message);
  return outcome;
}

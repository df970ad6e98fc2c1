// Answers as YAML. Everything is rendered as JSON, and here made into YAML: short bodies at once, long ones in a thread of their own,
// one after the other, so that nobody else waits for them. Programs ask for JSON or protobuf, so no thread is kept.

import { ThreadLine } from "@atoll/base/node/thread-line";
import { ApiError } from "@atoll/machinery/object/api-error";
import type { Answer } from "../request/context.ts";
import { PiecedBody } from "../request/pieced-body.ts";
import type { ApiResponse } from "../request/request.ts";
import { MEDIA_TYPES } from "./output-form.ts";
import { yamlOf } from "./write-yaml.ts";

/** Written in a few milliseconds; a thread takes ten times as long to begin. */
const AT_ONCE_BYTES_MAX = 64 * 1024;
/** For a list of some 50 MB of JSON. */
const writer = new ThreadLine(new URL("./yaml-writer-thread.ts", import.meta.url), {
  memoryMb: 1024,
  timeoutMs: 60_000,
});

/** A response that is to be YAML and is JSON still; any other one as it is. */
export function yamlAnswer(response: ApiResponse): Answer {
  const { headers, body } = response;
  if (headers["content-type"] !== MEDIA_TYPES.yaml) return response;
  const bytes = body instanceof PiecedBody ? body.whole() : body;
  if (!(bytes instanceof Uint8Array)) return response;
  if (bytes.length <= AT_ONCE_BYTES_MAX) return { ...response, body: yamlOf(bytes) };
  return writeLong(bytes).then((written) => ({ ...response, body: written }));
}

function writeLong(json: Uint8Array): Promise<Uint8Array> {
  return writer.run<Uint8Array>(json).catch((cause: Error) => {
    const text = "The answer is too long for YAML: ask for JSON, or for less of it with a limit";
    throw new ApiError("NotAcceptable", text, { cause });
  });
}

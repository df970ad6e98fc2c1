import { whenThere } from "@atoll/base/eventual";
import { endOfLongStep } from "@atoll/base/node/long-step";
import { JsonIndenter } from "../output/json-indenter.ts";
import type { Answer, Handler } from "../request/context.ts";
import { PiecedBody } from "../request/pieced-body.ts";
import type { ApiRequest, ApiResponse } from "../request/request.ts";

/** How the programs begin that people look through. */
const BROWSERS = ["curl", "Wget", "Mozilla/5.0"];
/** Indented in a few milliseconds. */
const STEP_BYTES = 256 * 1024;
/** As Go reads truths. */
const TRUE = /^(1|t|T|true|TRUE|True)$/;

/** Indents JSON for people, and for whoever asks with `?pretty=true`. Streams stay as they are. */
export const indentForPeople: Handler = ({ request }, next) =>
  wantsIndented(request) ? whenThere(next(), indent) : next();

/** Such an answer is not packed: it would have to be unpacked to be indented. */
export function wantsIndented({ target, headers }: ApiRequest): boolean {
  if (target.includes("pretty")) {
    const asked = new URLSearchParams(target.slice(target.indexOf("?") + 1)).get("pretty");
    if (asked) return TRUE.test(asked);
  }
  const agent = headers["user-agent"] ?? "";
  return BROWSERS.some((name) => agent.startsWith(name));
}

function indent(response: ApiResponse): Answer {
  const { body, headers } = response;
  if (!headers["content-type"]?.startsWith("application/json")) return response;
  if (body instanceof PiecedBody) return { ...response, body: indentPieces(body) };
  if (!(body instanceof Uint8Array)) return response;
  if (body.length > STEP_BYTES) return indentInSteps(response, body);
  return { ...response, body: new JsonIndenter().take(body) };
}

/** Of a large object, or of an error that says much. */
async function indentInSteps(response: ApiResponse, body: Uint8Array): Promise<ApiResponse> {
  const indenter = new JsonIndenter();
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < body.length; start += STEP_BYTES) {
    await endOfLongStep();
    pieces.push(indenter.take(body.subarray(start, start + STEP_BYTES)));
  }
  return { ...response, body: Buffer.concat(pieces) };
}

async function* indentPieces(body: PiecedBody): AsyncGenerator<Uint8Array, void, undefined> {
  const indenter = new JsonIndenter();
  for await (const piece of body) yield indenter.take(piece);
}

import { whenThere } from "@atoll/base/eventual";
import { JsonIndenter } from "../output/json-indenter.ts";
import type { Handler } from "../request/context.ts";
import { PiecedBody } from "../request/pieced-body.ts";
import type { ApiRequest, ApiResponse } from "../request/request.ts";

/** How the programs begin that people look through. */
const BROWSERS = ["curl", "Wget", "Mozilla/5.0"];
/** As Go reads truths. */
const TRUE = /^(1|t|T|true|TRUE|True)$/;

/** Indents JSON for people, and for whoever asks with `?pretty=true`. Streams stay as they are. */
export const indentForPeople: Handler = ({ request }, next) =>
  wantsIndented(request) ? whenThere(next(), indent) : next();

/** Such an answer is not packed: it would have to be unpacked to be indented. */
export function wantsIndented({ target, headers }: ApiRequest): boolean {
  if (target.includes("pretty")) {
    const asked = new URL(target, "http://localhost").searchParams.get("pretty");
    if (asked) return TRUE.test(asked);
  }
  const agent = headers["user-agent"] ?? "";
  return BROWSERS.some((name) => agent.startsWith(name));
}

function indent(response: ApiResponse): ApiResponse {
  const { body, headers } = response;
  if (!headers["content-type"]?.startsWith("application/json")) return response;
  if (body instanceof Uint8Array) return { ...response, body: new JsonIndenter().take(body) };
  return body instanceof PiecedBody ? { ...response, body: indentPieces(body) } : response;
}

async function* indentPieces(body: PiecedBody): AsyncGenerator<Uint8Array, void, undefined> {
  const indenter = new JsonIndenter();
  for await (const piece of body) yield indenter.take(piece);
}

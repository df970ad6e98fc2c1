// Fetches an issuer's documents. On Node's own client, which takes an authority per request.

import { request as httpsRequest } from "node:https";
import type { Clock } from "@atoll/base/clock";
import { answerOf } from "../../outgoing/answer-of.ts";
import { readAnswer } from "../../outgoing/read-answer.ts";
import type { FetchJson } from "./issuer-keys.ts";

/** To the document's last byte. */
const TIMEOUT_MS = 10_000;
/** A key set of a thousand keys is smaller. */
const BYTES_MAX = 1024 * 1024;

/** `authorityPem` undefined: the machine's own authorities. */
export function httpsJson(authorityPem: string | undefined, clock: Clock): FetchJson {
  return async (url) => {
    const late = new AbortController();
    using _limit = clock.setTimer(TIMEOUT_MS, () => late.abort(new Error(`no answer in ${TIMEOUT_MS} ms`)));
    const { signal } = late;
    try {
      const request = httpsRequest(url, { ...(authorityPem ? { ca: authorityPem } : {}), signal });
      request.end();
      const message = await answerOf(request, signal);
      const body = await readAnswer(message, BYTES_MAX);
      if (message.statusCode !== 200) throw new Error(`status ${message.statusCode}`);
      return JSON.parse(body.toString());
    } catch (error) {
      // To a body's reader the connection alone has ended.
      throw new Error(`Fetch "${url}"`, { cause: signal.aborted ? signal.reason : error });
    }
  };
}

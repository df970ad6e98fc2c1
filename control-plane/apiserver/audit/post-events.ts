// POST to the server that a kubeconfig names, over HTTP or HTTPS: receivers of audit events are log collectors more often than
// Kubernetes servers.

import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Clock } from "@atoll/base/clock";
import type { ServerAccess } from "@atoll/machinery/client/kubeconfig";
import { answerOf } from "../outgoing/answer-of.ts";
import type { SendEvents } from "./audit-webhook.ts";

/** A receiver that takes longer has lost the batch, which is sent again. */
const TIMEOUT_MS = 30_000;
/** Of a refusal, for the log. */
const REASON_CHARACTERS = 500;
/** What is read of an answer to use its connection again; a longer one ends with its connection. */
const ANSWER_BYTES_MAX = 64 * 1024;

export class EventPoster implements Disposable {
  readonly #access: ServerAccess;
  readonly #url: URL;
  readonly #clock: Clock;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(access: ServerAccess, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
    this.#url = new URL(access.server);
    const { certificateAuthority, clientCertificate, clientKey, serverName } = access;
    const kept = { keepAlive: true, maxSockets: 1 };
    this.#agent =
      this.#url.protocol === "http:"
        ? new HttpAgent(kept)
        : new HttpsAgent({
            ...kept,
            ...(certificateAuthority ? { ca: Buffer.from(certificateAuthority) } : {}),
            ...(clientCertificate ? { cert: Buffer.from(clientCertificate) } : {}),
            ...(clientKey ? { key: Buffer.from(clientKey) } : {}),
            ...(serverName ? { servername: serverName } : {}),
          });
  }

  readonly send: SendEvents = async (body, signal) => {
    const late = new AbortController();
    using _limit = this.#clock.setTimer(TIMEOUT_MS, () =>
      late.abort(new Error(`${this.#url.origin}: no answer in ${TIMEOUT_MS} ms`)),
    );
    const ended = AbortSignal.any([signal, late.signal]);
    try {
      await this.#post(body, ended);
    } catch (error) {
      // To a body's reader the connection alone has ended.
      throw ended.aborted ? ended.reason : error;
    }
  };

  async #post(body: Uint8Array, signal: AbortSignal): Promise<void> {
    const token = this.#access.token?.();
    const request = (this.#url.protocol === "http:" ? httpRequest : httpsRequest)(this.#url, {
      agent: this.#agent,
      method: "POST",
      signal,
      headers: {
        "content-type": "application/json",
        "content-length": body.length,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    request.end(body);
    const message = await answerOf(request, signal);
    const { statusCode = 0 } = message;
    let text = "";
    let length = 0;
    for await (const chunk of message) {
      if (text.length < REASON_CHARACTERS) text += chunk;
      length += chunk.length;
      if (length > ANSWER_BYTES_MAX) break;
    }
    if (statusCode >= 200 && statusCode < 300) return;
    throw new Error(`${this.#url.origin} answered ${statusCode}: ${text.slice(0, REASON_CHARACTERS)}`);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

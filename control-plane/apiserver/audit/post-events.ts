// POST to the server that a kubeconfig names, over HTTP or HTTPS: receivers of audit events are log collectors more often than
// Kubernetes servers.

import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { ServerAccess } from "@atoll/machinery/client/kubeconfig";
import type { SendEvents } from "./audit-webhook.ts";

/** A receiver that takes longer has lost the batch, which is sent again. */
const TIMEOUT_MS = 30_000;
/** Of a refusal, for the log. */
const REASON_CHARACTERS = 500;

export class EventPoster implements Disposable {
  readonly #access: ServerAccess;
  readonly #url: URL;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(access: ServerAccess) {
    this.#access = access;
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
    const message = await new Promise<IncomingMessage>((resolve, reject) => {
      const token = this.#access.token?.();
      const request = (this.#url.protocol === "http:" ? httpRequest : httpsRequest)(this.#url, {
        agent: this.#agent,
        method: "POST",
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        headers: {
          "content-type": "application/json",
          "content-length": body.length,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      });
      request.once("response", resolve);
      request.once("error", reject);
      request.end(body);
    });
    const { statusCode = 0 } = message;
    let text = "";
    for await (const chunk of message) if (text.length < REASON_CHARACTERS) text += chunk;
    if (statusCode >= 200 && statusCode < 300) return;
    throw new Error(`${this.#url.origin} answered ${statusCode}: ${text.slice(0, REASON_CHARACTERS)}`);
  };

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

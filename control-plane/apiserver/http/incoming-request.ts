// A request as Node's server hands it out, and as the API server takes it.

import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { PeerIdentity } from "../authentication/client-certificate.ts";
import type { ApiRequest } from "../request/request.ts";
import { streamBody } from "./stream-body.ts";

export type Incoming = IncomingMessage | Http2ServerRequest;

/** What is destroyed when nobody waits for the answer any more. */
interface Closing {
  readonly destroyed: boolean;
  once(event: "close", listener: () => void): unknown;
}

/** A class, so that what is seldom asked for is made only then. */
export class IncomingRequest implements ApiRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: ApiRequest["headers"];
  readonly body: ApiRequest["body"];
  readonly wantsUpgrade: boolean;
  readonly transportUser: ApiRequest["transportUser"];
  readonly certificateEndsMs: ApiRequest["certificateEndsMs"];
  readonly peerIsRefused: boolean;
  readonly frontProxyName: string | undefined;
  readonly #incoming: Incoming;
  readonly #closing: Closing;
  readonly #shutdown: AbortSignal;
  #signal: AbortSignal | undefined;

  constructor(
    incoming: Incoming,
    closing: Closing,
    shutdown: AbortSignal,
    { peer, wantsUpgrade }: { readonly peer: PeerIdentity; readonly wantsUpgrade: boolean },
  ) {
    this.#incoming = incoming;
    this.method = incoming.method ?? "GET";
    this.target = incoming.url ?? "/";
    // Node joins repeated headers; the few it gives as arrays (set-cookie) are no headers of requests.
    this.headers = incoming.headers as ApiRequest["headers"];
    this.body = streamBody(incoming);
    this.wantsUpgrade = wantsUpgrade;
    this.transportUser = peer.type === "user" ? peer.user : undefined;
    this.certificateEndsMs = peer.type === "user" ? peer.endsMs : undefined;
    this.peerIsRefused = peer.type === "refused";
    this.frontProxyName = peer.type === "front-proxy" ? peer.name : undefined;
    this.#closing = closing;
    this.#shutdown = shutdown;
  }

  get remoteAddress(): string | undefined {
    return this.#incoming.socket.remoteAddress;
  }

  get rawHeaders(): readonly string[] {
    return this.#incoming.rawHeaders;
  }

  get signal(): AbortSignal {
    if (this.#signal) return this.#signal;
    const closed = new AbortController();
    if (this.#closing.destroyed) closed.abort();
    else this.#closing.once("close", () => closed.abort());
    this.#signal = AbortSignal.any([closed.signal, this.#shutdown]);
    return this.#signal;
  }
}

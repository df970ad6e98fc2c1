// Watches over HTTP/2, with parameters that make sense and such that do not; each is ended by the client soon after it began.

import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { systemClock } from "@atoll/base/clock";
import type { Random } from "@atoll/base/random";
import { chance, pick } from "../../differential/random-values.ts";
import type { Outcome } from "../answer-reader.ts";
import { oddNumberText, oddText } from "../odd-values.ts";
import { type FuzzTarget, NAMESPACE, type TargetSetup } from "../target.ts";

const ANSWER_TIMEOUT_MS = 20_000;
/** How long a watch that has begun is listened to. */
const LISTEN_MS = 10;
/** Streams of a connection before it is opened anew: its end is an input too. */
const STREAMS_MAX = 5000;
const TEXT_MAX = 4000;

const PATHS = [
  ...[
    `/api/v1/namespaces/${NAMESPACE}/configmaps`,
    "/api/v1/pods",
    "/api/v1/namespaces",
    "/api/v1/secrets",
    "/apis/apps/v1/deployments",
  ],
  ...[
    `/api/v1/watch/namespaces/${NAMESPACE}/configmaps`,
    "/api/v1/watch/pods",
    `/api/v1/namespaces/${NAMESPACE}/configmaps/s1`,
  ],
  ...[
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "/api/v1/namespaces/undisturbed/configmaps/steady",
    "/api/v1/events",
  ],
];
const ACCEPTS = [
  ...[
    "application/json",
    "application/json;stream=watch",
    "application/vnd.kubernetes.protobuf;stream=watch",
    "application/yaml",
  ],
  ...[
    "application/json;as=Table;v=v1;g=meta.k8s.io",
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
    "*/*",
    "text/html",
  ],
  ...[
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    "application/vnd.kubernetes.protobuf",
    "x",
    "",
  ],
];

export const watches: FuzzTarget = {
  name: "watches",
  what: "parameters of watches, over HTTP/2",
  async open({ server, lanes }: TargetSetup) {
    const watchers = Array.from({ length: lanes }, () => new Watcher(server.url));
    return {
      async send({ random, laneNumber, note }) {
        const path = `${pick(random, PATHS)}?${watchQuery(random)}`;
        const accept = chance(random, 0.6) ? "application/json" : pick(random, ACCEPTS);
        const watcher = watchers[laneNumber];
        if (!watcher) throw new Error(`There is no lane ${laneNumber}`);
        const headers = { ":path": path, accept, authorization: `Bearer ${server.token}` };
        const outcome = await watcher.watch(headers);
        note({ sent: `GET ${path}\naccept: ${accept}`, outcome, mayClose: false });
      },
      async [Symbol.asyncDispose]() {
        for (const watcher of watchers) watcher[Symbol.dispose]();
      },
    };
  },
};

function watchQuery(random: Random): string {
  const odd = () => (chance(random, 0.6) ? oddNumberText(random) : oddText(random));
  const boolean = () => pick(random, ["true", "false", "1", "0", "", "TRUE", "yes", "x"]);
  const query = new Map<string, string>();
  query.set("watch", chance(random, 0.93) ? pick(random, ["1", "true"]) : boolean());
  if (chance(random, 0.6))
    query.set("resourceVersion", chance(random, 0.6) ? pick(random, ["0", "", "1", "-1", "999999999"]) : odd());
  if (chance(random, 0.4)) query.set("allowWatchBookmarks", boolean());
  if (chance(random, 0.4)) query.set("sendInitialEvents", boolean());
  if (chance(random, 0.4))
    query.set("resourceVersionMatch", pick(random, ["NotOlderThan", "NotOlderThan", "Exact", "", "x"]));
  if (chance(random, 0.4))
    query.set("timeoutSeconds", chance(random, 0.5) ? pick(random, ["1", "0", "-1", "3600", "1e9"]) : odd());
  if (chance(random, 0.2)) query.set("labelSelector", pick(random, ["app=a", "app in (a", "!", "x=y=z", odd()]));
  if (chance(random, 0.2))
    query.set("fieldSelector", pick(random, ["metadata.name=s1", "spec.nodeName=", "x", "a=b,c", odd()]));
  if (chance(random, 0.1)) query.set("limit", odd());
  if (chance(random, 0.1)) query.set("continue", odd());
  if (chance(random, 0.05)) query.set("timeout", pick(random, ["1s", "0", "x", "-1s"]));
  return [...query]
    .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
    .join("&")
    .slice(0, 60_000);
}

class Watcher implements Disposable {
  readonly #url: string;
  #session: ClientHttp2Session | undefined;
  #streams = 0;

  constructor(url: string) {
    this.#url = url;
  }

  async watch(headers: Readonly<Record<string, string>>): Promise<Outcome> {
    const session = await this.#connected();
    const stream = session.request(headers);
    // That it ended is told by its closing.
    stream.on("error", () => {});
    return await new Promise<Outcome>((resolve) => {
      let status = 0;
      let text = "";
      let isHung = false;
      const timeout = systemClock.setTimer(ANSWER_TIMEOUT_MS, () => {
        isHung = true;
        stream.destroy();
      });
      let listening: Disposable | undefined;
      stream.on("response", (response) => {
        status = response[":status"] ?? 0;
        if (status === 200) listening = systemClock.setTimer(LISTEN_MS, () => stream.close());
      });
      stream.on("data", (chunk: Buffer) => {
        if (text.length < TEXT_MAX) text += chunk.toString();
      });
      stream.on("close", () => {
        timeout[Symbol.dispose]();
        listening?.[Symbol.dispose]();
        if (isHung) resolve({ type: "hung", why: "no answer" });
        else
          resolve(
            status > 0
              ? { type: "answer", status, text, headers: new Map(), isCut: status === 200 }
              : { type: "closed" },
          );
      });
    });
  }

  async #connected(): Promise<ClientHttp2Session> {
    if (this.#session && !this.#session.closed && !this.#session.destroyed && this.#streams++ < STREAMS_MAX)
      return this.#session;
    this.#session?.destroy();
    this.#streams = 0;
    const session = connect(this.#url, { rejectUnauthorized: false });
    session.on("error", () => {});
    this.#session = session;
    await once(session, "connect");
    return session;
  }

  [Symbol.dispose](): void {
    this.#session?.destroy();
  }
}

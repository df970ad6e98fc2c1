// Test support: webhooks that are functions, and a server that asks them in place of the network.

import assert from "node:assert/strict";
import { type Answer, CallError, type PostJson } from "../../outgoing/https-caller.ts";
import { type Answer as ServerAnswer, type Json, TestServer } from "../../test-server.ts";

export const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
export const REGISTRATION = "/apis/admissionregistration.k8s.io/v1";

/** What a webhook is asked about unless it says otherwise. */
export const RULE = { operations: ["*"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] };

const URL_START = "https://hook.test/";

/** What a server answers: a response, or what `raw` says. */
export type Hook = (request: Json, review: Json) => Json | Promise<Json>;

export interface HookOptions extends Record<string, unknown> {
  /** Undefined: nobody can be reached there. */
  readonly hook?: Hook;
}

interface HookServers {
  /** By name. */
  readonly hooks: Map<string, Hook>;
  /** The names, as they were asked. */
  readonly asked: string[];
}

export class TestWebhooks implements AsyncDisposable {
  readonly server: TestServer;
  readonly #servers: HookServers;

  private constructor(server: TestServer, servers: HookServers) {
    this.server = server;
    this.#servers = servers;
  }

  static async start(): Promise<TestWebhooks> {
    const servers: HookServers = { hooks: new Map(), asked: [] };
    return new TestWebhooks(await TestServer.start(undefined, { post: postTo(servers) }), servers);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server[Symbol.asyncDispose]();
  }

  /** Who was asked since the last `removeAll`, in this order. */
  get asked(): readonly string[] {
    return this.#servers.asked;
  }

  /** One webhook in a configuration of its name. */
  async configure(kind: "Mutating" | "Validating", name: string, { hook, ...more }: HookOptions = {}): Promise<void> {
    if (hook) this.#servers.hooks.set(name, hook);
    const webhook = {
      name: `${name}.example.com`,
      clientConfig: { url: `${URL_START}${name}` },
      rules: [RULE],
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
      ...more,
    };
    const path = `${REGISTRATION}/${kind.toLowerCase()}webhookconfigurations`;
    const body = { metadata: { name }, webhooks: [webhook] };
    const made = await this.server.call("POST", path, { body });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    // A read that catches up: from here on every request is decided with it.
    await this.server.call("GET", path);
  }

  async removeAll(): Promise<void> {
    for (const kind of ["mutating", "validating"])
      await this.server.call("DELETE", `${REGISTRATION}/${kind}webhookconfigurations`);
    this.#servers.hooks.clear();
    this.#servers.asked.length = 0;
  }

  createConfigMap(object: Json, query = ""): Promise<ServerAnswer> {
    return this.server.call("POST", `${CONFIG_MAPS}${query}`, { body: object });
  }
}

function postTo({ hooks, asked }: HookServers): PostJson {
  return async ({ url }, { body }) => {
    const review = JSON.parse(Buffer.from(body).toString());
    const name = url.replace(URL_START, "");
    asked.push(name);
    const hook = hooks.get(name);
    if (!hook)
      throw new CallError(`Post "${url}?timeout=10s": dial tcp 192.0.2.1:443: connect: connection refused`, {
        isTimeout: false,
      });
    const response = await hook(review.request, review);
    if (response.raw) return response.raw;
    const { apiVersion, kind } = review;
    return answerOf({ apiVersion, kind, response: { uid: review.request.uid, allowed: true, ...response } });
  };
}

export function answerOf(value: unknown, status = 200): Answer {
  return { status, body: Buffer.from(JSON.stringify(value)) };
}

export function patch(...operations: unknown[]): Json {
  return { patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(operations)).toString("base64") };
}

export const addData = (name: string) => () => patch({ op: "add", path: `/data/${name}`, value: "yes" });

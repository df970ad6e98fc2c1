// Test support: an API server on the memory store, and a caller that speaks JSON to it.

import type { EncryptionConfiguration } from "@atoll/api/config/encryption";
import { schemaModel } from "@atoll/api/generated/schemas";
import { kinds } from "@atoll/api/kinds";
import { systemClock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { type Random, seededRandom } from "@atoll/base/random";
import type { Tracer } from "@atoll/base/tracing";
import { readBody } from "@atoll/machinery/client/transport";
import { generateKeyPairSync } from "node:crypto";
import { MemoryStore } from "../store/memory/memory-store.ts";
import type { Store } from "../store/store.ts";
import { ApiServer, SUPERVISOR_USER } from "./api-server.ts";
import type { AggregationOptions, ServiceOptions } from "./api-server-options.ts";
import { ServiceAccountTokens } from "./authentication/service-account-tokens.ts";
import type { Dial } from "./outgoing/dial.ts";
import type { PostJson } from "./outgoing/https-caller.ts";
import { encryptionOf } from "./registry/value-cipher.ts";
import type { User } from "./request/request.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely, and a wrong look fails the test.
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly user?: User | undefined;
}

export interface TestServerOptions {
  readonly services?: Partial<ServiceOptions>;
  /** Several servers on one store must not make the same names. */
  readonly seed?: number;
  /** In place of the servers of others. */
  readonly post?: PostJson;
  /** In place of the network. */
  readonly dial?: Dial;
  readonly aggregation?: AggregationOptions;
  readonly tracer?: Tracer;
}

// One key for all tests: making one takes longer than a test.
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

function testEncryption(random: Random): EncryptionConfiguration {
  const key = { name: "test", secret: Buffer.from(random.bytes(32)).toString("base64") };
  return {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [{ resources: ["secrets"], providers: [{ aesgcm: { keys: [key] } }] }],
  };
}

export class TestServer implements AsyncDisposable {
  readonly store: Store;
  readonly #ownsStore: boolean;
  readonly api: ApiServer;
  readonly tokens: ServiceAccountTokens;

  private constructor(store: Store | undefined, options: TestServerOptions) {
    this.store = store ?? new MemoryStore(systemClock);
    this.#ownsStore = store === undefined;
    const random = seededRandom(options.seed ?? 1);
    this.tokens = new ServiceAccountTokens({
      key: { keyId: "test", privateKey, publicKey },
      issuer: "https://issuer.test",
      clock: systemClock,
      random,
    });
    this.api = new ApiServer({
      store: this.store,
      kinds,
      model: schemaModel,
      tokens: this.tokens,
      encryption: encryptionOf(testEncryption(random), random),
      nodeClient: undefined,
      ...(options.post ? { post: options.post } : {}),
      ...(options.dial ? { dial: options.dial } : {}),
      ...(options.aggregation ? { aggregation: options.aggregation } : {}),
      tracer: options.tracer,
      serverAddress: "127.0.0.1:6443",
      services: {
        cidrs: ["10.96.0.0/16"],
        nodePorts: { first: 30_000, last: 32_767 },
        advertised: { address: "192.0.2.1", port: 6443 },
        sharesStore: false,
        ...options.services,
      },
      clock: systemClock,
      random,
      log: silentLogger,
    });
  }

  /** On a store of its own, or on one that another server has filled. */
  static async start(store?: Store, options: TestServerOptions = {}): Promise<TestServer> {
    const server = new TestServer(store, options);
    await server.api.start(AbortSignal.timeout(10_000));
    await server.call("POST", "/api/v1/namespaces/default/serviceaccounts", {
      body: { metadata: { name: "default" } },
    });
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api[Symbol.asyncDispose]();
    if (this.#ownsStore) await this.store[Symbol.asyncDispose]();
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { body, contentType = "application/json", headers = {}, user = SUPERVISOR_USER } = options;
    const bytes =
      body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body ?? null));
    const response = await this.api.handle(
      {
        method,
        path,
        headers: {
          accept: "application/json",
          ...headers,
          ...(body === undefined ? {} : { "content-type": contentType }),
        },
        ...(body === undefined ? {} : { body: bytes }),
      },
      user,
    );
    const text = Buffer.from(await readBody(response.body)).toString();
    return { status: response.status, headers: response.headers, body: parse(text) };
  }

  /** The watch's events as they come, until the signal aborts. */
  async *watch(path: string, signal: AbortSignal): AsyncGenerator<{ type: string; object: Json }> {
    const response = await this.api.handle({ method: "GET", path, headers: {}, signal });
    if (response.body instanceof Uint8Array) throw new Error(Buffer.from(response.body).toString());
    for await (const chunk of response.body) {
      for (const line of Buffer.from(chunk).toString().trim().split("\n")) yield JSON.parse(line);
    }
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function podOf(name: string, more: Record<string, unknown> = {}): Json {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { containers: [{ name: "c", image: "busybox" }], ...more },
  };
}

export function configMapOf(name: string, data: Record<string, string> = { a: "1" }): Json {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data };
}

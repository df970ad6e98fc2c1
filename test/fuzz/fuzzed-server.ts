// The Supervisor under test as a process of its own, with the sampler in it and the other client beside it.

import { join } from "node:path";
import type { Target } from "../performance/load/connection.ts";
import { openConnection } from "../performance/load/connection.ts";
import { startAtoll } from "../performance/api-sides.ts";
import { OtherClient } from "./other-client.ts";
import { SampledProcess, samplingEnvironment } from "./sampled-process.ts";
import { NAMESPACE, type TargetSetup } from "./target.ts";

/** Where the other client works: no input names it. */
const OTHER_NAMESPACE = "undisturbed";

export class FuzzedServer implements AsyncDisposable {
  readonly target: Target;
  readonly process: SampledProcess;
  readonly other: OtherClient;
  readonly #directory: string;
  readonly #stack: AsyncDisposableStack;

  static async start(directory: string, signal: AbortSignal): Promise<FuzzedServer> {
    await using starting = new AsyncDisposableStack();
    const socketPath = join(directory, "sampler.sock");
    const atoll = starting.use(
      await startAtoll({ directory, withControllers: false, signal, environment: samplingEnvironment(socketPath) }),
    );
    const process = starting.use(await SampledProcess.connect(socketPath));
    const configMaps = `/api/v1/namespaces/${OTHER_NAMESPACE}/configmaps`;
    for (const namespace of [OTHER_NAMESPACE, NAMESPACE]) await prepareNamespace(atoll, namespace);
    await make(atoll, "POST", configMaps, { metadata: { name: "steady" } });
    const other = starting.use(new OtherClient({ url: atoll.url, token: atoll.token, path: `${configMaps}/steady` }));
    return new FuzzedServer(directory, { atoll, process, other, stack: starting.move() });
  }

  private constructor(
    directory: string,
    parts: { atoll: Target; process: SampledProcess; other: OtherClient; stack: AsyncDisposableStack },
  ) {
    this.#directory = directory;
    this.target = { url: parts.atoll.url, token: parts.atoll.token };
    this.process = parts.process;
    this.other = parts.other;
    this.#stack = parts.stack;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  get logFile(): string {
    return join(this.#directory, "supervisor.log");
  }

  setup(lanes: number): TargetSetup {
    return {
      ...{ server: this.target, directory: this.#directory, lanes },
      kubeconfig: join(this.#directory, "data/admin.kubeconfig"),
      configurationFile: join(this.#directory, "supervisor.yaml"),
      make: (method, path, object) => make(this.target, method, path, object),
    };
  }

  /** Watches that nobody reads. */
  async leftOver(): Promise<string[]> {
    const metrics = String(await make(this.target, "GET", "/metrics"));
    return metrics
      .split("\n")
      .filter((line) => line.startsWith("apiserver_longrunning_requests{") && !line.endsWith(" 0"));
  }
}

async function prepareNamespace(target: Target, name: string): Promise<void> {
  await make(target, "POST", "/api/v1/namespaces", { metadata: { name } });
  // Without controllers nobody makes the account that pods need.
  await make(target, "POST", `/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: "default" } });
}

async function make(target: Target, method: string, path: string, object?: object): Promise<unknown> {
  using connection = openConnection(target, "h1", 1);
  const body = object === undefined ? {} : { body: JSON.stringify(object) };
  const contentType = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const { status, text } = await connection.call(method, path, { ...body, contentType, wantsText: true });
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  return text.startsWith("{") ? JSON.parse(text) : text;
}

// The client that has nothing to do with the fuzzing: reads and writes one ConfigMap, each a few times in a hundred
// milliseconds, in a thread of its own so that the fuzzer's work does not delay it, and notes how long each answer takes.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Latencies, OtherClientOptions } from "./latencies.ts";

export class OtherClient implements AsyncDisposable {
  readonly #worker: Worker;

  constructor(options: OtherClientOptions) {
    this.#worker = new Worker(new URL("./other-client-thread.ts", import.meta.url), { workerData: options });
  }

  /** What was seen since the last question. One question at a time. */
  async take(): Promise<Latencies> {
    this.#worker.postMessage("take");
    const [latencies] = (await once(this.#worker, "message")) as [Latencies]; // the thread sends nothing else
    return latencies;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

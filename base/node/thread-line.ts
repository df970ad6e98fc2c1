// Work for a thread that says one thing and ends: one after the other, so that no more of them stand in memory than one.

import { Worker } from "node:worker_threads";
import { systemClock } from "../clock.ts";

export interface ThreadOptions {
  /** Of the thread alone. */
  readonly memoryMb: number;
  /** What takes longer is ended: others wait for it. */
  readonly timeoutMs: number;
}

export class ThreadLine {
  readonly #script: URL;
  readonly #options: ThreadOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(script: URL, options: ThreadOptions) {
    this.#script = script;
    this.#options = options;
  }

  /** The first message of the thread, which finds `data` as its `workerData`. Rejects when it fails, says nothing, or takes too long. */
  run<T>(data: unknown): Promise<T> {
    const result = this.#last.then(() => this.#run<T>(data));
    // The next one does not care how this one ends.
    this.#last = result.catch(() => {});
    return result;
  }

  #run<T>(data: unknown): Promise<T> {
    const { memoryMb, timeoutMs } = this.#options;
    const resourceLimits = { maxOldGenerationSizeMb: memoryMb };
    const worker = new Worker(this.#script, { workerData: data, resourceLimits });
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the thread ended with ${code}`)));
    const timer = systemClock.setTimer(timeoutMs, () => {
      reject(new Error(`took longer than ${timeoutMs / 1000} s`));
      void worker.terminate();
    });
    return promise.finally(() => timer[Symbol.dispose]());
  }
}

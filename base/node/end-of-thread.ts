import type { Worker } from "node:worker_threads";
import { systemClock } from "../clock.ts";

/** The first message of a thread that says one thing and ends. Rejects when it fails, ends without a word, or takes too long. */
export function endOfThread<T>(worker: Worker, timeoutMs: number): Promise<T> {
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

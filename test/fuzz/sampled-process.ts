// Asks a process with `loop-sampler.ts` in it.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { systemClock } from "@atoll/base/clock";
import type { Sample } from "./loop-sampler.ts";

/** Timers, idle connections and the collector have done by then what they do soon. */
const SETTLE_MS = 1500;
const COLLECTIONS = 3;
/** Its event loop does not turn any more: the longest turn on the busiest machine is a hundredth of it. */
const STUCK_MS = 60_000;

/** What a program is started with, so that it can be asked. */
export function samplingEnvironment(socketPath: string): NodeJS.ProcessEnv {
  const sampler = fileURLToPath(new URL("./loop-sampler.ts", import.meta.url));
  return { NODE_OPTIONS: `--import=${sampler}`, ATOLL_FUZZ_SOCKET: socketPath };
}

export class SampledProcess implements Disposable {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;
  #last: Promise<unknown> = Promise.resolve();

  static async connect(socketPath: string): Promise<SampledProcess> {
    const socket = connect(socketPath);
    await once(socket, "connect");
    return new SampledProcess(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    // A process that has ended is told of by whoever asks it next.
    socket.on("error", () => {});
    this.#lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  /** As it is now. */
  sample(): Promise<Sample> {
    return this.#ask("sample");
  }

  /** When what was under way is over and what nobody holds is collected. */
  async settled(): Promise<Sample> {
    await systemClock.sleep(SETTLE_MS);
    let sample = await this.#ask("collect");
    for (let round = 1; round < COLLECTIONS; round++) {
      const next = await this.#ask("collect");
      sample = { ...next, slowTurns: [...sample.slowTurns, ...next.slowTurns] };
    }
    return sample;
  }

  /** One question at a time. */
  #ask(command: string): Promise<Sample> {
    const answer = this.#last.then(async () => {
      this.#socket.write(`${command}\n`);
      const stuck = Promise.withResolvers<never>();
      using _limit = systemClock.setTimer(STUCK_MS, () =>
        stuck.reject(new Error(`The server's event loop has not turned for ${STUCK_MS / 1000} s`)),
      );
      const { value, done } = await Promise.race([this.#lines.next(), stuck.promise]);
      if (done) throw new Error("The server has ended");
      return JSON.parse(value) as Sample; // our own sampler wrote it
    });
    this.#last = answer.catch(() => {});
    return answer;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

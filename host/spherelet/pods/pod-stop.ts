// The stop of a pod's containers by its agent, in the background, so that a shorter grace asked for meanwhile gets through.

import { callUnary } from "@atoll/api/guest-agent/client";
import { toError } from "@atoll/base/errors";
import type { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import type { PodContext } from "./pod-context.ts";

/** After the grace the agent kills; one that has not answered this much later is not waited for: the microVM is ended. */
const ANSWER_SPARE_MS = 15_000;

export class PodStop {
  readonly #context: PodContext;
  readonly #uid: string;
  readonly #line: Multiplexer | undefined;
  readonly #end = new AbortController();
  #graceSeconds: number;
  #timer: Disposable | undefined;
  isOver = false;

  /** Without a line there is nothing to stop. */
  constructor(
    context: PodContext,
    options: { readonly uid: string; readonly line: Multiplexer | undefined; readonly graceSeconds: number },
  ) {
    this.#context = context;
    this.#uid = options.uid;
    this.#line = options.line;
    this.#graceSeconds = options.graceSeconds;
    if (options.line) void this.#stop(options.line);
    else this.isOver = true;
  }

  shorten(graceSeconds: number): void {
    if (this.isOver || !this.#line || graceSeconds >= this.#graceSeconds) return;
    this.#graceSeconds = graceSeconds;
    void this.#stop(this.#line);
  }

  async #stop(line: Multiplexer): Promise<void> {
    const gracePeriodSeconds = BigInt(this.#graceSeconds);
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#context.clock.setTimer(this.#graceSeconds * 1000 + ANSWER_SPARE_MS, () => this.#end.abort());
    try {
      await callUnary(line, "stopPod", { gracePeriodSeconds }, this.#end.signal);
    } catch (error) {
      if (this.isOver) return;
      this.#context.log.info("The agent did not stop the pod; its microVM is ended", {
        podUid: this.#uid,
        error: toError(error),
      });
    }
    this.isOver = true;
    this.#timer?.[Symbol.dispose]();
    this.#context.wake(this.#uid);
  }
}

// Listens to one agent: keeps the newest status and passes events on. Ends with the line; the worker then makes another.

import type { Pod } from "@atoll/api/generated/types";
import type { PodEvent, PodStatus } from "@atoll/api/guest-agent/agent_pb";
import { callServerStream } from "@atoll/api/guest-agent/client";
import { toError } from "@atoll/base/errors";
import type { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import type { PodContext } from "./pod-context.ts";

export class PodFollower implements Disposable {
  readonly line: Multiplexer;
  readonly #context: PodContext;
  readonly #pod: Pod;
  readonly #end = new AbortController();
  /** Events up to this number were told already; survives a lost line through the worker. */
  lastEventSequence: bigint;
  status: PodStatus | undefined;
  isLost = false;

  constructor(options: {
    readonly context: PodContext;
    readonly pod: Pod;
    readonly line: Multiplexer;
    readonly lastEventSequence: bigint;
  }) {
    this.#context = options.context;
    this.#pod = options.pod;
    this.line = options.line;
    this.lastEventSequence = options.lastEventSequence;
    void this.#follow("status", () => this.#followStatus());
    void this.#follow("events", () => this.#followEvents());
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }

  async #follow(what: string, loop: () => Promise<void>): Promise<void> {
    try {
      await loop();
    } catch (error) {
      if (!this.#end.signal.aborted) {
        this.#context.log.info("Lost the agent's stream", {
          podUid: this.#pod.metadata.uid,
          what,
          error: toError(error),
        });
      }
    }
    if (this.#end.signal.aborted) return;
    this.isLost = true;
    this.#context.wake(this.#pod.metadata.uid ?? "");
  }

  async #followStatus(): Promise<void> {
    for await (const status of callServerStream(this.line, "watchPod", {}, this.#end.signal)) {
      this.status = status;
      this.#context.wake(this.#pod.metadata.uid ?? "");
    }
  }

  async #followEvents(): Promise<void> {
    for await (const event of callServerStream(this.line, "watchEvents", {}, this.#end.signal)) this.#tell(event);
  }

  #tell(event: PodEvent): void {
    if (event.sequence <= this.lastEventSequence) return;
    this.lastEventSequence = event.sequence;
    const type = event.type === "Warning" ? "Warning" : "Normal";
    this.#context.events.record(this.#pod, { type, reason: event.reason, message: event.message });
  }
}

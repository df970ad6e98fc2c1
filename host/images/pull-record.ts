import { isDeepStrictEqual } from "node:util";
import type { ImagePullSpec, ImagePullStatus } from "@atoll/api/hostd/hostd";
import type { Clock } from "@atoll/base/clock";

export interface ImageProgress {
  readonly state: "resolving" | "pulling" | "finishing";
  readonly bytesDone?: number;
  readonly bytesTotal?: number;
}

/** One pull as others see it: its state, and a way to wait for the next one. Ready and failed are final. */
export class PullRecord {
  readonly id: string;
  readonly spec: ImagePullSpec;
  /** Resolves when nothing of the pull goes on any more; never rejects. */
  done: Promise<void> = Promise.resolve();
  readonly #abort = new AbortController();
  #status: ImagePullStatus;
  #changed = Promise.withResolvers<void>();

  constructor(id: string, spec: ImagePullSpec) {
    this.id = id;
    this.spec = spec;
    this.#status = {
      ...{ id, state: "starting", bytesDone: 0, bytesTotal: 0 },
      ...{ digest: "", indexDigest: "", diskBytes: 0, reason: "", message: "" },
    };
  }

  get status(): ImagePullStatus {
    return this.#status;
  }

  get isOver(): boolean {
    return this.#status.state === "ready" || this.#status.state === "failed";
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  isFor(spec: ImagePullSpec): boolean {
    return isDeepStrictEqual(spec, this.spec);
  }

  progress(progress: ImageProgress): void {
    this.#set({ ...this.#status, ...progress });
  }

  finish(result: { readonly digest: string; readonly indexDigest: string; readonly diskBytes: number }): void {
    const { digest, indexDigest, diskBytes } = result;
    this.#set({ ...this.#status, state: "ready", digest, indexDigest, diskBytes });
  }

  fail(failure: { readonly reason: string; readonly message: string }): void {
    this.#set({ ...this.#status, ...failure, state: "failed" });
  }

  abort(reason: Error): void {
    this.#abort.abort(reason);
  }

  async stop(): Promise<void> {
    this.abort(new Error("The pull was stopped"));
    await this.done;
  }

  /** Resolves at the next change, at once when the pull is over, and at the latest after `waitMs`. */
  async waitForChange(clock: Clock, wait: { readonly waitMs: number; readonly signal: AbortSignal }): Promise<void> {
    if (this.isOver) return;
    const late = Promise.withResolvers<void>();
    using _timer = clock.setTimer(wait.waitMs, late.resolve);
    const onAbort = () => late.reject(wait.signal.reason);
    wait.signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([this.#changed.promise, late.promise]);
    } finally {
      wait.signal.removeEventListener("abort", onAbort);
    }
  }

  #set(status: ImagePullStatus): void {
    if (this.isOver) return;
    this.#status = status;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

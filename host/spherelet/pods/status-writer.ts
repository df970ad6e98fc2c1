// Sends pods' statuses to the API in the background, the newest of each pod only, and tries again until the API has it: a
// Supervisor that is down holds up no pod.

import { Pod } from "@atoll/api/core/pod/kind";
import type { PodStatus } from "@atoll/api/generated/types";
import type { Clock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import type { Client } from "@atoll/machinery/client/client";
import { WorkQueue } from "@atoll/machinery/controller/work-queue";
import { hasReason } from "@atoll/machinery/object/api-error";

/** Writes under way at a time. */
const WRITES_AT_ONCE = 8;
/** A failed write comes back after this at the latest, however long the Supervisor was away. */
const RETRY_MS_MAX = 10_000;

/** The conditions that the host writes; others' (PodScheduled, readiness gates) are kept as the API has them. */
const OWN_CONDITIONS: ReadonlySet<string> = new Set([
  "PodReadyToStartContainers",
  "Initialized",
  "Ready",
  "ContainersReady",
]);

interface Desired {
  readonly pod: Pod;
  readonly status: PodStatus;
  /** Of the content, so that the same status is not sent twice. */
  readonly fingerprint: string;
  readonly written: PromiseWithResolvers<void>;
}

export class StatusWriter {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #queue: WorkQueue;
  readonly #desired = new Map<string, Desired>();
  readonly #sent = new Map<string, string>();

  constructor(options: { readonly client: Client; readonly clock: Clock; readonly log: Logger }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#queue = new WorkQueue(options.clock);
  }

  /** Takes over what is to be written. Resolves when this or a newer status of the pod is in the API, or the pod is gone. */
  set(pod: Pod, status: PodStatus): Promise<void> {
    const uid = pod.metadata.uid ?? "";
    const fingerprint = JSON.stringify(status);
    const waiting = this.#desired.get(uid);
    if (waiting?.fingerprint === fingerprint) return waiting.written.promise;
    if (!waiting && this.#sent.get(uid) === fingerprint) return Promise.resolve();
    const written = waiting?.written ?? Promise.withResolvers<void>();
    this.#desired.set(uid, { pod, status, fingerprint, written });
    this.#queue.add(uid);
    return written.promise;
  }

  /** The pod is gone. */
  release(uid: string): void {
    this.#desired.get(uid)?.written.resolve();
    this.#desired.delete(uid);
    this.#sent.delete(uid);
  }

  /** Works until the signal aborts; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.#queue[Symbol.dispose](), { once: true });
    await Promise.all(Array.from({ length: WRITES_AT_ONCE }, () => this.#work(signal)));
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let uid = await this.#queue.take(); uid !== undefined; uid = await this.#queue.take()) {
      const desired = this.#desired.get(uid);
      try {
        if (desired) await this.#write(desired, signal);
        this.#queue.forget(uid);
        if (desired && this.#desired.get(uid) === desired) {
          this.#desired.delete(uid);
          this.#sent.set(uid, desired.fingerprint);
          desired.written.resolve();
        }
      } catch (thrown) {
        if (signal.aborted) return;
        this.#log.info("Pod status could not be written, trying again", { podUid: uid, error: toError(thrown) });
        if (this.#queue.addFailed(uid) > RETRY_MS_MAX) this.#queue.addAfter(uid, RETRY_MS_MAX);
      } finally {
        this.#queue.done(uid);
      }
    }
  }

  async #write({ pod, status }: Desired, signal: AbortSignal): Promise<void> {
    const { name = "", namespace } = pod.metadata;
    let live: Pod = pod;
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#client.update(
          Pod,
          { ...live, status: withForeignConditions(status, live) },
          { subresource: "status", signal },
        );
        return;
      } catch (error) {
        if (hasReason(error, "NotFound")) return;
        if (!hasReason(error, "Conflict") || attempt > 2) throw error;
      }
      try {
        live = await this.#client.get(Pod, { name, namespace }, { signal });
      } catch (error) {
        if (hasReason(error, "NotFound")) return;
        throw error;
      }
      // Another pod has the name now; this one's status is of no interest to anybody.
      if (live.metadata.uid !== pod.metadata.uid) return;
    }
  }
}

function withForeignConditions(status: PodStatus, live: Pod): PodStatus {
  const own = (status.conditions ?? []).filter(({ type }) => OWN_CONDITIONS.has(type));
  const foreign = (live.status?.conditions ?? []).filter(({ type }) => !OWN_CONDITIONS.has(type));
  return { ...status, conditions: [...own, ...foreign] };
}

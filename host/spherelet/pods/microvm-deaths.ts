// What a pod's containers owe to microVMs that ended under them (AG-09): counts and last states that go on in the next one,
// and how long to wait before it is made.

import type { ContainerState, ContainerStatus, Pod } from "@atoll/api/generated/types";
import { formatTime } from "@atoll/base/clock";
import type { EarlierRuns } from "./pod-status.ts";

/** As for containers: none before the first restart, then 10 s doubling up to five minutes. */
const BACK_OFF_FIRST_MS = 10_000;
const BACK_OFF_LONGEST_MS = 300_000;
/** A microVM that lived this long starts the count anew. */
const FORGET_AFTER_MS = 600_000;
/** What a killed process says of itself: 128 and SIGKILL. */
const EXIT_CODE_KILLED = 137;

export class MicroVmDeaths {
  readonly earlier = new Map<string, EarlierRuns>();
  #deaths = 0;
  #notBeforeMs = 0;
  #lastMs = 0;

  /** Counts one death; `statuses` is what was last known of the containers. */
  record(pod: Pod, message: string, nowMs: number): void {
    if (nowMs - this.#lastMs > FORGET_AFTER_MS) this.#deaths = 0;
    this.#lastMs = nowMs;
    const pause = this.#deaths === 0 ? 0 : BACK_OFF_FIRST_MS * 2 ** Math.min(this.#deaths - 1, 10);
    this.#notBeforeMs = nowMs + Math.min(BACK_OFF_LONGEST_MS, pause);
    this.#deaths++;
    for (const status of [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]) {
      const hasRun = status.state?.running !== undefined || status.restartCount > 0 || status.state?.terminated;
      if (!hasRun) continue;
      this.earlier.set(status.name, {
        restartCount: status.restartCount + 1,
        lastState: terminatedState(status, message, nowMs),
      });
    }
  }

  /** How long the next microVM has to wait. */
  pauseMs(nowMs: number): number {
    return Math.max(0, this.#notBeforeMs - nowMs);
  }

  /** A spherelet that came back: what the API counted beyond the agent's own count came from earlier microVMs. */
  recover(status: ContainerStatus, agentRestarts: number): void {
    const restartCount = status.restartCount - agentRestarts;
    if (restartCount > 0 && !this.earlier.has(status.name)) {
      this.earlier.set(status.name, { restartCount, lastState: status.lastState });
    }
  }
}

export function terminatedState(status: ContainerStatus, message: string, nowMs: number): ContainerState {
  if (status.state?.terminated) return status.state;
  return {
    terminated: {
      exitCode: EXIT_CODE_KILLED,
      reason: "Error",
      message,
      ...(status.state?.running?.startedAt ? { startedAt: status.state.running.startedAt } : {}),
      finishedAt: formatTime(nowMs),
      ...(status.containerID ? { containerID: status.containerID } : {}),
    },
  };
}

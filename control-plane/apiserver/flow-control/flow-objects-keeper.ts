// Keeps the objects of flow control right after each change of them: one round at a time, and one more for what came meanwhile.

import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import type { ApplyStatus, EnsureObject } from "../registry/ensure-object.ts";
import { reconcileFlowObjects, reconcileFlowStatuses } from "./bootstrap-objects.ts";
import type { FlowController } from "./flow-controller.ts";

export interface FlowObjectsKeeperOptions {
  readonly flows: FlowController;
  readonly ensure: EnsureObject;
  readonly apply: ApplyStatus;
  readonly clock: Clock;
  readonly log: Logger;
}

export class FlowObjectsKeeper {
  readonly #options: FlowObjectsKeeperOptions;
  #running: Promise<void> | undefined;
  #isDue = false;

  constructor(options: FlowObjectsKeeperOptions) {
    this.#options = options;
  }

  changed(): void {
    this.#isDue = true;
    this.#running ??= this.#run();
  }

  /** Resolves when nothing is left to do. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const { flows, ensure, apply, clock, log } = this.#options;
    const hasLevel = (name: string) => flows.hasLevel(name);
    while (this.#isDue) {
      this.#isDue = false;
      try {
        await reconcileFlowObjects(ensure);
        await reconcileFlowStatuses(apply, flows.schemas, { hasLevel, clock });
      } catch (error) {
        // The next change tries again; requests are classified by what is there.
        log.error("Objects of flow control could not be kept", { error });
      }
    }
    this.#running = undefined;
  }
}

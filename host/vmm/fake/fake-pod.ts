// The pod of a fake guest: containers that only exist as states. What a container would do is told by its command:
// ["exit", "3"] ends at once with that code, ["log", "text"] writes a line and ends well, everything else runs until stopped.

import type { MessageShape } from "@bufbuild/protobuf";
import type { ContainerSchema, StartPodRequestSchema } from "@atoll/api/guest-agent/agent_pb";
import type { ResponseInit } from "@atoll/api/guest-agent/client";
import type { Clock } from "@atoll/base/clock";

type PodRequest = MessageShape<typeof StartPodRequestSchema>;
type ContainerRequest = MessageShape<typeof ContainerSchema>;
type StatusInit = Exclude<ResponseInit<"watchPod">, { readonly $typeName: string }>;
type ContainerStatusInit = NonNullable<StatusInit["containers"]>[number];

/** Of RestartPolicy: ALWAYS, ON_FAILURE, NEVER. */
const [ALWAYS, ON_FAILURE] = [0, 1];

interface FakeContainer {
  readonly request: ContainerRequest;
  phase: "waiting" | "running" | "terminated";
  exitCode: number;
  restartCount: number;
  startedMs: number;
  finishedMs: number;
  log: string;
}

export class FakePod {
  readonly request: PodRequest;
  readonly #clock: Clock;
  readonly #initContainers: readonly FakeContainer[];
  readonly #containers: readonly FakeContainer[];
  readonly #stopping = new AbortController();
  #sequence = 1n;
  #changed = Promise.withResolvers<void>();

  constructor(request: PodRequest, clock: Clock) {
    this.request = request;
    this.#clock = clock;
    this.#initContainers = request.initContainers.map(newContainer);
    this.#containers = request.containers.map(newContainer);
    this.#runInOrder();
  }

  status(): StatusInit {
    return {
      sequence: this.#sequence,
      initContainers: this.#initContainers.map(statusOf),
      containers: this.#containers.map(statusOf),
    };
  }

  /** The next change after this call. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  find(name: string): { readonly log: string; readonly isRunning: boolean } | undefined {
    const container = [...this.#initContainers, ...this.#containers].find(({ request }) => request.name === name);
    return container && { log: container.log, isRunning: container.phase === "running" };
  }

  stop(): void {
    this.#stopping.abort();
    for (const container of [...this.#containers, ...this.#initContainers]) {
      if (container.phase === "running") this.#end(container, 137);
    }
  }

  /** A test's way to let a container end by itself. */
  endContainer(name: string, exitCode: number): void {
    const container = this.#containers.find(({ request }) => request.name === name);
    if (container?.phase !== "running") return;
    this.#end(container, exitCode);
    this.#restartIfWanted(container);
  }

  #runInOrder(): void {
    for (const container of this.#initContainers) {
      this.#begin(container);
      const isSidecar = container.request.restartPolicy === ALWAYS;
      if (container.phase === "running" && !isSidecar) this.#end(container, 0);
      if (container.exitCode !== 0 && !isSidecar) return;
    }
    for (const container of this.#containers) {
      this.#begin(container);
      if (container.phase === "terminated") this.#restartIfWanted(container);
    }
  }

  #begin(container: FakeContainer): void {
    const [program, argument = "0"] = [...container.request.command, ...container.request.args];
    container.phase = "running";
    container.startedMs = this.#clock.now();
    if (program === "log") container.log += `${argument}\n`;
    if (program === "exit") this.#end(container, Number(argument));
    else if (program === "log") this.#end(container, 0);
    this.#change();
  }

  #end(container: FakeContainer, exitCode: number): void {
    container.phase = "terminated";
    container.exitCode = exitCode;
    container.finishedMs = this.#clock.now();
    this.#change();
  }

  #restartIfWanted(container: FakeContainer): void {
    const policy = this.request.restartPolicy;
    const isWanted = policy === ALWAYS || (policy === ON_FAILURE && container.exitCode !== 0);
    if (!isWanted || this.#stopping.signal.aborted) return;
    const { restartBackoffInitialMs, restartBackoffMaxMs } = this.request;
    const delayMs = Math.min(restartBackoffInitialMs * 2 ** container.restartCount, restartBackoffMaxMs);
    this.#clock.sleep(delayMs, this.#stopping.signal).then(
      () => {
        container.restartCount++;
        this.#begin(container);
        if (container.phase === "terminated") this.#restartIfWanted(container);
      },
      // The pod was stopped while it waited.
      () => {},
    );
  }

  #change(): void {
    this.#sequence++;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

function newContainer(request: ContainerRequest): FakeContainer {
  return { request, phase: "waiting", exitCode: 0, restartCount: 0, startedMs: 0, finishedMs: 0, log: "" };
}

function statusOf(container: FakeContainer): ContainerStatusInit {
  const { request, phase, exitCode, restartCount } = container;
  const containerId = `${request.name}-${restartCount}`;
  const isRunning = phase === "running";
  return {
    ...{ name: request.name, restartCount, containerId, ready: isRunning, started: isRunning },
    state: {
      state:
        phase === "waiting"
          ? { case: "waiting", value: { reason: "PodInitializing", message: "" } }
          : phase === "running"
            ? { case: "running", value: { startedAtUnixNs: nanoseconds(container.startedMs) } }
            : {
                case: "terminated",
                value: {
                  ...{ exitCode, containerId, reason: exitCode === 0 ? "Completed" : "Error" },
                  startedAtUnixNs: nanoseconds(container.startedMs),
                  finishedAtUnixNs: nanoseconds(container.finishedMs),
                },
              },
    },
  };
}

function nanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms)) * 1_000_000n;
}

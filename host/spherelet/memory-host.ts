// Test support: a host whose hostd and guests are objects in this process. Guests speak the real protocol over real
// multiplexed lines, so everything above hostd's client runs as it is.

import { type Duplex, duplexPair } from "node:stream";
import type { ContainerStatus, PodEvent, StartPodRequest } from "@atoll/api/guest-agent/agent_pb";
import type { RequestOf, ResponseInit } from "@atoll/api/guest-agent/client";
import { type AgentHandlers, serveAgent } from "@atoll/api/guest-agent/server";
import type {
  CrxSpec,
  CrxStatus,
  HostNetwork,
  HostStatus,
  ImagePullSpec,
  ImagePullStatus,
} from "@atoll/api/hostd/hostd";
import { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import { StreamError } from "@atoll/base/multiplex/stream-status";
import { duplexLine } from "@atoll/base/node/duplex-line";
import type { Hostd } from "./hostd/hostd-client.ts";
import { HostdError } from "./hostd/hostd-error.ts";

type ContainerReport = Pick<ContainerStatus, "name" | "ready" | "started" | "containerId" | "restartCount"> & {
  state: NonNullable<NonNullable<ResponseInit<"watchPod">["containers"]>[number]>["state"];
};

/** A pod's guest: remembers what it was told and plays containers that do nothing. */
export class MemoryGuest {
  readonly prepared: RequestOf<"prepare">[] = [];
  readonly volumes = new Map<string, RequestOf<"setVolume">>();
  readonly stops: bigint[] = [];
  started: StartPodRequest | undefined;
  startCount = 0;
  #containers: ContainerReport[] = [];
  #initContainers: ContainerReport[] = [];
  #sequence = 0n;
  readonly #events: PodEvent[] = [];
  #changed = Promise.withResolvers<void>();
  readonly #duplexes = new Set<Duplex>();

  connect(): Duplex {
    const [near, far] = duplexPair();
    this.#duplexes.add(near);
    Multiplexer.serve(duplexLine(far), serveAgent(this.#handlers()));
    return near;
  }

  /** The line breaks; the guest lives on. */
  cutLines(): void {
    for (const duplex of this.#duplexes) duplex.destroy();
    this.#duplexes.clear();
  }

  endContainer(name: string, exitCode: number): void {
    this.#change(name, {
      ready: false,
      started: false,
      state: {
        state: {
          case: "terminated",
          value: {
            exitCode,
            reason: exitCode === 0 ? "Completed" : "Error",
            startedAtUnixNs: 1_000_000_000n,
            finishedAtUnixNs: 2_000_000_000n,
          },
        },
      },
    });
  }

  /** As the agent does after a crash. */
  restartContainer(name: string): void {
    const count = this.#containers.find((container) => container.name === name)?.restartCount ?? 0;
    this.#change(name, { ...running(`${name}-${count + 1}`), restartCount: count + 1 });
  }

  tell(event: Pick<PodEvent, "type" | "reason" | "message">): void {
    const sequence = BigInt(this.#events.length + 1);
    this.#events.push({ ...event, sequence, timeUnixNs: 0n, container: "" } as PodEvent); // a message without its type name
    this.#wake();
  }

  #handlers(): AgentHandlers {
    return {
      hello: (call) => call.respond({ agentVersion: "memory", personality: "pod", podUid: this.started?.podUid ?? "" }),
      prepare: async (call) => {
        for await (const request of call.requests) this.prepared.push(request);
        await call.respond({});
      },
      setVolume: async (call) => {
        for await (const request of call.requests) this.volumes.set(request.volume, request);
        await call.respond({});
      },
      startPod: async (call) => {
        for await (const request of call.requests) this.#start(request);
        await call.respond({});
      },
      stopPod: async (call) => {
        for await (const { gracePeriodSeconds } of call.requests) this.stops.push(gracePeriodSeconds);
        for (const { name, state } of this.#containers)
          if (state?.state?.case === "running") this.endContainer(name, 0);
        await call.respond({});
      },
      watchPod: async (call) => {
        for (let sent = -1n; !call.signal.aborted; await Promise.race([this.#changed.promise, aborted(call.signal)])) {
          if (sent === this.#sequence) continue;
          sent = this.#sequence;
          await call.respond({ sequence: sent, initContainers: this.#initContainers, containers: this.#containers });
        }
      },
      watchEvents: async (call) => {
        for (let sent = 0; !call.signal.aborted; await Promise.race([this.#changed.promise, aborted(call.signal)])) {
          for (; sent < this.#events.length; sent++) await call.respond(this.#events[sent]!); // within the length
        }
      },
      exec: async (call) => {
        for await (const { input } of call.requests) {
          if (input.case === "stdin") await call.respond({ output: { case: "stdout", value: input.value } });
          if (input.case === "start") {
            const [command = "", argument = ""] = input.value.command;
            if (command === "missing") throw new StreamError("NOT_FOUND", 'container "missing" not found');
            if (command === "exit") {
              await call.respond({ output: { case: "stderr", value: Buffer.from("bye\n") } });
              return call.respond({ output: { case: "exit", value: { exitCode: Number(argument) } } });
            }
          }
          if (input.case === "resize") {
            const text = `${input.value.columns}x${input.value.rows}\n`;
            await call.respond({ output: { case: "stdout", value: Buffer.from(text) } });
          }
          if (input.case === "stdinEnd") return call.respond({ output: { case: "exit", value: { exitCode: 0 } } });
        }
      },
      readLog: async (call) => {
        for await (const request of call.requests) {
          if (request.previous) throw new StreamError("NOT_FOUND", "previous terminated container not found");
          const lines = ["one\n", "two\n", "three\n"].slice(-Number(request.tailLines ?? 3n));
          for (const line of lines) await call.respond({ content: Buffer.from(line) });
        }
      },
      portForward: async (call) => {
        for await (const { input } of call.requests) {
          if (input.case === "start" && input.value.port === 1)
            throw new StreamError("UNAVAILABLE", "connection refused");
          if (input.case === "data") await call.respond({ data: input.value });
        }
      },
      stats: (call) => call.respond({ timeUnixNs: 1n, pod: { cpuUsageNs: 7n } }),
    };
  }

  #start(request: StartPodRequest): void {
    this.startCount++;
    if (this.started) return;
    this.started = request;
    this.#initContainers = request.initContainers.map(({ name }) => ({
      name,
      restartCount: 0,
      ...running(`${name}-0`),
      ready: true,
      state: { state: { case: "terminated", value: { exitCode: 0, reason: "Completed" } } },
    }));
    this.#containers = request.containers.map(({ name }) => ({ name, restartCount: 0, ...running(`${name}-0`) }));
    this.#wake();
  }

  #change(name: string, change: Partial<ContainerReport>): void {
    this.#containers = this.#containers.map((one) => (one.name === name ? { ...one, ...change } : one));
    this.#wake();
  }

  #wake(): void {
    this.#sequence++;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

function running(containerId: string): Omit<ContainerReport, "name" | "restartCount"> {
  const state = { state: { case: "running" as const, value: { startedAtUnixNs: 1_000_000_000n } } };
  return { ready: true, started: true, containerId, state };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

interface MemoryCrx {
  readonly spec: CrxSpec;
  readonly guest: MemoryGuest;
  state: CrxStatus["state"];
  message: string;
}

export class MemoryHost implements Hostd {
  readonly crx = new Map<string, MemoryCrx>();
  readonly pulls = new Map<string, ImagePullSpec>();
  /** What a pull comes to; by default every reference is there. */
  pullResult: (spec: ImagePullSpec) => Partial<ImagePullStatus> = () => ({});
  network: HostNetwork | undefined;
  /** False: as if hostd were being restarted. */
  isUp = true;

  guestOf(id: string): MemoryGuest {
    const crx = this.crx.get(id);
    if (!crx) throw new Error(`There is no CRX "${id}"`);
    return crx.guest;
  }

  /** The guest's kernel ends under the pod. */
  crash(id: string, message: string): void {
    const crx = this.crx.get(id);
    if (!crx) throw new Error(`There is no CRX "${id}"`);
    crx.state = "stopped";
    crx.message = message;
    crx.guest.cutLines();
  }

  async host(): Promise<HostStatus> {
    this.#mustBeUp();
    return {
      vcpus: 4,
      memoryBytes: 8 * 1024 ** 3,
      accelerator: "tcg",
      acceleratorReason: "/dev/kvm does not exist",
      cgroupReason: "MicroVMs have no cgroups: this is no real host",
      bundleVersion: "0.1.0",
      kernelRelease: "6.12.0-crx",
      qemuVersion: "7.2.0",
      datastore: { name: "local", capacityBytes: 1024 ** 4, freeBytes: 1024 ** 4 },
      crxMemoryBytes: 0,
    };
  }

  async putNetwork(network: HostNetwork): Promise<void> {
    this.#mustBeUp();
    this.network = network;
  }

  async listCrx(): Promise<readonly CrxStatus[]> {
    this.#mustBeUp();
    return [...this.crx.keys()].map((id) => this.#status(id));
  }

  async getCrx(id: string): Promise<CrxStatus | undefined> {
    this.#mustBeUp();
    return this.crx.has(id) ? this.#status(id) : undefined;
  }

  async putCrx(id: string, spec: CrxSpec): Promise<CrxStatus> {
    this.#mustBeUp();
    if (!this.crx.has(id)) this.crx.set(id, { spec, guest: new MemoryGuest(), state: "running", message: "" });
    return this.#status(id);
  }

  async deleteCrx(id: string): Promise<void> {
    this.#mustBeUp();
    this.crx.get(id)?.guest.cutLines();
    this.crx.delete(id);
  }

  async connectAgent(id: string): Promise<Duplex> {
    this.#mustBeUp();
    return this.guestOf(id).connect();
  }

  async putImagePull(id: string, spec: ImagePullSpec): Promise<ImagePullStatus> {
    this.#mustBeUp();
    this.pulls.set(id, spec);
    return { ...this.#pull(id, spec), state: "resolving" };
  }

  async waitImagePull(id: string): Promise<ImagePullStatus> {
    this.#mustBeUp();
    const spec = this.pulls.get(id);
    if (!spec) throw new HostdError("NotFound", `There is no pull "${id}"`, { status: 404 });
    return { ...this.#pull(id, spec), ...this.pullResult(spec) };
  }

  #pull(id: string, spec: ImagePullSpec): ImagePullStatus {
    const hex = Buffer.from(spec.reference).toString("hex").padEnd(64, "0").slice(0, 64);
    const digest = `sha256:${hex}`;
    const counts = { bytesDone: 5, bytesTotal: 5, diskBytes: 4096 };
    return { id, state: "ready", ...counts, digest, indexDigest: digest, reason: "", message: "" };
  }

  #status(id: string): CrxStatus {
    const crx = this.crx.get(id)!; // asked for by callers that know it is there
    const imageSerials = Object.fromEntries(crx.spec.imageDigests.map((digest, index) => [digest, `image-${index}`]));
    const { spec, state, message } = crx;
    return { id, spec, state, message, imageSerials, ephemeralSerial: "ephemeral", pid: 0, timingsMs: {} };
  }

  #mustBeUp(): void {
    if (!this.isUp) throw new HostdError(HostdError.unavailable, "Ask hostd");
  }
}

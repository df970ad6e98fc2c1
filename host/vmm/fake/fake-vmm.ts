// MicroVMs without machines, for simulation, scale and unit tests: each is a FakeGuest behind a pair of streams.

import { type Duplex, duplexPair } from "node:stream";
import { serveAgent } from "@atoll/api/guest-agent/server";
import type { Clock } from "@atoll/base/clock";
import { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import { duplexLine } from "@atoll/base/node/duplex-line";
import {
  type AcceleratorReport,
  type MicroVm,
  type MicroVmDisk,
  type MicroVmExit,
  type MicroVmSpec,
  type MicroVmUsage,
  type Vmm,
  VmmError,
} from "../vmm.ts";
import { FakeGuest } from "./fake-guest.ts";

const FAKE_PRIVATE_BYTES = 16_777_216;

export class FakeVmm implements Vmm {
  readonly #clock: Clock;
  readonly #all = new Map<string, FakeMicroVm>();

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  async probeAccelerator(): Promise<AcceleratorReport> {
    return { accelerator: "tcg", reason: "This host is simulated" };
  }

  async start(spec: MicroVmSpec, signal: AbortSignal): Promise<FakeMicroVm> {
    signal.throwIfAborted();
    if (this.#all.has(spec.id)) throw new VmmError("AlreadyExists", `MicroVM "${spec.id}" exists`);
    const microVm = new FakeMicroVm(spec, this.#clock);
    this.#all.set(spec.id, microVm);
    void microVm.exited.then(() => this.#all.delete(spec.id));
    return microVm;
  }

  async findAll(): Promise<readonly FakeMicroVm[]> {
    return [...this.#all.values()];
  }
}

export class FakeMicroVm implements MicroVm {
  readonly spec: MicroVmSpec;
  readonly pid = undefined;
  readonly exited: Promise<MicroVmExit>;
  readonly guest: FakeGuest;
  readonly #exitedResolvers = Promise.withResolvers<MicroVmExit>();
  readonly #disks = new Map<string, MicroVmDisk>();
  #isOver = false;
  #line: Multiplexer | undefined;

  constructor(spec: MicroVmSpec, clock: Clock) {
    this.spec = spec;
    this.exited = this.#exitedResolvers.promise;
    for (const disk of spec.disks) this.#disks.set(disk.serial, disk);
    const personality = spec.kernelArguments.find((argument) => argument.startsWith("atoll.personality="));
    this.guest = new FakeGuest({
      clock,
      personality: personality?.split("=")[1] ?? "pod",
      onShutdown: () => this.crash({ cause: "guest", message: "Guest ended" }),
    });
  }

  async connectAgent(signal: AbortSignal): Promise<Duplex> {
    signal.throwIfAborted();
    this.#mustRun();
    this.#line?.close();
    const [host, guest] = duplexPair();
    this.#line = Multiplexer.serve(duplexLine(guest), serveAgent(this.guest.handlers));
    return host;
  }

  async attachDisk(disk: MicroVmDisk): Promise<void> {
    this.#mustRun();
    if (this.#disks.has(disk.serial)) throw new VmmError("AlreadyExists", `Disk "${disk.serial}" is attached`);
    this.#disks.set(disk.serial, disk);
  }

  async detachDisk(serial: string): Promise<void> {
    this.#mustRun();
    if (!this.#disks.delete(serial)) throw new VmmError("NotFound", `Disk "${serial}" is not attached`);
  }

  async usage(): Promise<MicroVmUsage> {
    return { cpuMs: 0, privateBytes: FAKE_PRIVATE_BYTES };
  }

  async consoleTail(): Promise<string> {
    return "";
  }

  async stop(): Promise<void> {
    this.crash({ cause: "stopped", message: "Stopped on request" });
  }

  /** A test's way to end the microVM in any way. */
  crash(exit: MicroVmExit): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.guest.pod?.stop();
    this.#line?.close();
    this.#exitedResolvers.resolve(exit);
  }

  #mustRun(): void {
    if (this.#isOver) throw new VmmError("Unavailable", `MicroVM "${this.spec.id}" is not running`);
  }
}

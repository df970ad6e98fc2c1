// The real maker of microVMs: one jailed QEMU process for each. The process belongs to nobody: it has its own session and no
// pipe to us, so it goes on when this program ends, and is found again by its directory.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@atoll/base/clock";
import { describeError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import { runCommand } from "@atoll/base/node/run-command";
import { type Random, randomName } from "@atoll/base/random";
import { type AcceleratorReport, type MicroVm, type MicroVmSpec, type Vmm, VmmError } from "../vmm.ts";
import { type AcceleratorProbe, measureTsc, type ProbeOptions, probeAccelerator } from "./accelerator-probe.ts";
import type { AcceleratorMemory } from "./accelerator-memory.ts";
import { buildQemuArguments } from "./command-line.ts";
import { buildJailedCommand } from "./jail.ts";
import { findByName, isMonitor, killMonitor, readChildPid } from "./monitor-process.ts";
import type { MonitorCgroups } from "./monitor-cgroups.ts";
import { MonitorDirectory, type MonitorPlaces } from "./monitor-directory.ts";
import { cutLogs, mountLogs } from "./monitor-logs.ts";
import { type QemuParts, QemuMicroVm } from "./microvm.ts";

const QEMU_PROGRAM = "qemu-system-x86_64";
/** From the start of QEMU until it answers; 50 ms on an idle host, far more on one where many start at once. */
const MONITOR_START_MS_MAX = 20_000;

export interface QemuMicroVmmOptions {
  /** Directory of this driver alone, under hostd's run directory. */
  readonly directory: string;
  readonly hostName: string;
  /** What to try, and the guest to try it with. */
  readonly probe: AcceleratorProbe;
  readonly acceleratorMemory: AcceleratorMemory;
  readonly cgroups: MonitorCgroups;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export class QemuMicroVmm implements Vmm, Disposable {
  readonly #options: QemuMicroVmmOptions;
  readonly #known = new Map<string, QemuMicroVm>();
  #accelerator: Promise<AcceleratorReport> | undefined;

  readonly #ending: AbortSignal;

  private constructor(options: QemuMicroVmmOptions, ending: AbortSignal) {
    this.#options = options;
    this.#ending = ending;
  }

  /** Prepares the directory; needs root. The signal also ends the search for what runs. */
  static async create(options: QemuMicroVmmOptions, signal: AbortSignal): Promise<QemuMicroVmm> {
    await mkdir(join(options.directory, "vm"), { recursive: true, mode: 0o711 });
    // Disks are shown to running monitors by mounts that their namespaces receive, which only a shared mount passes on.
    const vmDirectory = join(options.directory, "vm");
    if (!(await isMountPoint(vmDirectory))) {
      await runCommand("mount", ["--bind", vmDirectory, vmDirectory], { signal });
      await runCommand("mount", ["--make-shared", vmDirectory], { signal });
    }
    const logs = join(options.directory, "logs");
    await mkdir(logs, { recursive: true, mode: 0o700 });
    if (!(await isMountPoint(logs))) await mountLogs(logs, signal);
    await mkdir(join(options.directory, "dev"), { recursive: true, mode: 0o700 });
    // Machines differ in who may open these; the jails of this host show nodes of our own, which nobody else can reach.
    for (const { name, major, minor } of DEVICE_NODES) {
      const path = join(options.directory, "dev", name);
      await runCommand("sh", ["-c", 'test -c "$1" || mknod -m 0666 "$1" c "$2" "$3"', "sh", path, major, minor], {
        signal,
      });
    }
    return new QemuMicroVmm(options, signal);
  }

  probeAccelerator(signal: AbortSignal): Promise<AcceleratorReport> {
    this.#accelerator ??= probeAccelerator(this.#probeOptions(signal)).catch((error: unknown) => {
      // Given up or failed: the next one to ask tries again.
      this.#accelerator = undefined;
      throw error;
    });
    return this.#accelerator;
  }

  /** For TCG: gives guests started from now on the exact rate of their clock. Takes seconds, without load. */
  measureTsc(signal: AbortSignal): Promise<number | undefined> {
    return measureTsc(this.#probeOptions(signal));
  }

  /**
   * Ends every microVM of this host, by its process alone, and removes what `create` made. What does not go is told at the
   * end, after all the rest went.
   */
  async removeAll(signal: AbortSignal): Promise<void> {
    if (!existsSync(this.#places.microVms)) return;
    const directories = await MonitorDirectory.list(this.#places);
    const kills = await Promise.allSettled(directories.map((directory) => this.#kill(directory)));
    for (const place of [this.#places.microVms, this.#places.logs]) {
      // Takes the disks' mounts inside of it along.
      if (await isMountPoint(place)) await runCommand("umount", ["--recursive", "--lazy", place], { signal });
    }
    await rm(this.#options.directory, { recursive: true, force: true });
    const failures = kills.flatMap((kill) => (kill.status === "rejected" ? [kill.reason] : []));
    if (failures.length > 0) throw new AggregateError(failures, `End ${failures.length} microVMs`);
    await this.#options.cgroups.removeAll();
  }

  async #kill(directory: MonitorDirectory): Promise<void> {
    const state = await directory.readState();
    if (!state) return;
    for (const pid of await findByName(state.processName, this.#options.clock))
      await killMonitor(pid, state.processName, this.#options.clock);
  }

  /** Lets go of the microVMs, which run on. */
  [Symbol.dispose](): void {
    for (const microVm of this.#known.values()) microVm.release();
    this.#known.clear();
  }

  #probeOptions(signal: AbortSignal): ProbeOptions {
    const { probe, acceleratorMemory, clock, random } = this.#options;
    const start: ProbeOptions["start"] = (spec, accelerator) => this.#start(spec, accelerator, signal);
    return { probe, memory: acceleratorMemory, start, clock, random, signal };
  }

  get #places(): MonitorPlaces {
    return { microVms: join(this.#options.directory, "vm"), logs: join(this.#options.directory, "logs") };
  }

  async start(spec: MicroVmSpec, signal: AbortSignal): Promise<MicroVm> {
    const { accelerator } = await this.probeAccelerator(signal);
    const microVm = await this.#start(spec, accelerator, signal);
    // Beside the guest's boot, which has time.
    await cutLogs(this.#places.logs);
    return microVm;
  }

  async findAll(): Promise<readonly MicroVm[]> {
    // Side by side: one that does not answer holds up nobody but itself.
    const directories = await MonitorDirectory.list(this.#places);
    const found = await Promise.all(
      directories.map(async (directory) => {
        const microVm = await this.#find(directory);
        if (!microVm) await this.#removeRemains(directory);
        return microVm ?? [];
      }),
    );
    return found.flat();
  }

  async #removeRemains(directory: MonitorDirectory): Promise<void> {
    await directory.remove();
    await this.#options.cgroups.remove(directory.id);
  }

  async #find(directory: MonitorDirectory): Promise<MicroVm | undefined> {
    const state = await directory.readState();
    if (!state) return undefined;
    const known = this.#known.get(state.spec.id);
    if (known) return known;
    const pid = await readChildPid(directory.statusFile);
    if (pid !== undefined && (await isMonitor(pid, state.processName, this.#options.clock))) {
      try {
        const limit = AbortSignal.any([this.#ending, AbortSignal.timeout(MONITOR_START_MS_MAX)]);
        return await this.#adopt({ directory, state, pid }, limit);
      } catch (error) {
        // Whoever looks next may find that it answers.
        this.#ending.throwIfAborted();
        this.#options.log.error("MicroVM does not answer and is ended", { microVm: state.spec.id, error });
      }
    }
    // What was on its way up when its starter died, or does not answer.
    for (const left of await findByName(state.processName, this.#options.clock))
      await killMonitor(left, state.processName, this.#options.clock);
    return undefined;
  }

  async #start(spec: MicroVmSpec, accelerator: "kvm" | "tcg", signal: AbortSignal): Promise<MicroVm> {
    const { clock, random, hostName, acceleratorMemory } = this.#options;
    const state = { spec, processName: `atoll-${hostName}-${spec.id}-${randomName(random, 12)}` };
    const directory = new MonitorDirectory(this.#places, spec.id);
    if (!(await directory.create(state))) throw new VmmError("AlreadyExists", `MicroVM "${spec.id}" exists`);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(MONITOR_START_MS_MAX)]);
    let launcher: AbortSignal | undefined;
    try {
      const qemu = [
        QEMU_PROGRAM,
        ...buildQemuArguments(spec, { accelerator, tscKhz: acceleratorMemory.tscKhz, processName: state.processName }),
      ];
      launcher = await this.#launch(spec, { accelerator, qemu, directory });
      const both = AbortSignal.any([launcher, limit]);
      const pid = await this.#waitForPid(directory, both);
      return await this.#adopt({ directory, state, pid }, both);
    } catch (error) {
      for (const pid of await findByName(state.processName, this.#options.clock))
        await killMonitor(pid, state.processName, clock);
      const said = await directory.logTail();
      await this.#removeRemains(directory);
      if (signal.aborted) throw signal.reason;
      const why = launcher?.aborted ? describeError(launcher.reason) : limit.aborted ? "no answer in time" : "it ended";
      throw new VmmError("StartFailed", `Start microVM "${spec.id}": ${said || why}`, { cause: error });
    }
  }

  /** Gives a signal that aborts when the launched programs end. */
  async #launch(
    spec: MicroVmSpec,
    options: {
      readonly accelerator: "kvm" | "tcg";
      readonly qemu: readonly string[];
      readonly directory: MonitorDirectory;
    },
  ): Promise<AbortSignal> {
    const { directory, accelerator } = options;
    const cgroupFile = await this.#options.cgroups.create(spec.id, { guestMemoryBytes: spec.memoryBytes });
    await using files = await directory.openFiles();
    const { program, programArguments } = buildJailedCommand(
      spec,
      {
        directory: directory.jailView,
        tunDevice: join(this.#options.directory, "dev", "tun"),
        accelerator,
        statusDescriptor: STATUS_DESCRIPTOR,
        cgroupFile,
      },
      options.qemu,
    );
    const left = new AbortController();
    const child = spawn(program, programArguments, {
      detached: true,
      stdio: ["ignore", files.log, files.log, files.status],
    });
    child.once("error", (error) => left.abort(error));
    child.once("exit", (status) => left.abort(new Error(`Monitor ended with status ${status}`)));
    child.unref();
    return left.signal;
  }

  async #waitForPid(directory: MonitorDirectory, signal: AbortSignal): Promise<number> {
    for (;;) {
      const pid = await readChildPid(directory.statusFile);
      if (pid !== undefined) return pid;
      await this.#options.clock.sleep(PID_POLL_MS, signal);
    }
  }

  async #adopt(parts: Pick<QemuParts, "directory" | "state" | "pid">, signal: AbortSignal): Promise<MicroVm> {
    const removeRemains = () => this.#removeRemains(parts.directory);
    const microVm = await QemuMicroVm.attach({ ...parts, clock: this.#options.clock, removeRemains }, signal);
    this.#known.set(parts.state.spec.id, microVm);
    void microVm.exited.then(() => this.#known.delete(parts.state.spec.id));
    return microVm;
  }
}

async function isMountPoint(path: string): Promise<boolean> {
  const mounts = await readFile("/proc/self/mountinfo", "utf8");
  return mounts.split("\n").some((line) => line.split(" ")[4] === path);
}

/** Behind standard input, output and error. */
const STATUS_DESCRIPTOR = 3;
const PID_POLL_MS = 2;
/** Numbers of the kernel's list of devices (Documentation/admin-guide/devices.txt). */
const DEVICE_NODES = [
  { name: "tun", major: "10", minor: "200" },
  { name: "kvm", major: "10", minor: "232" },
] as const;

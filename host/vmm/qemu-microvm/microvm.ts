import { lstat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { Clock } from "@atoll/base/clock";
import { runCommand } from "@atoll/base/node/run-command";
import { describeError, toError } from "@atoll/base/errors";
import {
  type MicroVm,
  type MicroVmDisk,
  type MicroVmExit,
  type MicroVmSpec,
  type MicroVmUsage,
  VmmError,
} from "../vmm.ts";
import { CONSOLE_BYTES, diskDevice, diskDeviceId, diskNode, diskNodeName } from "./command-line.ts";
import type { MonitorDirectory, MonitorState } from "./monitor-directory.ts";
import { isMonitor, killMonitor, readUsage } from "./monitor-process.ts";
import { QmpClient, type QmpEvent } from "./qmp.ts";

const SOCKET_POLL_MS = 4;
/** How long a guest may take to let go of a disk it was told to: Linux answers in milliseconds. */
const UNPLUG_MS_MAX = 10_000;

export interface QemuParts {
  readonly directory: MonitorDirectory;
  readonly state: MonitorState;
  readonly pid: number;
  readonly clock: Clock;
  /** Removes what stands on the host for this microVM, once its monitor is gone. */
  readonly removeRemains: () => Promise<void>;
}

/** One running QEMU, seen through its QMP socket. When that connection ends, the microVM is over. */
export class QemuMicroVm implements MicroVm {
  readonly spec: MicroVmSpec;
  readonly pid: number;
  readonly exited: Promise<MicroVmExit>;
  readonly #parts: QemuParts;
  readonly #exitedResolvers = Promise.withResolvers<MicroVmExit>();
  readonly #unplugged = new Map<string, () => void>();
  #qmp: QmpClient | undefined;
  #cause: MicroVmExit["cause"] = "crashed";
  #console = "";
  #agent: Duplex | undefined;
  #isReleased = false;
  #isOver = false;

  private constructor(parts: QemuParts) {
    this.#parts = parts;
    this.spec = parts.state.spec;
    this.pid = parts.pid;
    this.exited = this.#exitedResolvers.promise;
  }

  /** Waits for the monitor's sockets; rejects when its process ends before. */
  static async attach(parts: QemuParts, signal: AbortSignal): Promise<QemuMicroVm> {
    const microVm = new QemuMicroVm(parts);
    const qmp = await microVm.#connectMonitor(signal);
    microVm.#qmp = qmp;
    await parts.directory.seal();
    void qmp.closed.then(() => microVm.#finish());
    // A guest that ended while nobody was connected: its event is lost, its state is not.
    const status = await qmp.execute("query-status");
    if (isEndedStatus(status)) microVm.#endGuest();
    return microVm;
  }

  async connectAgent(signal: AbortSignal): Promise<Duplex> {
    signal.throwIfAborted();
    const path = this.#parts.directory.agentSocket;
    if (!(await lstat(path)).isSocket()) throw new VmmError("Unavailable", "Agent's port is not a socket");
    // QEMU serves one connection at a time and lets the others wait: the one before has to go first.
    this.#agent?.destroy();
    const socket = connect({ path });
    this.#agent = socket;
    const connected = Promise.withResolvers<void>();
    const onAbort = () => connected.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", connected.resolve).once("error", connected.reject);
    try {
      await connected.promise;
      return socket;
    } catch (error) {
      socket.destroy();
      if (signal.aborted) throw signal.reason;
      throw new VmmError("Unavailable", `Connect to the agent of microVM "${this.spec.id}"`, { cause: error });
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** The file is shown to the jailed monitor by a mount that its namespace receives, and taken away again by `detachDisk`. */
  async attachDisk(disk: MicroVmDisk): Promise<void> {
    const qmp = this.#running();
    const place = this.#diskPlace(disk.serial);
    await writeFile(place, "", { flag: "wx" });
    const signal = AbortSignal.timeout(UNPLUG_MS_MAX);
    await runCommand("mount", ["--bind", ...(disk.readOnly ? ["-o", "ro"] : []), disk.path, place], { signal });
    await qmp.execute("blockdev-add", diskNode(disk));
    await qmp.execute("device_add", diskDevice(disk));
  }

  async detachDisk(serial: string): Promise<void> {
    const qmp = this.#running();
    const unplugged = Promise.withResolvers<void>();
    this.#unplugged.set(diskDeviceId(serial), unplugged.resolve);
    try {
      await qmp.execute("device_del", { id: diskDeviceId(serial) });
      const late = this.#parts.clock.sleep(UNPLUG_MS_MAX).then(() => {
        throw new VmmError("Timeout", `Detach disk "${serial}" of microVM "${this.spec.id}": the guest holds it`);
      });
      await Promise.race([unplugged.promise, late]);
    } finally {
      this.#unplugged.delete(diskDeviceId(serial));
    }
    await qmp.execute("blockdev-del", { "node-name": diskNodeName(serial) });
    await runCommand("umount", [this.#diskPlace(serial)], { signal: AbortSignal.timeout(UNPLUG_MS_MAX) });
  }

  usage(): Promise<MicroVmUsage> {
    return readUsage(this.pid);
  }

  async consoleTail(): Promise<string> {
    await this.#readConsole();
    return this.#console;
  }

  async stop(): Promise<void> {
    if (this.#cause === "crashed") this.#cause = "stopped";
    await killMonitor(this.pid, this.#parts.state.processName, this.#parts.clock);
    await this.exited;
  }

  /** Closes our connections to a microVM that runs on; `exited` says nothing any more. */
  release(): void {
    this.#isReleased = true;
    this.#agent?.destroy();
    this.#qmp?.[Symbol.dispose]();
  }

  async #connectMonitor(signal: AbortSignal): Promise<QmpClient> {
    const { directory, state, clock, pid } = this.#parts;
    for (;;) {
      try {
        return await QmpClient.connect(directory.qmpSocket, { signal, onEvent: (event) => this.#take(event) });
      } catch (error) {
        signal.throwIfAborted();
        // The launchers before QEMU have its name among their arguments too.
        if (!(await isMonitor(pid, state.processName, clock))) {
          throw new VmmError("StartFailed", `Monitor of microVM "${this.spec.id}" ended`, { cause: toError(error) });
        }
      }
      await clock.sleep(SOCKET_POLL_MS, signal);
    }
  }

  #take({ event, data }: QmpEvent): void {
    if (event === "SHUTDOWN" && data.guest === true) this.#endGuest();
    if (event === "DEVICE_DELETED" && typeof data.device === "string") this.#unplugged.get(data.device)?.();
  }

  /** The guest is over and the monitor stands still: take its last words, then end the monitor. */
  #endGuest(): void {
    if (this.#cause === "crashed") this.#cause = "guest";
    const { state, clock } = this.#parts;
    // Without its last words when the monitor went first.
    const ended = this.#readConsole()
      .catch(() => {})
      .then(() => killMonitor(this.pid, state.processName, clock));
    // Else the end of the connection says it.
    ended.catch((error: unknown) => this.#resolveExit(describeError(error)));
  }

  async #finish(): Promise<void> {
    this.#isOver = true;
    if (this.#isReleased) return;
    const { directory, state, clock, pid } = this.#parts;
    this.#agent?.destroy();
    let said = "";
    try {
      // A monitor that dropped us but lives is not under control any more.
      await killMonitor(pid, state.processName, clock);
      said = await directory.logTail();
      await this.#unmountDisks();
      await this.#parts.removeRemains();
    } catch (error) {
      // Its owner hears that it is over all the same; the next start of this program removes what is left.
      said = describeError(error);
    }
    this.#resolveExit(said);
  }

  #resolveExit(said: string): void {
    const lastWords = this.#console.trim().split("\n").at(-1) ?? "";
    const message = {
      stopped: "Stopped on request",
      guest: lastWords ? `Guest ended: ${lastWords}` : "Guest ended",
      crashed: `Monitor ended: ${said || "no message"}`,
    }[this.#cause];
    this.#exitedResolvers.resolve({ cause: this.#cause, message });
  }

  async #unmountDisks(): Promise<void> {
    const disks = join(this.#parts.directory.jailView, "disks");
    // Only hot-plugged disks have a mount of their own; umount says nothing else is mounted by failing.
    const script = 'for f in "$1"/*; do mountpoint -q "$f" && umount "$f"; done; true';
    await runCommand("sh", ["-c", script, "sh", disks], { signal: AbortSignal.timeout(UNPLUG_MS_MAX) });
  }

  /** What QEMU gives it forgets, so it is kept here. */
  async #readConsole(): Promise<void> {
    if (!this.#qmp || this.#isOver) return;
    const text = await this.#qmp.execute("ringbuf-read", { device: "console", size: CONSOLE_BYTES });
    if (typeof text === "string") this.#console = (this.#console + text).slice(-CONSOLE_BYTES);
  }

  #diskPlace(serial: string): string {
    return join(this.#parts.directory.jailView, "disks", serial);
  }

  #running(): QmpClient {
    if (!this.#qmp) throw new VmmError("Unavailable", `MicroVM "${this.spec.id}" is not running`);
    return this.#qmp;
  }
}

function isEndedStatus(status: unknown): boolean {
  return (
    typeof status === "object" &&
    status !== null &&
    "status" in status &&
    (status.status === "shutdown" || status.status === "guest-panicked")
  );
}

// One directory per microVM under hostd's run directory, and what stands in it. It is the driver's whole memory: what was
// asked for is written before anything starts, so that a crash at any point leaves something that can be found again. Only the
// logs are elsewhere, where all of them together have a bound.

import { constants } from "node:fs";
import { chmod, chown, mkdir, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";
import { z } from "zod";
import type { MicroVmSpec } from "../vmm.ts";

const disk = z.object({
  serial: z.string(),
  path: z.string(),
  readOnly: z.boolean(),
  disposable: z.boolean().optional(),
});

/** Only this program writes it; parsed because a crash may have cut it and a later version may read it. */
const monitorState = z.object({
  processName: z.string(),
  spec: z.object({
    id: z.string(),
    kernelPath: z.string(),
    systemDiskPath: z.string(),
    kernelArguments: z.array(z.string()),
    vcpus: z.number(),
    memoryBytes: z.number(),
    disks: z.array(disk),
    nic: z.object({ tap: z.string(), networkNamespace: z.string(), mac: z.string() }).optional(),
    userId: z.number(),
  }),
});
export interface MonitorState {
  readonly processName: string;
  readonly spec: MicroVmSpec;
}

export interface MonitorPlaces {
  /** Holds a directory per microVM. */
  readonly microVms: string;
  /** See `monitor-logs.ts`. */
  readonly logs: string;
}

export class MonitorDirectory {
  readonly id: string;
  readonly path: string;
  readonly logFile: string;

  constructor(places: MonitorPlaces, id: string) {
    this.id = id;
    this.path = join(places.microVms, id);
    this.logFile = join(places.logs, id);
  }

  static async list(places: MonitorPlaces): Promise<readonly MonitorDirectory[]> {
    return (await readdir(places.microVms)).map((id) => new MonitorDirectory(places, id));
  }

  /** The part that the jail shows; the monitor may write there until it has made its sockets. */
  get jailView(): string {
    return join(this.path, "jail");
  }
  get qmpSocket(): string {
    return join(this.jailView, "qmp");
  }
  get agentSocket(): string {
    return join(this.jailView, "agent");
  }
  get statusFile(): string {
    return join(this.path, "bwrap.json");
  }

  /** False when there is such a microVM already. */
  async create(state: MonitorState): Promise<boolean> {
    try {
      await mkdir(this.path, { mode: 0o700 });
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
      throw error;
    }
    await Promise.all([
      this.#makeJailView(state.spec),
      writeFileAtomic(join(this.path, "state.json"), JSON.stringify(state)),
    ]);
    return true;
  }

  async #makeJailView({ disks, userId }: MicroVmSpec): Promise<void> {
    await mkdir(join(this.jailView, "disks"), { recursive: true, mode: 0o755 });
    await Promise.all(disks.map(({ serial }) => writeFile(join(this.jailView, "disks", serial), "")));
    await chown(this.jailView, userId, userId);
  }

  /**
   * Takes the directory away from the monitor's user once the sockets stand: a monitor that a guest took over could put a
   * link to another microVM's socket in the place of its own.
   */
  async seal(): Promise<void> {
    await chown(this.jailView, 0, 0);
    await chmod(this.jailView, 0o755);
  }

  async readState(): Promise<MonitorState | undefined> {
    const text = await readFile(join(this.path, "state.json"), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const { spec, processName } = monitorState.parse(JSON.parse(text));
    const { nic, disks, ...rest } = spec;
    return {
      processName,
      spec: {
        ...rest,
        disks: disks.map(({ disposable, ...known }) => (disposable === undefined ? known : { ...known, disposable })),
        ...(nic ? { nic } : {}),
      },
    };
  }

  async openFiles(): Promise<{ readonly status: number; readonly log: number } & AsyncDisposable> {
    const status = await open(this.statusFile, "w", 0o600);
    // Appending: what is cut off while the monitor writes stays cut off.
    const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = constants;
    const log = await open(this.logFile, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600);
    return {
      status: status.fd,
      log: log.fd,
      [Symbol.asyncDispose]: async () => {
        await status.close();
        await log.close();
      },
    };
  }

  /** The end of what the monitor and its launchers complained about. */
  async logTail(): Promise<string> {
    const text = await readFile(this.logFile, "utf8").catch(() => "");
    return text.slice(-LOG_TAIL_CHARACTERS).trim();
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    await rm(this.logFile, { force: true });
  }
}

const LOG_TAIL_CHARACTERS = 2_000;

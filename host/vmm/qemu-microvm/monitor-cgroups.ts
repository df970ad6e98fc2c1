// A cgroup of its own for each monitor, where the host has the unified hierarchy to itself: a monitor that a guest took over
// then takes no more memory and processes than were planned for it. Without, its user's limits (`jail.ts`) are what there is;
// the reason is told, never hidden. Hosts with the old hierarchies, alone or beside the unified one, have no limits here.

import { access, constants, mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@atoll/base/clock";
import { describeError } from "@atoll/base/errors";
import { VmmError } from "../vmm.ts";

const CONTROLLERS = ["memory", "pids"] as const;
/**
 * Of QEMU beside the guest's memory: 60 MiB of code and heap, 32 MiB of translated code and the tables for them under TCG,
 * twice that for bursts. The page cache of its disks counts here too, but is given back before anything fails.
 */
const OVERHEAD_BYTES = 268_435_456;
/** The user's own limit of processes, and the few programs on the way to QEMU. */
const PROCESSES_MAX = 264;
/** Its processes are gone when it is removed, but the kernel may be tidying up after them. */
const REMOVE_MS_MAX = 2000;
const REMOVE_POLL_MS = 10;

export interface MonitorCgroupsOptions {
  /** Where the unified hierarchy is mounted. */
  readonly mountPoint: string;
  readonly hostName: string;
  readonly clock: Clock;
  /** Default: memory and pids, which the limits need; none to use cgroups without limits. */
  readonly controllers?: readonly (typeof CONTROLLERS)[number][];
}

export class MonitorCgroups {
  /** A sentence for the Node: that there are limits, or why there are none. */
  readonly reason: string;
  /** Undefined: there are none. */
  readonly #parent: string | undefined;
  readonly #hasLimits: boolean;
  readonly #clock: Clock;

  private constructor(state: {
    readonly reason: string;
    readonly parent: string | undefined;
    readonly hasLimits: boolean;
    readonly clock: Clock;
  }) {
    this.reason = state.reason;
    this.#parent = state.parent;
    this.#hasLimits = state.hasLimits;
    this.#clock = state.clock;
  }

  /** Never fails: what keeps this host from having them becomes the reason. */
  static async open(options: MonitorCgroupsOptions): Promise<MonitorCgroups> {
    const { mountPoint, hostName, clock, controllers = CONTROLLERS } = options;
    const parent = join(mountPoint, `atoll-${hostName}`);
    try {
      await prepare(mountPoint, parent, controllers);
      const reason = `Each microVM has a cgroup below "${parent}"`;
      return new MonitorCgroups({ reason, parent, hasLimits: controllers.length > 0, clock });
    } catch (error) {
      const reason = `MicroVMs have no cgroups: ${describeError(error)}`;
      return new MonitorCgroups({ reason, parent: undefined, hasLimits: false, clock });
    }
  }

  /** The file that a process writes 0 to, to go in; undefined where there are no cgroups. */
  async create(id: string, options: { readonly guestMemoryBytes: number }): Promise<string | undefined> {
    if (this.#parent === undefined) return undefined;
    const path = join(this.#parent, id);
    // What a crash left is removed first: it may have other limits.
    await this.remove(id);
    await mkdir(path);
    if (this.#hasLimits) {
      await writeFile(join(path, "memory.max"), String(options.guestMemoryBytes + OVERHEAD_BYTES));
      // Half of a monitor is of no use: the kernel ends all of it.
      await writeFile(join(path, "memory.oom.group"), "1");
      await writeFile(join(path, "pids.max"), String(PROCESSES_MAX));
    }
    return join(path, "cgroup.procs");
  }

  /** After its processes ended. Succeeds when there is none. */
  async remove(id: string): Promise<void> {
    if (this.#parent === undefined) return;
    const deadlineMs = this.#clock.monotonicMs() + REMOVE_MS_MAX;
    for (;;) {
      try {
        await rmdir(join(this.#parent, id));
        return;
      } catch (error) {
        if (hasCode(error, "ENOENT")) return;
        if (!hasCode(error, "EBUSY")) throw error;
        if (this.#clock.monotonicMs() > deadlineMs) {
          throw new VmmError("Timeout", `Remove the cgroup of microVM "${id}": a process is still in it`, {
            cause: error,
          });
        }
      }
      await this.#clock.sleep(REMOVE_POLL_MS);
    }
  }

  /** All that this host ever made; only when its monitors are gone. */
  async removeAll(): Promise<void> {
    if (this.#parent === undefined) return;
    try {
      const entries = await readdir(this.#parent, { withFileTypes: true });
      for (const entry of entries) if (entry.isDirectory()) await this.remove(entry.name);
      await rmdir(this.#parent);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
  }
}

async function prepare(mountPoint: string, parent: string, controllers: readonly string[]): Promise<void> {
  const available = await readFile(join(mountPoint, "cgroup.controllers"), "utf8").catch((error: unknown) => {
    if (!hasCode(error, "ENOENT")) throw error;
    throw new Error(`"${mountPoint}" is not the unified hierarchy (cgroup v2)`);
  });
  const missing = controllers.filter((controller) => !available.trim().split(/\s+/).includes(controller));
  if (missing.length > 0) {
    throw new Error(`the unified hierarchy at "${mountPoint}" is without ${missing.join(" and ")}`);
  }
  await access(mountPoint, constants.W_OK);
  await mkdir(parent, { recursive: true });
  const enable = controllers.map((controller) => `+${controller}`).join(" ");
  if (enable === "") return;
  for (const directory of [mountPoint, parent]) await writeFile(join(directory, "cgroup.subtree_control"), enable);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

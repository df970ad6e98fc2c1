// One interface to the virtual machine monitors. Makers: `qemu-microvm/` (real) and `fake/` (a guest agent in this process,
// for simulation, scale and unit tests). Both pass `vmm-suite.ts`. A microVM outlives the process that started it.

import type { Duplex } from "node:stream";
import { CodedError } from "@atoll/base/errors";

export type VmmErrorCode =
  | "AlreadyExists"
  | "NotFound"
  /** The monitor ended before the guest was up; the message holds the end of its log. */
  | "StartFailed"
  /** A changed kernel, system disk or agent (see `host/crx/bundle.ts`). */
  | "BundleRefused"
  | "Timeout"
  | "Unavailable";

export class VmmError extends CodedError<VmmErrorCode> {}

export type Accelerator = "kvm" | "tcg";

/** Which accelerator microVMs of this host run on, and why: KVM only after a probe guest really booted under it. */
export interface AcceleratorReport {
  readonly accelerator: Accelerator;
  /** A sentence for the Node's condition and for pre-flight, "/dev/kvm does not exist" for example. */
  readonly reason: string;
}

export interface MicroVmDisk {
  /** At most 20 characters; how the guest finds the disk (`device/vpd_pg80` under /sys/block). */
  readonly serial: string;
  /** A raw file. */
  readonly path: string;
  readonly readOnly: boolean;
  /** Lost with the microVM anyway, so the guest's flushes need not wait for the real disk. */
  readonly disposable?: boolean;
}

export interface MicroVmNic {
  readonly tap: string;
  /**
   * The named network namespace, made for this microVM alone, that the monitor lives in. The tap stands there, owned by the
   * monitor's user, until the monitor has opened it; then its owner moves it away and the monitor has no network of its own.
   */
  readonly networkNamespace: string;
  readonly mac: string;
}

export interface MicroVmSpec {
  /** Lower-case letters, digits and "-", at most 63; unique on the host. */
  readonly id: string;
  readonly kernelPath: string;
  /** Read-only erofs with the agent as /init. */
  readonly systemDiskPath: string;
  /** Added to the kernel's command line, "atoll.personality=pod". */
  readonly kernelArguments: readonly string[];
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly disks: readonly MicroVmDisk[];
  /** Absent: no network card at all. */
  readonly nic?: MicroVmNic;
  /** The unprivileged user that the monitor runs as; no other microVM's. */
  readonly userId: number;
}

export interface MicroVmExit {
  /** "stopped": asked for. "guest": the guest ended itself. "crashed": the monitor died. */
  readonly cause: "stopped" | "guest" | "crashed";
  readonly message: string;
}

export interface MicroVmUsage {
  readonly cpuMs: number;
  /** Pages that only this microVM has. */
  readonly privateBytes: number;
}

export interface MicroVm {
  readonly spec: MicroVmSpec;
  /** Process of the monitor; undefined for the fake. */
  readonly pid: number | undefined;
  /**
   * The guest's `atoll.agent` port. One connection at a time: a new one ends the one before. The bytes may begin in the middle
   * of what the guest said to the connection before; see Reset in `api/guest-agent/README.md`.
   */
  connectAgent(signal: AbortSignal): Promise<Duplex>;
  attachDisk(disk: MicroVmDisk): Promise<void>;
  /** The guest must have let go of it. */
  detachDisk(serial: string): Promise<void>;
  usage(): Promise<MicroVmUsage>;
  /** The last lines of the guest's console, for error messages. */
  consoleTail(): Promise<string>;
  /** Ends the monitor at once; a clean end is the agent's business before. Idempotent. */
  stop(): Promise<void>;
  /** Resolves when the monitor is gone. */
  readonly exited: Promise<MicroVmExit>;
}

export interface Vmm {
  /** Finds the accelerator by booting a probe guest; at most a few seconds, remembered for the life of the machine's boot. */
  probeAccelerator(signal: AbortSignal): Promise<AcceleratorReport>;
  start(spec: MicroVmSpec, signal: AbortSignal): Promise<MicroVm>;
  /** Every microVM of this host that runs, also those another process started. */
  findAll(): Promise<readonly MicroVm[]>;
}

// Finds out what microVMs of this host can run on, by running one. A /dev/kvm that opens but cannot run a guest exists: on
// one machine QEMU aborted at once, on another it sat in the kernel for ever. Only a guest that answers is a proof.

import { access } from "node:fs/promises";
import { callUnary } from "@atoll/api/guest-agent/client";
import type { Clock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import { duplexLine } from "@atoll/base/node/duplex-line";
import { type Random, randomName } from "@atoll/base/random";
import type { Accelerator, AcceleratorReport, MicroVm, MicroVmSpec } from "../vmm.ts";
import type { AcceleratorMemory } from "./accelerator-memory.ts";

/** A guest under a working KVM answers in a few hundred milliseconds. */
const KVM_PROBE_MS_MAX = 3_000;
/** A guest under TCG on a busy machine. */
const TCG_PROBE_MS_MAX = 60_000;
/** Longer is more exact: with answers to a tenth of a millisecond this gives 20 parts in a million. */
const TSC_MEASURE_MS = 5_000;
const SAMPLES = 8;
const PROBE_MEMORY_BYTES = 134_217_728;

export interface AcceleratorProbe {
  readonly choice: "auto" | Accelerator;
  /** The guest to try it with, given only when it is needed and unchanged. */
  readonly kernelPath: () => Promise<string>;
  readonly systemDiskPath: () => Promise<string>;
  readonly userIds: { take(): number; giveBack(userId: number): void };
}

export type MicroVmStarter = (spec: MicroVmSpec, accelerator: Accelerator) => Promise<MicroVm>;

export interface ProbeOptions {
  readonly probe: AcceleratorProbe;
  readonly memory: AcceleratorMemory;
  readonly start: MicroVmStarter;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

export async function probeAccelerator(options: ProbeOptions): Promise<AcceleratorReport> {
  const { choice } = options.probe;
  if (choice !== "auto") return { accelerator: choice, reason: "Set in the configuration of the host" };
  if (options.memory.report) return options.memory.report;
  const report = await tryKvm(options);
  await options.memory.rememberReport(report);
  return report;
}

async function tryKvm(options: ProbeOptions): Promise<AcceleratorReport> {
  try {
    await access("/dev/kvm");
  } catch {
    return { accelerator: "tcg", reason: "/dev/kvm does not exist; guests run emulated" };
  }
  try {
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(KVM_PROBE_MS_MAX)]);
    await withProbeGuest(options, { accelerator: "kvm", signal, kernelArguments: [] }, async () => {});
    return { accelerator: "kvm", reason: "A probe guest booted under KVM" };
  } catch (error) {
    options.signal.throwIfAborted();
    const why = toError(error).message.split("\n")[0]?.slice(0, 300);
    return {
      accelerator: "tcg",
      reason: `/dev/kvm exists, but a probe guest did not boot under it (${why}); guests run emulated`,
    };
  }
}

/**
 * Measures the rate of the counter that guests take their time from, and remembers it: a guest that measures it itself on a
 * busy host may get it wrong and fall back to a coarse clock. A guest's own clock, at the rate it believes in, is compared
 * with the host's. Only for TCG; KVM tells its guests.
 */
export async function measureTsc(options: ProbeOptions): Promise<number | undefined> {
  if (options.memory.tscKhz !== undefined) return options.memory.tscKhz;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(TCG_PROBE_MS_MAX)]);
  const guest = { accelerator: "tcg", signal, kernelArguments: ["loglevel=7"] } as const;
  const khz = await withProbeGuest(options, guest, async (line, microVm) => {
    const believed = /tsc: Detected (\d+)\.(\d{3}) MHz/.exec(await microVm.consoleTail());
    if (!believed) return undefined;
    const before = await sampleClocks(line, options.clock, signal);
    await options.clock.sleep(TSC_MEASURE_MS, signal);
    const after = await sampleClocks(line, options.clock, signal);
    const rate = (after.guestMs - before.guestMs) / (after.hostMs - before.hostMs);
    return Math.round(Number(`${believed[1]}${believed[2]}`) * rate);
  });
  if (khz !== undefined) await options.memory.rememberTsc(khz);
  return khz;
}

async function withProbeGuest<Result>(
  options: ProbeOptions,
  guest: {
    readonly accelerator: Accelerator;
    readonly signal: AbortSignal;
    readonly kernelArguments: readonly string[];
  },
  work: (line: Multiplexer, microVm: MicroVm) => Promise<Result>,
): Promise<Result> {
  const { probe } = options;
  await using cleanup = new AsyncDisposableStack();
  const userId = probe.userIds.take();
  cleanup.defer(() => probe.userIds.giveBack(userId));
  const microVm = await options.start(
    {
      id: `probe-${randomName(options.random, 8)}`,
      kernelPath: await probe.kernelPath(),
      systemDiskPath: await probe.systemDiskPath(),
      kernelArguments: ["atoll.personality=pod", ...guest.kernelArguments],
      vcpus: 1,
      memoryBytes: PROBE_MEMORY_BYTES,
      disks: [],
      userId,
    },
    guest.accelerator,
  );
  cleanup.defer(() => microVm.stop());
  const line = duplexLine(await microVm.connectAgent(guest.signal));
  using multiplexer = await Multiplexer.connect(line, { epoch: 1n, signal: guest.signal });
  return await work(multiplexer, microVm);
}

/** The pair of clocks seen at one time: of several readings, the one that took the shortest. */
async function sampleClocks(
  line: Multiplexer,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly guestMs: number; readonly hostMs: number }> {
  let best = { guestMs: 0, hostMs: 0, tookMs: Number.POSITIVE_INFINITY };
  for (let sample = 0; sample < SAMPLES; sample++) {
    const beforeMs = clock.monotonicMs();
    const { uptimeUs } = await callUnary(line, "hello", {}, signal);
    const tookMs = clock.monotonicMs() - beforeMs;
    if (tookMs < best.tookMs) best = { guestMs: Number(uptimeUs) / 1000, hostMs: beforeMs + tookMs / 2, tookMs };
  }
  return best;
}

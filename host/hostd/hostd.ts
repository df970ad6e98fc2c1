// The VM manager of one host, put together: the only privileged program. It can be killed at any time; everything it needs to
// go on stands in its directories and in the kernel, and the microVMs do not notice.

import { mkdir, readFile } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { basename, join } from "node:path";
import type { HostdConfiguration } from "@atoll/api/config/hostd";
import { type HostNetwork as HostNetworkSpec, hostNetwork, type HostStatus } from "@atoll/api/hostd/hostd";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import { runCommand } from "@atoll/base/node/run-command";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";
import type { Random } from "@atoll/base/random";
import { Bundle } from "../crx/bundle.ts";
import { CrxManager } from "../crx/crx-manager.ts";
import { CrxRecords } from "../crx/crx-record.ts";
import { UserIds } from "../crx/user-ids.ts";
import { resolveHost } from "../images/dial-policy.ts";
import { ImagePuller } from "../images/image-puller.ts";
import { HostNetwork } from "../network/host-network.ts";
import { Datastore } from "../storage/datastore.ts";
import { AcceleratorMemory } from "../vmm/qemu-microvm/accelerator-memory.ts";
import { MonitorCgroups } from "../vmm/qemu-microvm/monitor-cgroups.ts";
import { QemuMicroVmm } from "../vmm/qemu-microvm/qemu-microvm.ts";
import { ensureCertificate } from "./certificate.ts";
import { createImageGuests } from "./image-guests.ts";
import { HostdServer } from "./server.ts";
import { Tickets } from "./tickets.ts";

const CGROUP_MOUNT_POINT = "/sys/fs/cgroup";

export interface HostdWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export class Hostd implements AsyncDisposable {
  readonly port: number;
  readonly #cleanup: AsyncDisposableStack;

  private constructor(port: number, cleanup: AsyncDisposableStack) {
    this.port = port;
    this.#cleanup = cleanup;
  }

  static async start(configuration: HostdConfiguration, world: HostdWorld, signal: AbortSignal): Promise<Hostd> {
    await using cleanup = new AsyncDisposableStack();
    const { clock, random, log } = world;
    const machine = await openMachine(configuration, world, signal);
    const { datastore, network, vmm, bundle, userIds, acceleratorMemory, cgroups } = machine;
    cleanup.use(vmm);
    await restoreNetwork(configuration, network);
    const records = await CrxRecords.open(join(configuration.dataDirectory, "crx"));
    const found = await vmm.findAll();
    const crx = await CrxManager.open(
      { vmm, disks: datastore, network, files: bundle, records, userIds, clock, log: log.with({ component: "crx" }) },
      found,
    );
    await datastore.removeOrphans({ knownDisks: crx.knownIds() });
    await network.removeOrphans({ knownIds: crx.knownIds() });

    const report = await vmm.probeAccelerator(signal);
    log.info("Accelerator chosen", { ...report });
    log.info("Limits of microVMs", { reason: cgroups.reason });
    if (report.accelerator === "tcg" && acceleratorMemory.tscKhz === undefined) {
      const measuring = new AbortController();
      cleanup.defer(() => measuring.abort(new Error("VM manager is ending")));
      const measured = vmm.measureTsc(measuring.signal).then(
        (tscKhz) => log.info("Time stamp counter measured", { tscKhz }),
        (error: unknown) => log.debug("Time stamp counter is not measured", { error }),
      );
      cleanup.defer(() => measured);
    }

    const images = cleanup.use(
      new ImagePuller({
        guests: createImageGuests({ vmm, bundle }),
        disks: datastore,
        userIds,
        resolve: resolveHost,
        ...{ clock, random, log: log.with({ component: "images" }) },
      }),
    );
    const tickets = await Tickets.open({
      directory: join(configuration.runDirectory, "tickets"),
      users: configuration.ticketUsers,
      findUserId: async (user) => Number((await runCommand("id", ["-u", "--", user], { signal })).trim()),
      ...{ clock, random },
    });
    const certificate = await ensureCertificate(configuration.dataDirectory, { clock, random });
    const qemuVersion = await readQemuVersion(signal);
    const status = async (): Promise<HostStatus> => ({
      vcpus: availableParallelism(),
      memoryBytes: totalmem(),
      accelerator: report.accelerator,
      acceleratorReason: report.reason,
      cgroupReason: cgroups.reason,
      bundleVersion: bundle.manifest.version,
      kernelRelease: bundle.manifest.kernelRelease,
      qemuVersion,
      datastore: { name: basename(configuration.datastoreDirectory), ...(await datastore.space()) },
      crxMemoryBytes: await crx.privateBytes(),
    });
    const rememberNetwork = (spec: HostNetworkSpec) =>
      writeFileAtomic(networkFile(configuration), JSON.stringify(spec));
    const parts = { tickets, crx, images, network, datastore, status, rememberNetwork };
    const server = await HostdServer.listen(parts, { certificate, port: configuration.port, log });
    cleanup.use(server);
    // Written last: who sees it can connect.
    await writeFileAtomic(join(configuration.runDirectory, "hostd.crt"), certificate.certificatePem, { mode: 0o644 });
    log.info("VM manager serves", { port: server.port, crx: crx.list().length });
    return new Hostd(server.port, cleanup.move());
  }

  /** Stops serving. The microVMs go on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanup.disposeAsync();
  }
}

/** Ends every microVM of this host and removes all that hostd ever made outside of its directories; hostd must not run. */
export async function removeAll(
  configuration: HostdConfiguration,
  world: HostdWorld,
  signal: AbortSignal,
): Promise<void> {
  const { vmm, network, datastore } = await openMachine(configuration, world, signal, { withBundle: false });
  const records = await CrxRecords.open(join(configuration.dataDirectory, "crx"));
  const ended = await Promise.allSettled([vmm.removeAll(signal)]);
  await network.removeAll();
  await datastore.removeHostDisks();
  for (const record of await records.readAll()) await records.remove(record.id);
  // A monitor that would not go keeps nothing else from going.
  for (const result of ended) if (result.status === "rejected") throw result.reason;
}

interface Machine {
  readonly datastore: Datastore;
  readonly network: HostNetwork;
  readonly vmm: QemuMicroVmm;
  readonly bundle: Bundle;
  readonly userIds: UserIds;
  readonly acceleratorMemory: AcceleratorMemory;
  readonly cgroups: MonitorCgroups;
}

async function openMachine(
  configuration: HostdConfiguration,
  world: HostdWorld,
  signal: AbortSignal,
  options: { readonly withBundle: false },
): Promise<Omit<Machine, "bundle">>;
async function openMachine(configuration: HostdConfiguration, world: HostdWorld, signal: AbortSignal): Promise<Machine>;
async function openMachine(
  configuration: HostdConfiguration,
  { clock, random, log }: HostdWorld,
  signal: AbortSignal,
  { withBundle }: { readonly withBundle: boolean } = { withBundle: true },
): Promise<Omit<Machine, "bundle"> & { readonly bundle: Bundle | undefined }> {
  const { hostName, runDirectory, dataDirectory } = configuration;
  await mkdir(runDirectory, { recursive: true, mode: 0o755 });
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const bundle = withBundle ? await Bundle.open(configuration.bundleDirectory) : undefined;
  const userIds = new UserIds(configuration.userIdBase);
  const acceleratorMemory = await AcceleratorMemory.open(join(dataDirectory, "accelerator.json"));
  const probe = {
    choice: configuration.accelerator,
    kernelPath: () => bundlePath(bundle, "kernel"),
    systemDiskPath: () => bundlePath(bundle, "podSystemDisk"),
    userIds,
  };
  const cgroups = await MonitorCgroups.open({ mountPoint: CGROUP_MOUNT_POINT, hostName, clock });
  const vmm = await QemuMicroVmm.create(
    {
      cgroups,
      directory: join(runDirectory, "microvms"),
      ...{ hostName, probe, acceleratorMemory, clock, random },
      log: log.with({ component: "vmm" }),
    },
    signal,
  );
  const datastore = await Datastore.open({ directory: configuration.datastoreDirectory, hostName });
  const network = new HostNetwork({
    hostName,
    pid: process.pid,
    log: log.with({ component: "network" }),
    run: (program, programArguments, input) =>
      runCommand(program, programArguments, { signal, ...(input === undefined ? {} : { input }) }),
  });
  return { datastore, network, vmm, bundle, userIds, acceleratorMemory, cgroups };
}

async function bundlePath(bundle: Bundle | undefined, file: "kernel" | "podSystemDisk"): Promise<string> {
  if (!bundle) throw new Error("No bundle was opened");
  return await bundle.verifiedPath(file);
}

function networkFile(configuration: HostdConfiguration): string {
  return join(configuration.dataDirectory, "network.json");
}

/** What the network was told before a restart, so that pods can be started before the API server is reached again. */
async function restoreNetwork(configuration: HostdConfiguration, network: HostNetwork): Promise<void> {
  const text = await readFile(networkFile(configuration), "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text !== undefined) await network.configure(hostNetwork.parse(JSON.parse(text)));
}

async function readQemuVersion(signal: AbortSignal): Promise<string> {
  const text = await runCommand("qemu-system-x86_64", ["--version"], { signal });
  return /version (\S+)/.exec(text)?.[1] ?? "unknown";
}

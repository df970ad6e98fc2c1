// The life of CRX on one host: disks, tap, microVM, and the removal of all of them. What is promised is written down first,
// so that a kill at any point leaves either a whole CRX, which is found again, or pieces that the next start removes.
// Managed CRX only; the image service's helpers are no pods and never appear here.

import { isDeepStrictEqual } from "node:util";
import type { Duplex } from "node:stream";
import type { CrxSpec, CrxStatus } from "@atoll/api/hostd/hostd";
import { allDone } from "@atoll/base/all-done";
import type { Clock } from "@atoll/base/clock";
import { CodedError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import { KeyedMutex } from "@atoll/base/node/keyed-mutex";
import { Stopwatch } from "@atoll/base/node/stopwatch";
import type { MicroVm, MicroVmExit, MicroVmSpec, Vmm } from "../vmm/vmm.ts";
import type { CrxDisks, CrxNetwork, GuestFiles } from "./crx-parts.ts";
import type { CrxRecord, CrxRecords } from "./crx-record.ts";
import type { UserIds } from "./user-ids.ts";

export class CrxError extends CodedError<"NotFound" | "Conflict" | "ImageMissing" | "NotRunning"> {}

export const EPHEMERAL_SERIAL = "ephemeral";
/** A SCSI serial has room for 20 characters: 16 of the digest tell 64 images apart beyond doubt. */
const SERIAL_DIGEST_CHARACTERS = 16;

export interface CrxManagerOptions {
  readonly vmm: Vmm;
  readonly disks: CrxDisks;
  readonly network: CrxNetwork;
  readonly files: GuestFiles;
  readonly records: CrxRecords;
  readonly userIds: UserIds;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Crx {
  record: CrxRecord;
  microVm: MicroVm | undefined;
}

export class CrxManager {
  readonly #options: CrxManagerOptions;
  readonly #all = new Map<string, Crx>();
  readonly #mutex = new KeyedMutex();

  private constructor(options: CrxManagerOptions) {
    this.#options = options;
  }

  /** Finds again what runs, and removes what nobody promised. */
  static async open(options: CrxManagerOptions, found: readonly MicroVm[]): Promise<CrxManager> {
    const manager = new CrxManager(options);
    const running = new Map(found.map((microVm) => [microVm.spec.id, microVm]));
    for (const record of await options.records.readAll()) {
      const microVm = running.get(record.id);
      running.delete(record.id);
      await manager.#recover(record, microVm);
    }
    for (const microVm of running.values()) {
      options.log.info("Ending a microVM that no CRX belongs to", { microVm: microVm.spec.id });
      await microVm.stop();
    }
    return manager;
  }

  list(): readonly CrxStatus[] {
    return Array.from(this.#all.values(), (crx) => statusOf(crx));
  }

  get(id: string): CrxStatus {
    return statusOf(this.#find(id));
  }

  /** Ids whose disks and taps are wanted. */
  knownIds(): ReadonlySet<string> {
    return new Set(this.#all.keys());
  }

  /** Makes and starts a CRX, or gives the one that is there when it was asked for in the same words. */
  async ensure(id: string, spec: CrxSpec, signal: AbortSignal): Promise<CrxStatus> {
    return await this.#mutex.run(id, async () => {
      const known = this.#all.get(id);
      if (!known) return await this.#create(id, spec, signal);
      if (!isDeepStrictEqual(known.record.spec, spec))
        throw new CrxError("Conflict", `CRX "${id}" exists with another content`);
      return statusOf(known);
    });
  }

  /** Ends the CRX and removes everything of it. Succeeds when there is none. */
  async remove(id: string): Promise<void> {
    await this.#mutex.run(id, async () => {
      const crx = this.#all.get(id);
      if (!crx) return;
      await crx.microVm?.stop();
      await this.#removeParts(crx.record);
      this.#all.delete(id);
    });
  }

  /** Of every CRX of this host; what does not go is told at the end, after all the others went. */
  async removeAll(): Promise<void> {
    const results = await Promise.allSettled(Array.from(this.#all.keys(), (id) => this.remove(id)));
    const failures = results.filter((result) => result.status === "rejected").map(({ reason }) => reason);
    if (failures.length > 0) throw new AggregateError(failures, `Remove ${failures.length} CRX`);
  }

  /** The line of the agent inside; the connection before it ends. */
  async connectAgent(id: string, signal: AbortSignal): Promise<Duplex> {
    const { microVm, record } = this.#find(id);
    if (!microVm || record.state !== "running")
      throw new CrxError("NotRunning", `CRX "${id}" is not running: ${record.message}`);
    return await microVm.connectAgent(signal);
  }

  async privateBytes(): Promise<number> {
    const usages = Array.from(this.#all.values(), ({ microVm }) => microVm?.usage().catch(() => undefined));
    return (await Promise.all(usages)).reduce((sum, usage) => sum + (usage?.privateBytes ?? 0), 0);
  }

  async #create(id: string, spec: CrxSpec, signal: AbortSignal): Promise<CrxStatus> {
    const { disks, network, files, records, userIds, clock } = this.#options;
    network.checkAddress(spec.network.address);
    const stopwatch = new Stopwatch(clock);
    const [kernelPath, systemDiskPath, images] = await Promise.all([
      stopwatch.measure("bundle", () => files.verifiedPath("kernel")),
      files.verifiedPath("podSystemDisk"),
      Promise.all(spec.imageDigests.map((digest) => this.#imagePath(digest))),
    ]);
    const userId = userIds.take();
    const record: CrxRecord = { id, spec, userId, state: "starting", message: "", timingsMs: {} };
    const crx: Crx = { record, microVm: undefined };
    try {
      this.#all.set(id, crx);
      // A start removes disks and taps without a record, so these need not wait for it; the microVM does.
      const [ephemeralPath, tap] = await allDone([
        stopwatch.measure("disk", () => disks.createEphemeral(id, { sizeBytes: spec.ephemeralBytes, userId })),
        stopwatch.measure("tap", () => network.createTap(id, { userId })),
        stopwatch.measure("record", () => records.write(record)),
      ]);
      const microVmSpec: MicroVmSpec = {
        id,
        kernelPath,
        systemDiskPath,
        kernelArguments: ["atoll.personality=pod"],
        vcpus: spec.vcpus,
        memoryBytes: spec.memoryBytes,
        disks: [...images, { serial: EPHEMERAL_SERIAL, path: ephemeralPath, readOnly: false, disposable: true }],
        nic: { ...tap, mac: spec.network.mac },
        userId,
      };
      const { vmm } = this.#options;
      crx.microVm = await stopwatch.measure("monitor", () => vmm.start(microVmSpec, signal));
      await stopwatch.measure("plug", () => network.plugTap(id, spec.network));
      crx.record = { ...record, state: "running", timingsMs: stopwatch.timings() };
      await records.write(crx.record);
      this.#watch(crx, crx.microVm);
      return statusOf(crx);
    } catch (error) {
      await crx.microVm?.stop();
      await this.#removeParts(record);
      this.#all.delete(id);
      throw error;
    }
  }

  async #imagePath(digest: string): Promise<{ serial: string; path: string; readOnly: true }> {
    const image = await this.#options.disks.findImage(digest);
    if (!image) throw new CrxError("ImageMissing", `Image disk "${digest}" is not on the datastore`);
    return { serial: imageSerial(digest), path: image.path, readOnly: true };
  }

  async #recover(record: CrxRecord, microVm: MicroVm | undefined): Promise<void> {
    const { records, userIds, network, log } = this.#options;
    if (record.state === "starting") {
      log.info("Removing a CRX that did not get to its start", { crx: record.id });
      await microVm?.stop();
      await this.#removeParts(record);
      return;
    }
    userIds.reserve(record.userId);
    const crx: Crx = { record, microVm };
    this.#all.set(record.id, crx);
    if (microVm) {
      await network.keepTap(record.id, record.spec.network);
      this.#watch(crx, microVm);
    } else if (record.state === "running") {
      crx.record = { ...record, state: "stopped", message: "Ended while the host's VM manager was away" };
      await records.write(crx.record);
    }
  }

  #watch(crx: Crx, microVm: MicroVm): void {
    const { log, records } = this.#options;
    void microVm.exited.then((exit: MicroVmExit) =>
      this.#mutex.run(crx.record.id, async () => {
        crx.microVm = undefined;
        // Removed on purpose: there is no record to keep any more.
        if (this.#all.get(crx.record.id) !== crx) return;
        crx.record = { ...crx.record, state: "stopped", message: exit.message };
        log.info("CRX ended", { crx: crx.record.id, cause: exit.cause, reason: exit.message });
        await records.write(crx.record).catch((error: unknown) => log.error("CRX record is not written", { error }));
      }),
    );
  }

  /** In the order in which they hold each other. */
  async #removeParts(record: CrxRecord): Promise<void> {
    const { disks, network, records, userIds } = this.#options;
    await network.removeTap(record.id, record.spec.network);
    await disks.removeEphemeral(record.id);
    await records.remove(record.id);
    userIds.giveBack(record.userId);
  }

  #find(id: string): Crx {
    const crx = this.#all.get(id);
    if (!crx) throw new CrxError("NotFound", `CRX "${id}" does not exist`);
    return crx;
  }
}

export function imageSerial(digest: string): string {
  return `img-${digest.replace("sha256:", "").slice(0, SERIAL_DIGEST_CHARACTERS)}`;
}

function statusOf({ record, microVm }: Crx): CrxStatus {
  const { id, spec, state, message, timingsMs } = record;
  return {
    id,
    spec,
    state,
    message,
    imageSerials: Object.fromEntries(spec.imageDigests.map((digest) => [digest, imageSerial(digest)])),
    ephemeralSerial: EPHEMERAL_SERIAL,
    pid: microVm?.pid ?? 0,
    timingsMs: { ...timingsMs },
  };
}

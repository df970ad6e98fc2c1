import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type CrxSpec, crxSpec } from "@atoll/api/hostd/hostd";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";
import { z } from "zod";

const crxRecord = z.object({
  id: z.string(),
  spec: crxSpec,
  /** Of the monitor; also what its ephemeral disk belongs to. */
  userId: z.int(),
  /** "starting" until the monitor runs and its tap is plugged: what a crash leaves in it is removed whole. */
  state: z.enum(["starting", "running", "stopped"]),
  message: z.string(),
  timingsMs: z.record(z.string(), z.number()),
});
export interface CrxRecord {
  readonly id: string;
  readonly spec: CrxSpec;
  readonly userId: number;
  readonly state: "starting" | "running" | "stopped";
  readonly message: string;
  readonly timingsMs: Readonly<Record<string, number>>;
}

/** What this host promised and has not been told to forget, one file per CRX; written before anything is made for it. */
export class CrxRecords {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Removes what writes have left behind that a crash has cut off. */
  static async open(directory: string): Promise<CrxRecords> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const name of await readdir(directory)) {
      if (!isRecord(name)) await rm(join(directory, name), { force: true });
    }
    return new CrxRecords(directory);
  }

  async readAll(): Promise<readonly CrxRecord[]> {
    const names = (await readdir(this.#directory)).filter(isRecord);
    const texts = await Promise.all(names.map((name) => readFile(join(this.#directory, name), "utf8")));
    return texts.map((text) => crxRecord.parse(JSON.parse(text)));
  }

  async write(record: CrxRecord): Promise<void> {
    await writeFileAtomic(this.#path(record.id), JSON.stringify(record));
  }

  async remove(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  #path(id: string): string {
    return join(this.#directory, `${id}.json`);
  }
}

/** Anything else is a write under way. */
function isRecord(name: string): boolean {
  return name.endsWith(".json");
}

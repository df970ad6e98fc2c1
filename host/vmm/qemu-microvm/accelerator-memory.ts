import { readFile } from "node:fs/promises";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";
import { z } from "zod";
import type { AcceleratorReport } from "../vmm.ts";

const remembered = z.object({
  bootId: z.string(),
  accelerator: z.enum(["kvm", "tcg"]),
  reason: z.string(),
  tscKhz: z.number().optional(),
});

/** What the probe found, kept in a file for as long as the machine is not booted again. */
export class AcceleratorMemory {
  readonly #path: string;
  readonly #bootId: string;
  #report: AcceleratorReport | undefined;
  #tscKhz: number | undefined;

  private constructor(path: string, bootId: string) {
    this.#path = path;
    this.#bootId = bootId;
  }

  static async open(path: string): Promise<AcceleratorMemory> {
    const bootId = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    const memory = new AcceleratorMemory(path, bootId);
    const text = await readFile(path, "utf8").catch(() => undefined);
    const known = text === undefined ? undefined : remembered.parse(JSON.parse(text));
    if (known?.bootId === bootId) {
      memory.#report = { accelerator: known.accelerator, reason: known.reason };
      memory.#tscKhz = known.tscKhz;
    }
    return memory;
  }

  get report(): AcceleratorReport | undefined {
    return this.#report;
  }

  /** Rate of the time stamp counter that guests see, once it was measured. */
  get tscKhz(): number | undefined {
    return this.#tscKhz;
  }

  async rememberReport(report: AcceleratorReport): Promise<void> {
    this.#report = report;
    await this.#write();
  }

  async rememberTsc(khz: number): Promise<void> {
    this.#tscKhz = khz;
    await this.#write();
  }

  async #write(): Promise<void> {
    await writeFileAtomic(
      this.#path,
      JSON.stringify({
        bootId: this.#bootId,
        ...this.#report,
        ...(this.#tscKhz === undefined ? {} : { tscKhz: this.#tscKhz }),
      }),
    );
  }
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { type Command, Option } from "commander";
import { LocalLayout } from "../local/layout.ts";
import { requireRoot } from "../local/root.ts";
import type { World } from "../world.ts";
import { wholeNumber } from "./up.ts";

export function addLogs(program: Command, world: () => World): void {
  program
    .command("logs")
    .argument("[service]", "supervisor, hostd-HOST or spherelet-HOST; all of them when left out")
    .description("show the logs of the programs (a pod's own log: kubectl logs)")
    .option("-f, --follow", "go on as lines come", false)
    .addOption(new Option("-n, --lines <n>", "lines from the end").argParser(wholeNumber(0, 1_000_000)).default(50))
    .action(async (service: string | undefined, { follow, lines }: { follow: boolean; lines: number }) => {
      const layout = new LocalLayout(world().roots);
      if (existsSync(layout.logDirectory)) requireRoot();
      const known = existsSync(layout.logDirectory)
        ? readdirSync(layout.logDirectory)
            .filter((name) => name.endsWith(".log"))
            .map((name) => name.slice(0, -4))
        : [];
      if (known.length === 0) throw new Error("There are no logs yet; start a Supervisor with: atoll up");
      if (service !== undefined && !known.includes(service)) {
        throw new Error(`There is no log of "${service}"; there are: ${known.sort().join(", ")}`);
      }
      const files = (service === undefined ? known : [service]).map((name) => layout.logFile(name));
      const args = ["-n", String(lines), ...(follow ? ["-F"] : []), "--", ...files];
      const tail = spawn("tail", args, { stdio: "inherit", signal: world().signal });
      await once(tail, "exit").catch((error: unknown) => {
        if (!world().signal.aborted) throw error;
      });
    });
}

import type { Command } from "commander";
import { hostPackages, machineChecks } from "../local/set-up.ts";
import { failedChecks, formatReports, runChecks } from "../preflight/check.ts";
import type { World } from "../world.ts";
import { plannedSupervisor } from "./up.ts";

export function addPreflight(program: Command, world: () => World): void {
  program
    .command("preflight")
    .description("check this machine, with cause and remedy of what is missing; changes nothing")
    .action(async () => {
      const here = world();
      const checks = machineChecks(here, plannedSupervisor(here, {}), await hostPackages(here));
      const reports = await runChecks(checks, here.signal);
      here.print(formatReports(reports));
      if (failedChecks(reports).length > 0) process.exitCode = 1;
    });
}

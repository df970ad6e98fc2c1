// kubectl in each of its minors, script by script.

import type { ClientRun } from "../client-run.ts";
import { ensureKubectl } from "../client-programs.ts";
import { runScript, type ScriptReport } from "../run-script.ts";
import { ScriptReports } from "../script-reports.ts";
import { startServers } from "../servers.ts";
import { accessScript } from "./access.ts";
import { customScript } from "./custom.ts";
import { discoveryScript } from "./discovery.ts";
import { manifestsScript } from "./manifests.ts";
import { objectsScript } from "./objects.ts";
import { workloadsScript } from "./workloads.ts";

const SCRIPTS = [
  { make: discoveryScript, hasControllers: false },
  { make: objectsScript, hasControllers: false },
  { make: accessScript, hasControllers: false },
  { make: manifestsScript, hasControllers: false },
  { make: customScript, hasControllers: true },
  { make: workloadsScript, hasControllers: true },
] as const;

export const runKubectl: ClientRun = async (options) => {
  const reports = new ScriptReports();
  await using api = await startServers(options, { hasControllers: false });
  await using whole = await startServers(options, { hasControllers: true });
  for (const minor of options.minors) {
    const kubectl = ensureKubectl(options.cacheDirectory, minor);
    const found: ScriptReport[] = [];
    for (const { make, hasControllers } of SCRIPTS) {
      const namespace = `k${minor.replace(".", "-")}-${found.length}`;
      const script = make({ namespace, seed: options.seed });
      const sides = await (hasControllers ? whole : api).openSides(namespace, { kubectl });
      const started = performance.now();
      const report = await runScript(script, sides);
      found.push(report);
      for (const failure of report.failures) options.note(failure);
      const seconds = Math.round((performance.now() - started) / 1000);
      options.note(
        `kubectl ${minor}, ${script.name}: ${report.lines} lines, ${report.failures.length} failures, ${seconds} s`,
      );
    }
    reports.add(`kubectl ${minor}`, found);
  }
  return reports.finish();
};

// helm, with the newest kubectl beside it.

import type { ClientRun } from "../client-run.ts";
import { ensureHelm, ensureKubectl } from "../client-programs.ts";
import { runScript } from "../run-script.ts";
import { ScriptReports } from "../script-reports.ts";
import { startServers } from "../servers.ts";
import { helmScript } from "./releases.ts";

export const runHelm: ClientRun = async (options) => {
  const reports = new ScriptReports();
  await using servers = await startServers(options, { hasControllers: true });
  const programs = { helm: ensureHelm(options.cacheDirectory), kubectl: ensureKubectl(options.cacheDirectory) };
  const sides = await servers.openSides("helm", programs);
  const report = await runScript(helmScript({ namespace: "releases" }), sides);
  for (const failure of report.failures) options.note(failure);
  reports.add("helm 4", [report]);
  return reports.finish();
};

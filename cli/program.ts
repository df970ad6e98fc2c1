// The command line: one file per command in `commands/`, listed here in the order that `atoll --help` shows.

import { Command } from "commander";
import { addBackup } from "./commands/backup.ts";
import { addConformance } from "./commands/conformance.ts";
import { addDemo } from "./commands/demo.ts";
import { addDown } from "./commands/down.ts";
import { addKubeconfig } from "./commands/kubeconfig.ts";
import { addLogs } from "./commands/logs.ts";
import { addPreflight } from "./commands/preflight.ts";
import { addRestore } from "./commands/restore.ts";
import { addStatus } from "./commands/status.ts";
import { addTest } from "./commands/test.ts";
import { addUp } from "./commands/up.ts";
import type { LocalRoots } from "./local/layout.ts";
import type { World } from "./world.ts";

/** `makeWorld` is called once the global options are known. */
export function createProgram(
  version: string,
  makeWorld: (roots: Pick<LocalRoots, "stateDirectory" | "runDirectory" | "cacheDirectory">) => World,
): Command {
  const program = new Command("atoll")
    .description("An open Supervisor for Linux/KVM hosts: Kubernetes whose pods are hardware-isolated microVMs")
    .version(version)
    .option("--state-dir <path>", "data that survives a restart of the machine", "/var/lib/atoll")
    .option("--run-dir <path>", "sockets and pids", "/run/atoll")
    .option("--cache-dir <path>", "guest bundles and what they are built from", "/var/cache/atoll")
    .showHelpAfterError('("atoll --help" lists the commands)');
  let world: World | undefined;
  const theWorld = () => {
    const options = program.opts<{ stateDir: string; runDir: string; cacheDir: string }>();
    world ??= makeWorld({
      stateDirectory: options.stateDir,
      runDirectory: options.runDir,
      cacheDirectory: options.cacheDir,
    });
    return world;
  };
  for (const add of [
    addDemo,
    addUp,
    addDown,
    addStatus,
    addKubeconfig,
    addLogs,
    addBackup,
    addRestore,
    addPreflight,
    addTest,
    addConformance,
  ]) {
    add(program, theWorld);
  }
  return program;
}

// Runs the Supervisor's program on its store, beside the Supervisor itself and as its user.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import type { World } from "../world.ts";
import { LocalLayout } from "./layout.ts";
import { LocalSupervisor, LocalSupervisorError } from "./local-supervisor.ts";
import { readPlan } from "./plan.ts";
import { requireRoot } from "./root.ts";

export interface StoreToolOptions {
  /** Of a Supervisor that was set up by other means; undefined: the one of this machine. */
  readonly configuration: string | undefined;
  readonly input: number | "ignore";
  readonly output: number | "inherit";
}

/** Throws when it fails; what was wrong stands on the error output by then. */
export async function runStoreTool(
  world: World,
  name: "backup" | "restore",
  { configuration, input, output }: StoreToolOptions,
): Promise<void> {
  const [program = "", ...args] = configuration
    ? [process.execPath, "bin/supervisor.ts", name, "--config", resolve(configuration)]
    : localCommand(world, name);
  const child = spawn(program, args, {
    cwd: world.roots.programDirectory,
    stdio: [input, output, "inherit"],
    signal: world.signal,
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`The ${name} failed; its reason stands above`);
}

function localCommand(world: World, name: "backup" | "restore"): string[] {
  const layout = new LocalLayout(world.roots);
  const plan = readPlan(layout);
  if (!plan) {
    throw new LocalSupervisorError(
      "NotSetUp",
      "No Supervisor is set up here; name another one's configuration: --config",
    );
  }
  requireRoot();
  const supervisor = new LocalSupervisor(layout, plan, world.clock);
  if (name === "restore" && supervisor.services.isRunning("supervisor")) {
    throw new Error('The Supervisor runs; stop it first with "atoll down", and start it afterwards with "atoll up"');
  }
  return supervisor.services.commandOf(supervisor.storeTool(name));
}

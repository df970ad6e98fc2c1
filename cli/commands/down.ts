import { rmSync } from "node:fs";
import type { Command } from "commander";
import { LocalLayout } from "../local/layout.ts";
import { LocalSupervisor } from "../local/local-supervisor.ts";
import { readPlan } from "../local/plan.ts";
import { requireRoot } from "../local/root.ts";
import { Services } from "../local/services.ts";
import { removeUser, SERVICE_USERS } from "../local/users.ts";
import { REGISTRY_SERVICE } from "../demo/registry.ts";
import type { World } from "../world.ts";

export async function down(world: World, options: { readonly purge: boolean }): Promise<void> {
  const layout = new LocalLayout(world.roots);
  const plan = readPlan(layout);
  if (!plan) {
    world.print("No Supervisor is set up here");
    return;
  }
  requireRoot();
  const supervisor = new LocalSupervisor(layout, plan, world.clock);
  await new Services(layout, world.clock).stop(REGISTRY_SERVICE, world.signal);
  await supervisor.stop(world.signal, (step) => world.note(`stopping: ${step}`));
  if (options.purge) {
    rmSync(world.roots.stateDirectory, { recursive: true, force: true });
    for (const user of Object.values(SERVICE_USERS)) {
      if (!(await removeUser(user, world.signal))) world.note(`user ${user} stays: another program runs as it`);
    }
    world.print("Stopped, and all data deleted; the guest bundle stays in the cache");
  } else {
    world.print(
      `Stopped; the data stays in ${world.roots.stateDirectory} ("atoll up" goes on with it, "atoll down --purge" deletes it)`,
    );
  }
}

export function addDown(program: Command, world: () => World): void {
  program
    .command("down")
    .description(
      "stop the Supervisor, its hosts and all pods; removes every process, namespace, tap, bridge, rule and mount",
    )
    .option("--purge", "also delete all data: the store, images, keys, users", false)
    .action((options: { purge: boolean }) => down(world(), options));
}

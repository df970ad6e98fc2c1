import { existsSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import { LocalLayout } from "../local/layout.ts";
import { requireRoot } from "../local/root.ts";
import type { World } from "../world.ts";

export function addKubeconfig(program: Command, world: () => World): void {
  program
    .command("kubeconfig")
    .description("print the administrator's kubeconfig (it holds a key: keep it to yourself)")
    .option("--path", "print where it is instead", false)
    .action(({ path }: { path: boolean }) => {
      const here = world();
      const file = new LocalLayout(here.roots).adminKubeconfig;
      if (existsSync(here.roots.stateDirectory)) requireRoot();
      if (!existsSync(file)) throw new Error("No Supervisor has been started here; start one with: atoll up");
      here.print(path ? file : readFileSync(file, "utf8").trimEnd());
    });
}

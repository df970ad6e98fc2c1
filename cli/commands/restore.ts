import { open } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { runStoreTool } from "../local/store-tool.ts";
import type { World } from "../world.ts";

async function restore(world: World, file: string, options: { readonly config?: string }): Promise<void> {
  const path = resolve(file);
  await using input = await open(path, "r");
  await runStoreTool(world, "restore", { configuration: options.config, input: input.fd, output: "inherit" });
  world.print(`The store is what ${path} holds; start the Supervisor to go on with it`);
}

export function addRestore(program: Command, world: () => World): void {
  program
    .command("restore")
    .argument("<file>", "what atoll backup has written, from a store of either type")
    .description("replace the whole store by a backup; no Supervisor may run on it")
    .option("--config <file>", "of a Supervisor that was not set up by atoll up")
    .addHelpText(
      "after",
      "\nExit code 0: done. 1: the store in a file is as it was; one on etcd is too, or the message says to run it again.",
    )
    .action((file: string, options: { config?: string }) => restore(world(), file, options));
}

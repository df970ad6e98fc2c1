import { open, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { runStoreTool } from "../local/store-tool.ts";
import type { World } from "../world.ts";

const PRIVATE_FILE_MODE = 0o600;

async function backUp(world: World, file: string, options: { readonly config?: string }): Promise<void> {
  const path = resolve(file);
  const unfinished = `${path}.unfinished`;
  try {
    await using output = await open(unfinished, "w", PRIVATE_FILE_MODE);
    await runStoreTool(world, "backup", { configuration: options.config, input: "ignore", output: output.fd });
    await output.sync();
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  world.print(`The store is backed up in ${path}`);
  world.note(
    "Not in it, and needed with it: the directory pki of the Supervisor's data (its authority, the key of service account " +
      "tokens, and encryption.yaml, without which Secrets stay sealed); the content of volumes; images",
  );
}

export function addBackup(program: Command, world: () => World): void {
  program
    .command("backup")
    .argument("<file>", "where to; replaced when it exists")
    .description("write the whole store, as of one moment, into a file; the Supervisor may run")
    .option("--config <file>", "of a Supervisor that was not set up by atoll up")
    .addHelpText("after", "\nExit code 0: the file is whole and on disk. 1: it is as it was before.")
    .action((file: string, options: { config?: string }) => backUp(world(), file, options));
}

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type ServerAccess, serverAccess } from "@atoll/machinery/client/kubeconfig";
import { parse } from "yaml";

/** Paths in it are relative to it. */
export async function readKubeconfig(file: string): Promise<ServerAccess> {
  const document: unknown = parse(await readFile(file, "utf8"));
  return serverAccess(document, { readFile: (path) => readFileSync(resolve(dirname(file), path)) });
}

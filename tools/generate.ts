// Makes everything under `api/generated/`, which git does not keep: the messages of the guest agent and of etcd (by buf), the schema model
// and the TypeScript types of Kubernetes' kinds. Does nothing when its inputs are what they were; `--force` overrides.

import { createHash } from "node:crypto";
import { execFile } from "node:child_process";
import { glob, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { imageControllerSchemas } from "@atoll/api/imagecontroller/schemas";
import { readClientModels, readClientVersion } from "./generate/client-models.ts";
import { makeKubernetesSchemas } from "./generate/kubernetes-schemas.ts";
import { writeTypeDeclarations } from "./generate/type-declarations.ts";

const root = path.join(import.meta.dirname, "..");
const output = path.join(root, "api", "generated");

const INPUTS = [
  "tools/generate.ts",
  "tools/generate/*.ts",
  "api/facts/*.ts",
  "api/imagecontroller/schemas.ts",
  "api/guest-agent/*.proto",
  "api/etcd/*.proto",
  "buf.yaml",
  "buf.gen.yaml",
];

/** Folders of `api/` with protobuf messages; what is made of each stands in the folder of that name. */
const MESSAGE_FOLDERS = ["guest-agent", "etcd"];

async function hashInputs(): Promise<string> {
  const hash = createHash("sha256").update(await readClientVersion());
  for (const file of (await Array.fromAsync(glob(INPUTS, { cwd: root }))).sort()) {
    hash.update(`\n${file}\n`).update(await readFile(path.join(root, file)));
  }
  return hash.digest("hex");
}

/** Readers never see half a file: other programs may start while this one writes. */
async function replaceFile(name: string, text: string): Promise<void> {
  const temporary = path.join(output, `.${name}.${process.pid}`);
  await writeFile(temporary, text);
  await rename(temporary, path.join(output, name));
}

async function makeSchemas(): Promise<number> {
  const kubernetes = makeKubernetesSchemas(await readClientModels());
  const definitions = { ...kubernetes, ...imageControllerSchemas };
  await replaceFile("schemas.json", `${JSON.stringify({ definitions }, null, 1)}\n`);
  await replaceFile(
    "schemas.js",
    'import model from "./schemas.json" with { type: "json" };\n\nexport const schemaModel = model;\n',
  );
  await replaceFile(
    "schemas.d.ts",
    'import type { SchemaModel } from "../schema.ts";\n\nexport declare const schemaModel: SchemaModel;\n',
  );
  await replaceFile("types.ts", writeTypeDeclarations(kubernetes));
  return Object.keys(definitions).length;
}

async function makeMessages(folder: string): Promise<void> {
  const buf = path.join(root, "node_modules", ".bin", "buf");
  const arguments_ = ["generate", path.join("api", folder), "--output", path.join("api", "generated", folder)];
  await promisify(execFile)(buf, arguments_, { cwd: root });
}

await mkdir(output, { recursive: true });
const stamp = path.join(output, ".inputs");
const inputs = await hashInputs();
const previous = await readFile(stamp, "utf8").catch((error: NodeJS.ErrnoException) => {
  if (error.code === "ENOENT") return "";
  throw error;
});
if (previous === inputs && !process.argv.includes("--force")) {
  console.log("generate: up to date");
} else {
  const [count] = await Promise.all([makeSchemas(), ...MESSAGE_FOLDERS.map(makeMessages)]);
  await replaceFile(".inputs", inputs);
  console.log(`generate: made the messages, ${count} schemas and their types`);
}

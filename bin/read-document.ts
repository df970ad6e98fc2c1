import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import type { ZodType } from "zod";

/** A configuration document in YAML. Throws an Error that lists every fault with its path. */
export async function readDocument<T>(file: string, schema: ZodType<T>): Promise<T> {
  const result = schema.safeParse(parse(await readFile(file, "utf8")));
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join(".") || "document"}: ${message}`);
  throw new Error(`Configuration "${file}" is not valid:\n${faults.join("\n")}`);
}

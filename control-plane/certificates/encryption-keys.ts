// The keys that seal Secrets at rest: beside the certificates, never in the store they protect.

import { join } from "node:path";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";
import type { Random } from "@atoll/base/random";
import { makePrivateDirectory, PRIVATE_FILE_MODE, readFileIfExists } from "./certificate-files.ts";

/** AES-256. */
const KEY_BYTES = 32;

/** Reads `secret-encryption.keys` of the directory (one base64 key a line, the newest first), or makes it with one key. */
export async function openEncryptionKeys(directory: string, random: Random): Promise<readonly Uint8Array[]> {
  await makePrivateDirectory(directory);
  const file = join(directory, "secret-encryption.keys");
  const text = await readFileIfExists(file);
  if (text) {
    const lines = text.toString().split("\n");
    return lines.filter((line) => line.trim() !== "").map((line) => Buffer.from(line, "base64"));
  }
  const key = random.bytes(KEY_BYTES);
  await writeFileAtomic(file, `${Buffer.from(key).toString("base64")}\n`, { mode: PRIVATE_FILE_MODE });
  return [key];
}

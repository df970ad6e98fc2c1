// The keys that seal Secrets at rest: beside the certificates, never in the store they protect.

import { join } from "node:path";
import { type EncryptionConfiguration, encryptionConfiguration } from "@atoll/api/config/encryption";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";
import type { Random } from "@atoll/base/random";
import { parse, stringify } from "yaml";
import { makePrivateDirectory, PRIVATE_FILE_MODE, readFileIfExists } from "./certificate-files.ts";

/** AES-256. */
const KEY_BYTES = 32;

/** Of the key that is made when there is none. */
const FIRST_KEY_NAME = "key1";

/**
 * Reads `encryption.yaml` of the directory, which is the administrator's to change, or makes it with one key for Secrets.
 * Throws for a document that is not valid: going on without the keys would store Secrets in the clear.
 */
export async function openEncryptionKeys(directory: string, random: Random): Promise<EncryptionConfiguration> {
  await makePrivateDirectory(directory);
  const file = join(directory, "encryption.yaml");
  const text = await readFileIfExists(file);
  if (!text) {
    const made = firstConfiguration(random);
    await writeFileAtomic(file, stringify(made), { mode: PRIVATE_FILE_MODE });
    return made;
  }
  const result = encryptionConfiguration.safeParse(parse(text.toString()));
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join(".") || "document"}: ${message}`);
  throw new Error(`Encryption configuration "${file}" is not valid:\n${faults.join("\n")}`);
}

function firstConfiguration(random: Random): EncryptionConfiguration {
  const secret = Buffer.from(random.bytes(KEY_BYTES)).toString("base64");
  return {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [
      {
        resources: ["secrets"],
        providers: [{ aesgcm: { keys: [{ name: FIRST_KEY_NAME, secret }] } }, { identity: {} }],
      },
    ],
  };
}

// The key that signs service account tokens. RSA, because its signatures verify more than twice as fast as ECDSA's
// and tokens are verified far more often than signed.

import { createHash, createPublicKey, generateKeyPair, type KeyObject, createPrivateKey } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";
import { makePrivateDirectory, PRIVATE_FILE_MODE, readFileIfExists } from "./certificate-files.ts";

const MODULUS_BITS = 2048;

export interface ServiceAccountKey {
  /** Names the key in tokens and in the published key set. */
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Loads `service-account.key` of the directory, or makes it. */
export async function openServiceAccountKey(directory: string): Promise<ServiceAccountKey> {
  await makePrivateDirectory(directory);
  const file = join(directory, "service-account.key");
  const pem = await readFileIfExists(file);
  const privateKey = pem ? createPrivateKey(pem) : await makeKey(file);
  const publicKey = createPublicKey(privateKey);
  const der = publicKey.export({ type: "spki", format: "der" });
  return { keyId: createHash("sha256").update(der).digest("base64url"), privateKey, publicKey };
}

async function makeKey(file: string): Promise<KeyObject> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: MODULUS_BITS });
  await writeFileAtomic(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: PRIVATE_FILE_MODE });
  return privateKey;
}

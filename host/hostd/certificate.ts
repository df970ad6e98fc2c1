// hostd's own certificate: made once, kept with its key in the data directory, so that a restart changes nothing for those who
// pinned it. Nobody has to trust it beyond this one loopback port.

import "reflect-metadata";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";
import type { Clock } from "@atoll/base/clock";
import type { Random } from "@atoll/base/random";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
/** It is pinned, not judged by its age; a new one comes with a new data directory. */
const LIFETIME_DAYS = 3_650;

export interface ServingCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export async function ensureCertificate(
  dataDirectory: string,
  world: { readonly clock: Clock; readonly random: Random },
): Promise<ServingCertificate> {
  const [certificatePath, keyPath] = [join(dataDirectory, "hostd.crt"), join(dataDirectory, "hostd.key")];
  try {
    const [certificatePem, keyPem] = await Promise.all([readFile(certificatePath, "utf8"), readFile(keyPath, "utf8")]);
    return { certificatePem, keyPem };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  const made = await makeCertificate(world);
  await writeFileAtomic(keyPath, made.keyPem, { mode: 0o600 });
  await writeFileAtomic(certificatePath, made.certificatePem, { mode: 0o644 });
  return made;
}

async function makeCertificate(world: { readonly clock: Clock; readonly random: Random }): Promise<ServingCertificate> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const nowMs = world.clock.now();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: `01${Buffer.from(world.random.bytes(15)).toString("hex")}`,
    name: "CN=atoll-hostd",
    notBefore: new Date(nowMs - DAY_MS),
    notAfter: new Date(nowMs + LIFETIME_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: "ip", value: "127.0.0.1" },
        { type: "dns", value: "localhost" },
      ]),
    ],
  });
  const key = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const keyLines = key.match(/.{1,64}/g) ?? [];
  return {
    certificatePem: `${certificate.toString("pem")}\n`,
    keyPem: ["-----BEGIN PRIVATE KEY-----", ...keyLines, "-----END PRIVATE KEY-----", ""].join("\n"),
  };
}

// The Supervisor's own certificate authority: one self-signed P-256 key in the data directory, made at the first start. All
// that speaks TLS in a Supervisor (API server, spherelets, kubectl of the administrator) has a certificate of it. The key
// never leaves its file and this object.

import "reflect-metadata";
import type { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Clock } from "@atoll/base/clock";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";
import type { Random } from "@atoll/base/random";
import * as x509 from "@peculiar/x509";
import { makePrivateDirectory, PRIVATE_FILE_MODE, PUBLIC_FILE_MODE, readFileIfExists } from "./certificate-files.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
const AUTHORITY_LIFETIME_MS = 3650 * DAY_MS;
/** As long as kubeadm gives; the API server's own are made anew at every start and every month. */
export const CERTIFICATE_LIFETIME_MS = 365 * DAY_MS;
/** Certificates that live shorter get the whole time asked for; of longer ones the backdating is taken off. */
const SHORT_LIFETIME_MS = 8 * 3_600_000;
/** Hosts whose clocks are behind ours must accept a new certificate at once. */
const CLOCK_SKEW_MS = 5 * 60_000;
/** RFC 5280 allows 20 bytes; 16 random ones never repeat. */
const SERIAL_BYTES = 16;

export interface CertificateRequest {
  readonly commonName: string;
  /** Kubernetes reads them as groups. */
  readonly organizations?: readonly string[];
  readonly usage: "client" | "server";
  /** Names and addresses a server is reached by. */
  readonly names?: readonly string[];
}

/** What a certificate made from somebody else's request may be used for, and for how long. */
export interface SigningOptions {
  readonly keyUsages: readonly KeyUsage[];
  /** OIDs. */
  readonly extendedKeyUsages: readonly string[];
  readonly lifetimeMs: number;
}

export type KeyUsage = keyof typeof x509.KeyUsageFlags;

export interface KeyPairPem {
  readonly certificate: string;
  readonly key: string;
}

export class CertificateAuthority {
  readonly certificatePem: string;
  readonly #certificate: x509.X509Certificate;
  readonly #key: webcrypto.CryptoKey;
  readonly #clock: Clock;
  readonly #random: Random;

  private constructor(certificate: x509.X509Certificate, key: webcrypto.CryptoKey, clock: Clock, random: Random) {
    this.certificatePem = `${certificate.toString("pem")}\n`;
    this.#certificate = certificate;
    this.#key = key;
    this.#clock = clock;
    this.#random = random;
  }

  /** Loads `ca.crt` and `ca.key` of the directory, or makes them where neither exists. */
  static async open(options: {
    readonly directory: string;
    readonly clock: Clock;
    readonly random: Random;
  }): Promise<CertificateAuthority> {
    const { directory, clock, random } = options;
    await makePrivateDirectory(directory);
    const certificateFile = join(directory, "ca.crt");
    const keyFile = join(directory, "ca.key");
    const [certificatePem, keyPem] = await Promise.all([readFileIfExists(certificateFile), readFileIfExists(keyFile)]);
    if (certificatePem && keyPem) {
      const certificate = new x509.X509Certificate(certificatePem.toString());
      return new CertificateAuthority(certificate, await importKey(keyPem.toString()), clock, random);
    }
    // The key is written first: a start that was cut off between the two leaves a key without a certificate, which nothing
    // has trusted yet. A certificate without its key is another matter.
    if (certificatePem)
      throw new Error(`The certificate authority's key "${keyFile}" is missing beside its certificate`);
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const now = clock.now();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(random),
      name: [{ CN: ["atoll-supervisor-ca"] }],
      notBefore: new Date(now - CLOCK_SKEW_MS),
      notAfter: new Date(now + AUTHORITY_LIFETIME_MS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    await writeFileAtomic(keyFile, await exportKey(keys.privateKey), { mode: PRIVATE_FILE_MODE });
    await writeFileAtomic(certificateFile, `${certificate.toString("pem")}\n`, { mode: PUBLIC_FILE_MODE });
    return new CertificateAuthority(certificate, keys.privateKey, clock, random);
  }

  async issue(request: CertificateRequest): Promise<KeyPairPem> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const now = this.#clock.now();
    const organizations = request.organizations ?? [];
    const names = (request.names ?? []).map((name) => new x509.GeneralName(isIP(name) === 0 ? "dns" : "ip", name));
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(this.#random),
      subject: [...organizations.map((organization) => ({ O: [organization] })), { CN: [request.commonName] }],
      issuer: this.#certificate.subjectName,
      notBefore: new Date(now - CLOCK_SKEW_MS),
      notAfter: new Date(now + CERTIFICATE_LIFETIME_MS),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: this.#key,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          request.usage === "server" ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth,
        ]),
        await x509.AuthorityKeyIdentifierExtension.create(this.#certificate),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ],
    });
    return { certificate: `${certificate.toString("pem")}\n`, key: await exportKey(keys.privateKey) };
  }

  /**
   * Signs the key and the names of a PKCS#10 request, in DER, and nothing else of it. Whoever calls has decided that these
   * are the requestor's to have. Gives PEM.
   */
  async sign(request: Uint8Array, options: SigningOptions): Promise<string> {
    const wanted = new x509.Pkcs10CertificateRequest(Uint8Array.from(request));
    const now = this.#clock.now();
    const endMs = this.#certificate.notAfter.getTime();
    if (now >= endMs) throw new Error("The certificate authority has expired");
    const { keyUsages, extendedKeyUsages, lifetimeMs } = options;
    const backdatedMs = lifetimeMs < SHORT_LIFETIME_MS ? 0 : CLOCK_SKEW_MS;
    const alternatives = wanted.extensions.find((entry) => entry instanceof x509.SubjectAlternativeNameExtension);
    const flags = keyUsages.reduce((all, usage) => all | x509.KeyUsageFlags[usage], 0);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(this.#random),
      subject: wanted.subjectName.toJSON(),
      issuer: this.#certificate.subjectName,
      notBefore: new Date(now - CLOCK_SKEW_MS),
      notAfter: new Date(Math.min(now + lifetimeMs - backdatedMs, endMs)),
      signingAlgorithm: ALGORITHM,
      publicKey: wanted.publicKey,
      signingKey: this.#key,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        ...(flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, true)]),
        ...(extendedKeyUsages.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension([...extendedKeyUsages])]),
        await x509.AuthorityKeyIdentifierExtension.create(this.#certificate),
        ...(alternatives ? [alternatives] : []),
      ],
    });
    return `${certificate.toString("pem")}\n`;
  }
}

function serialNumber(random: Random): string {
  const bytes = random.bytes(SERIAL_BYTES);
  // Serial numbers are positive: the highest bit is the sign.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return Buffer.from(bytes).toString("hex");
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = await crypto.subtle.exportKey("pkcs8", key);
  return `${x509.PemConverter.encode(der, "PRIVATE KEY")}\n`;
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  return crypto.subtle.importKey("pkcs8", x509.PemConverter.decodeFirst(pem), ALGORITHM, false, ["sign"]);
}

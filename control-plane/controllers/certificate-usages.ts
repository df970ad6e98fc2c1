// What the usages that a CertificateSigningRequest names are in a certificate.

import { tableOf } from "@atoll/base/table-of";

export type CertificateKeyUsage =
  | "digitalSignature"
  | "nonRepudiation"
  | "keyEncipherment"
  | "dataEncipherment"
  | "keyAgreement"
  | "keyCertSign"
  | "cRLSign"
  | "encipherOnly"
  | "decipherOnly";

const KEY_USAGES: Readonly<Record<string, CertificateKeyUsage>> = tableOf({
  signing: "digitalSignature",
  "digital signature": "digitalSignature",
  "content commitment": "nonRepudiation",
  "key encipherment": "keyEncipherment",
  "key agreement": "keyAgreement",
  "data encipherment": "dataEncipherment",
  "cert sign": "keyCertSign",
  "crl sign": "cRLSign",
  "encipher only": "encipherOnly",
  "decipher only": "decipherOnly",
});

const PURPOSES = "1.3.6.1.5.5.7.3";
const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = tableOf({
  any: "2.5.29.37.0",
  "server auth": `${PURPOSES}.1`,
  "client auth": `${PURPOSES}.2`,
  "code signing": `${PURPOSES}.3`,
  "email protection": `${PURPOSES}.4`,
  "s/mime": `${PURPOSES}.4`,
  "ipsec end system": `${PURPOSES}.5`,
  "ipsec tunnel": `${PURPOSES}.6`,
  "ipsec user": `${PURPOSES}.7`,
  timestamping: `${PURPOSES}.8`,
  "ocsp signing": `${PURPOSES}.9`,
  "microsoft sgc": "1.3.6.1.4.1.311.10.3.3",
  "netscape sgc": "2.16.840.1.113730.4.1",
});

export interface CertificateUsages {
  readonly keyUsages: readonly CertificateKeyUsage[];
  /** OIDs. */
  readonly extendedKeyUsages: readonly string[];
}

/** Both in a fixed order, each once. The API has let known usages in alone. */
export function certificateUsages(usages: readonly string[]): CertificateUsages {
  const known = <T>(table: Readonly<Record<string, T>>) =>
    [...new Set(usages.map((usage) => table[usage]).filter((found) => found !== undefined))].toSorted();
  return { keyUsages: known(KEY_USAGES), extendedKeyUsages: known(EXTENDED_KEY_USAGES) };
}

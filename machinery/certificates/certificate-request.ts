// Reads PKCS#10 certificate signing requests as they stand in a CertificateSigningRequest: PEM, as base64.

import "reflect-metadata";
import { toError } from "@atoll/base/errors";
import * as x509 from "@peculiar/x509";

const BLOCK = /-----BEGIN ([^-\n]+)-----[^-]+-----END \1-----/;
const TYPE = "CERTIFICATE REQUEST";
/** Far more than a request with many names; the API's own limit of an object is 1.5 MiB. */
const REQUEST_CHARACTERS_MAX = 256 * 1024;

/** Thrown for what is no request; the message says why. */
export class CertificateRequestError extends Error {
  override readonly name = "CertificateRequestError";
}

export interface CertificateRequest {
  /** DER. */
  readonly bytes: Uint8Array;
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
}

/** `base64` is the field of the API object. Throws CertificateRequestError. */
export function readCertificateRequest(base64: string): CertificateRequest {
  const { request, bytes } = parse(base64);
  const subject = request.subjectName;
  const alternatives = request.extensions.find(
    (extension) => extension instanceof x509.SubjectAlternativeNameExtension,
  );
  const names = alternatives?.names.items ?? [];
  const ofType = (type: x509.GeneralName["type"]) =>
    names.filter((name) => name.type === type).map(({ value }) => value);
  return {
    bytes,
    commonName: subject.getField("CN").at(-1) ?? "",
    organizations: subject.getField("O"),
    dnsNames: ofType("dns"),
    ipAddresses: ofType("ip"),
    emailAddresses: ofType("email"),
    uris: ofType("url"),
  };
}

/** Whoever asks must have the key: throws CertificateRequestError for a request that its key has not signed. */
export async function verifyCertificateRequest(base64: string): Promise<void> {
  const { request } = parse(base64);
  let isSigned: boolean;
  try {
    isSigned = await request.verify();
  } catch (thrown) {
    throw new CertificateRequestError(`the signature cannot be checked: ${toError(thrown).message}`, { cause: thrown });
  }
  if (!isSigned) throw new CertificateRequestError("the request is not signed with its own key");
}

function parse(base64: string): { readonly request: x509.Pkcs10CertificateRequest; readonly bytes: Uint8Array } {
  if (base64.length > REQUEST_CHARACTERS_MAX) throw new CertificateRequestError("the request is too long");
  const block = BLOCK.exec(atob(base64));
  if (block?.[1] !== TYPE) throw new CertificateRequestError(`PEM block type must be ${TYPE}`);
  try {
    const bytes = new Uint8Array(x509.PemConverter.decodeFirst(block[0]));
    return { request: new x509.Pkcs10CertificateRequest(bytes), bytes };
  } catch (thrown) {
    throw new CertificateRequestError(`the request cannot be read: ${toError(thrown).message}`, { cause: thrown });
  }
}

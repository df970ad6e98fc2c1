// What each built-in signer asks of a request before it signs, in upstream's words.

import type { CertificateSigningRequest } from "@atoll/api/certificates/certificate-signing-request/kind";
import { SIGNER } from "@atoll/api/certificates/signer-name";
import type { CertificateRequest } from "@atoll/machinery/certificates/certificate-request";

const NODES_GROUP = "system:nodes";
const NODE_PREFIX = "system:node:";
const KEY_ENCIPHERMENT = "key encipherment";

type Spec = CertificateSigningRequest["spec"];

/** Why the signer must refuse; undefined: it may sign. Only for the signers of this program. */
export function problemOfRequest(spec: Spec, request: CertificateRequest): string | undefined {
  switch (spec.signerName) {
    case SIGNER.apiClient:
      return problemOfClientUsages(spec.usages ?? []);
    case SIGNER.kubeletClient:
      return problemOfKubeletClient(spec, request);
    case SIGNER.kubeletServing:
      return problemOfKubeletServing(spec, request);
    default:
      return undefined;
  }
}

export function isOurSigner(signerName: string): boolean {
  return Object.values<string>(SIGNER).includes(signerName);
}

export function problemOfKubeletClient(spec: Spec, request: CertificateRequest): string | undefined {
  if (!isForNodes(request)) return "subject organization is not system:nodes";
  if (request.dnsNames.length > 0) return "DNS subjectAltNames are not allowed";
  if (request.emailAddresses.length > 0) return "Email subjectAltNames are not allowed";
  if (request.ipAddresses.length > 0) return "IP subjectAltNames are not allowed";
  if (request.uris.length > 0) return "URI subjectAltNames are not allowed";
  return problemOfNodeName(request) ?? problemOfUsages(spec, ["client auth", "digital signature"]);
}

function problemOfKubeletServing(spec: Spec, request: CertificateRequest): string | undefined {
  if (!isForNodes(request)) return "subject organization is not system:nodes";
  if (request.dnsNames.length + request.ipAddresses.length === 0) return "DNS or IP subjectAltName is required";
  if (request.emailAddresses.length > 0) return "Email subjectAltNames are not allowed";
  if (request.uris.length > 0) return "URI subjectAltNames are not allowed";
  return problemOfUsages(spec, ["digital signature", "server auth"]) ?? problemOfNodeName(request);
}

function problemOfClientUsages(usages: readonly string[]): string | undefined {
  const allowed = ["client auth", "digital signature", KEY_ENCIPHERMENT];
  const other = usages.find((usage) => !allowed.includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes("client auth") ? undefined : "missing required usage for client certificate: client auth";
}

function isForNodes({ organizations }: CertificateRequest): boolean {
  return organizations.length === 1 && organizations[0] === NODES_GROUP;
}

function problemOfNodeName({ commonName }: CertificateRequest): string | undefined {
  return commonName.startsWith(NODE_PREFIX) ? undefined : `subject common name does not begin with ${NODE_PREFIX}`;
}

/** Exactly these; keys that encipher may say so. */
function problemOfUsages({ usages = [] }: Spec, required: readonly string[]): string | undefined {
  const rest = usages.filter((usage) => usage !== KEY_ENCIPHERMENT);
  const isRight = rest.length === required.length && required.every((usage) => rest.includes(usage));
  return isRight ? undefined : `usages did not match [${[...required, KEY_ENCIPHERMENT].toSorted().join(" ")}]`;
}

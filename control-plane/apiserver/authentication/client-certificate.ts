// Reads a user out of a verified client certificate: the common name is the user, the organizations are the groups.

import type { X509Certificate } from "node:crypto";
import type { DetailedPeerCertificate, PeerCertificate, TLSSocket } from "node:tls";
import type { User } from "../request/request.ts";
import { authenticated, CREDENTIAL_ID } from "./authenticator.ts";

export type PeerIdentity =
  | { readonly type: "none" }
  /** A certificate was shown that our authority has not signed, or that is out of date. */
  | { readonly type: "refused" }
  | { readonly type: "front-proxy"; readonly name: string }
  /** `endsMs`: when the certificate does, since the Unix epoch. */
  | { readonly type: "user"; readonly user: User; readonly endsMs: number };

/** Whose certificates stand for what, where there is more than one authority. */
export interface PeerAuthorities {
  readonly users: X509Certificate;
  readonly proxies: X509Certificate;
}

/** To be asked once per connection: reading a certificate costs more than the rest of a GET. */
export function identifyPeer(socket: TLSSocket, authorities: PeerAuthorities | undefined): PeerIdentity {
  const certificate: PeerCertificate | DetailedPeerCertificate | null = socket.getPeerCertificate();
  if (!certificate || Object.keys(certificate).length === 0) return { type: "none" };
  if (!socket.authorized) return { type: "refused" };
  const usages = certificate.ext_key_usage;
  // A server's certificate must not open the API: whoever runs a node's port would be its client as well.
  if (usages && !usages.includes(CLIENT_AUTHENTICATION_OID)) return { type: "refused" };
  const name = first(certificate.subject.CN);
  if (name === undefined || name === "") return { type: "refused" };
  if (authorities) {
    // Two authorities are trusted: which of them has signed decides, and one signed by neither itself is nobody's.
    const leaf = socket.getPeerX509Certificate();
    if (!leaf) return { type: "refused" };
    if (isSignedBy(leaf, authorities.proxies)) return { type: "front-proxy", name };
    if (!isSignedBy(leaf, authorities.users)) return { type: "refused" };
  }
  const extra = { [CREDENTIAL_ID]: [`X509SHA256=${certificate.fingerprint256.replaceAll(":", "").toLowerCase()}`] };
  const user = authenticated({ name, groups: list(certificate.subject.O), extra });
  return { type: "user", user, endsMs: Date.parse(certificate.valid_to) };
}

function isSignedBy(leaf: X509Certificate, authority: X509Certificate): boolean {
  return leaf.checkIssued(authority) && leaf.verify(authority.publicKey);
}

const CLIENT_AUTHENTICATION_OID = "1.3.6.1.5.5.7.3.2";

// Node gives a string for one value of an attribute and an array for several, whatever its types say.
function list(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function first(value: string | string[] | undefined): string | undefined {
  return list(value)[0];
}

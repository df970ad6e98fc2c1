// The certificates of one Supervisor, all of its own authority: what the API server shows to clients and to hosts, what the
// administrator and each host are given.

import { join } from "node:path";
import type { Clock } from "@atoll/base/clock";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";
import { CERTIFICATE_LIFETIME_MS, type CertificateAuthority, type KeyPairPem } from "./certificate-authority.ts";
import { makePrivateDirectory, PRIVATE_FILE_MODE, PUBLIC_FILE_MODE } from "./certificate-files.ts";

/** Renewed with eleven months to spare, so that a failure has time to be noticed. */
const RENEWAL_INTERVAL_MS = Math.floor(CERTIFICATE_LIFETIME_MS / 12);
/** Timers hold 24 days at most; a month is slept in days. */
const SLEEP_MAX_MS = 86_400_000;

/** What clients inside and outside call the API server. */
export function apiServerCertificate(
  authority: CertificateAuthority,
  options: { readonly address: string; readonly clusterDomain: string; readonly more: readonly string[] },
): Promise<KeyPairPem> {
  const service = "kubernetes.default.svc";
  const names = ["localhost", "127.0.0.1", "::1", "kubernetes", "kubernetes.default", service];
  return authority.issue({
    commonName: "kube-apiserver",
    usage: "server",
    names: [...new Set([...names, `${service}.${options.clusterDomain}`, options.address, ...options.more])],
  });
}

/** What the API server shows to spherelets. */
export function nodeClientCertificate(authority: CertificateAuthority): Promise<KeyPairPem> {
  return authority.issue({
    commonName: "kube-apiserver-kubelet-client",
    organizations: ["system:masters"],
    usage: "client",
  });
}

/** Whom servers behind the API server believe when it says who a user is. */
export const FRONT_PROXY_NAME = "front-proxy-client";

/** Of an authority of its own: whoever has such a certificate can say to be anybody. */
export function frontProxyCertificate(proxyAuthority: CertificateAuthority): Promise<KeyPairPem> {
  return proxyAuthority.issue({ commonName: FRONT_PROXY_NAME, usage: "client" });
}

export function administratorCertificate(authority: CertificateAuthority): Promise<KeyPairPem> {
  return authority.issue({ commonName: "kubernetes-admin", organizations: ["system:masters"], usage: "client" });
}

/** Writes what one host needs: `ca.crt`, `node.crt`, `node.key`, `serving.crt`, `serving.key`. */
export async function issueNode(
  authority: CertificateAuthority,
  { name, address, directory }: { readonly name: string; readonly address: string; readonly directory: string },
): Promise<void> {
  const user = `system:node:${name}`;
  const [client, serving] = await Promise.all([
    authority.issue({ commonName: user, organizations: ["system:nodes"], usage: "client" }),
    authority.issue({ commonName: user, organizations: ["system:nodes"], usage: "server", names: [name, address] }),
  ]);
  await makePrivateDirectory(directory);
  const write = (file: string, text: string, mode: number) => writeFileAtomic(join(directory, file), text, { mode });
  await write("ca.crt", authority.certificatePem, PUBLIC_FILE_MODE);
  await write("node.crt", client.certificate, PUBLIC_FILE_MODE);
  await write("node.key", client.key, PRIVATE_FILE_MODE);
  await write("serving.crt", serving.certificate, PUBLIC_FILE_MODE);
  // Last: whoever finds this file finds all of them.
  await write("serving.key", serving.key, PRIVATE_FILE_MODE);
}

/** Calls `renew` once a month until the signal aborts. */
export async function renewMonthly(clock: Clock, signal: AbortSignal, renew: () => Promise<void>): Promise<void> {
  let dueMs = clock.now() + RENEWAL_INTERVAL_MS;
  while (!signal.aborted) {
    // The only rejection is the signal's, on which the loop ends.
    await clock.sleep(SLEEP_MAX_MS, signal).catch(() => {});
    if (signal.aborted || clock.now() < dueMs) continue;
    await renew();
    dueMs = clock.now() + RENEWAL_INTERVAL_MS;
  }
}

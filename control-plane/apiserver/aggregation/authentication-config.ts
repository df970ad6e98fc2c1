// How a server that is asked through this one tells that it is this one, and who else may call it: published where every
// program of the cluster may read it.

import { ConfigMap } from "@atoll/api/core/config-map/kind";
import type { EnsureObject } from "../registry/ensure-object.ts";

const NAME = { name: "extension-apiserver-authentication", namespace: "kube-system" };

export interface AuthenticationAuthorities {
  /** PEM of the authority of users' certificates. */
  readonly clientAuthorityPem: string;
  /** PEM of the authority of the certificate that this server shows. */
  readonly proxyAuthorityPem: string;
  readonly proxyNames: readonly string[];
}

export async function ensureAuthenticationConfig(
  ensure: EnsureObject,
  { clientAuthorityPem, proxyAuthorityPem, proxyNames }: AuthenticationAuthorities,
): Promise<void> {
  const data = {
    "client-ca-file": clientAuthorityPem,
    "requestheader-allowed-names": JSON.stringify(proxyNames),
    "requestheader-client-ca-file": proxyAuthorityPem,
    "requestheader-extra-headers-prefix": JSON.stringify(["X-Remote-Extra-"]),
    "requestheader-group-headers": JSON.stringify(["X-Remote-Group"]),
    "requestheader-uid-headers": JSON.stringify(["X-Remote-Uid"]),
    "requestheader-username-headers": JSON.stringify(["X-Remote-User"]),
  };
  await ensure(ConfigMap, { metadata: { ...NAME }, data }, (present) => {
    const isSame = Object.entries(data).every(([key, value]) => present.data?.[key] === value);
    return isSame ? undefined : { ...present, data: { ...present.data, ...data } };
  });
}

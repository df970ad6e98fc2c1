import { stringify } from "yaml";
import type { KeyPairPem } from "./certificate-authority.ts";

/** A kubeconfig with everything inside, so that it can be copied to another machine. */
export function formatKubeconfig(options: {
  readonly server: string;
  readonly authorityPem: string;
  readonly userName: string;
  readonly keyPair: KeyPairPem;
}): string {
  const { server, authorityPem, userName, keyPair } = options;
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "atoll", cluster: { server, "certificate-authority-data": base64(authorityPem) } }],
    users: [
      {
        name: userName,
        user: {
          "client-certificate-data": base64(keyPair.certificate),
          "client-key-data": base64(keyPair.key),
        },
      },
    ],
    contexts: [{ name: "atoll", context: { cluster: "atoll", user: userName } }],
    "current-context": "atoll",
  });
}

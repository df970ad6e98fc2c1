// Signs what joining hosts read before they trust anything: the kubeconfig in the ConfigMap "cluster-info", once with each
// token that may be used for it. A host that has the token finds the signature of its own and knows whom it talks to.

import { ConfigMap } from "@atoll/api/core/config-map/kind";
import { Secret } from "@atoll/api/core/secret/kind";
import { isEqualJson } from "@atoll/api/meta/field-error";
import { type ControllerDefinition, defineController } from "@atoll/machinery/controller/controller";
import { CompactSign } from "jose";
import { BOOTSTRAP_TOKEN_TYPE, type BootstrapToken, readBootstrapToken } from "./bootstrap-token.ts";

const NAME = "cluster-info";
const NAMESPACE = "kube-public";
const KUBECONFIG = "kubeconfig";
const SIGNATURE_PREFIX = "jws-kubeconfig-";
const CLUSTER_INFO = { name: NAME, namespace: NAMESPACE };

export const bootstrapSigner: ControllerDefinition = defineController({
  name: "bootstrap-signer",
  watches: [
    {
      resource: ConfigMap,
      fieldSelector: `metadata.name=${NAME}`,
      keysOf: ({ metadata }: ConfigMap) => (metadata.namespace === NAMESPACE ? [CLUSTER_INFO] : []),
    },
    { resource: Secret, fieldSelector: `type=${BOOTSTRAP_TOKEN_TYPE}`, keysOf: () => [CLUSTER_INFO] },
  ],
  owns: ["ConfigMap.data of cluster-info"],
  async reconcile(key, { client, cache, clock, signal }) {
    const info = cache.of(ConfigMap).get(key);
    const kubeconfig = info?.data?.[KUBECONFIG];
    if (!info || kubeconfig === undefined) return undefined;
    const tokens = cache
      .of(Secret)
      .list()
      .flatMap((secret) => readBootstrapToken(secret) ?? [])
      .filter(({ mayBeUsedForSigning, endMs }) => mayBeUsedForSigning && (endMs ?? Infinity) > clock.now());
    const others = Object.entries(info.data ?? {}).filter(([name]) => !name.startsWith(SIGNATURE_PREFIX));
    const signatures = await Promise.all(
      tokens.map(async (token) => [`${SIGNATURE_PREFIX}${token.id}`, await signDetached(kubeconfig, token)] as const),
    );
    const data = Object.fromEntries([...others, ...signatures]);
    if (!isEqualJson(data, info.data)) await client.update(ConfigMap, { ...info, data }, { signal });
    return undefined;
  },
});

/** A JSON Web Signature whose payload, which the reader has, is left out. */
export async function signDetached(payload: string, { id, secret }: BootstrapToken): Promise<string> {
  const text = new TextEncoder();
  const signing = new CompactSign(text.encode(payload)).setProtectedHeader({ alg: "HS256", kid: id });
  const [header = "", , signature = ""] = (await signing.sign(text.encode(secret))).split(".");
  return `${header}..${signature}`;
}

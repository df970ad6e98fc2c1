import { ConfigMap } from "@atoll/api/core/config-map/kind";
import { Namespace } from "@atoll/api/core/namespace/kind";
import { type ControllerDefinition, defineController } from "@atoll/machinery/controller/controller";
import { hasReason } from "@atoll/machinery/object/api-error";
import { isNamespaceActive, namespaceOf } from "./namespace-state.ts";

const NAME = "kube-root-ca.crt";

/** Every namespace has the API server's certificate authority as a ConfigMap, for pods that talk to the API. */
export function rootCa(certificateAuthority: string): ControllerDefinition {
  const data = { "ca.crt": certificateAuthority };
  return defineController({
    name: "root-ca",
    watches: [
      { resource: Namespace },
      { resource: ConfigMap, keysOf: namespaceOf(NAME), fieldSelector: `metadata.name=${NAME}` },
    ],
    owns: ["ConfigMap"],
    async reconcile(key, { client, cache, signal }) {
      if (!isNamespaceActive(cache.of(Namespace).get(key))) return;
      const name = { name: NAME, namespace: key.name };
      const existing = cache.of(ConfigMap).get(name);
      if (
        existing &&
        Object.keys(existing.data ?? {}).join() === "ca.crt" &&
        existing.data?.["ca.crt"] === data["ca.crt"]
      )
        return;
      if (existing) {
        await client.update(ConfigMap, { ...existing, data }, { signal });
        return;
      }
      try {
        const annotations = {
          "kubernetes.io/description": "The certificate authority of the API server, for pods that talk to it",
        };
        await client.create(ConfigMap, { metadata: { ...name, annotations }, data }, { signal });
      } catch (thrown) {
        if (!hasReason(thrown, "AlreadyExists")) throw thrown;
      }
    },
  });
}

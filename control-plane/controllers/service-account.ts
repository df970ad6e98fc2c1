import { Namespace } from "@atoll/api/core/namespace/kind";
import { ServiceAccount } from "@atoll/api/core/service-account/kind";
import { defineController } from "@atoll/machinery/controller/controller";
import { hasReason } from "@atoll/machinery/object/api-error";
import { isNamespaceActive, namespaceOf } from "./namespace-state.ts";

const NAME = "default";

/** Every namespace has the service account "default"; pods that name none run as it. */
export const serviceAccount = defineController({
  name: "service-account",
  watches: [{ resource: Namespace }, { resource: ServiceAccount, keysOf: namespaceOf(NAME) }],
  owns: ["ServiceAccount"],
  async reconcile(key, { client, cache, signal }) {
    if (!isNamespaceActive(cache.of(Namespace).get(key))) return;
    if (cache.of(ServiceAccount).get({ name: NAME, namespace: key.name })) return;
    try {
      await client.create(ServiceAccount, { metadata: { name: NAME, namespace: key.name } }, { signal });
    } catch (thrown) {
      if (!hasReason(thrown, "AlreadyExists")) throw thrown;
    }
  },
});

// Empties a namespace that is being deleted, says how far it is, and lets it go when nothing is left.

import { Namespace } from "@atoll/api/core/namespace/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { formatTime } from "@atoll/base/clock";
import { nameOf } from "@atoll/machinery/client/client";
import {
  type CacheReader,
  type ControllerDefinition,
  type ReconcileContext,
  defineController,
} from "@atoll/machinery/controller/controller";
import { hasReason } from "@atoll/machinery/object/api-error";
import { type NamespaceRemains, namespaceConditions } from "./namespace-conditions.ts";
import { deleteContent, isEmpty } from "./namespace-content.ts";

const FINALIZER = "kubernetes";
/** Pods wake their namespace as they go; others wait for whoever holds their finalizers. */
const REMAINING_RETRY_MS = 2000;

export const namespaceDeletion: ControllerDefinition = defineController({
  name: "namespace",
  watches: [{ resource: Namespace }, { resource: Pod, keysOf: terminatingNamespaceOf }],
  owns: ["Namespace.spec.finalizers", "Namespace.status.conditions"],
  async reconcile(key, context) {
    const { client, cache, clock, signal } = context;
    const namespace = cache.of(Namespace).get(key);
    if (!namespace || namespace.metadata.deletionTimestamp === undefined) return undefined;
    if (!namespace.spec.finalizers?.includes(FINALIZER)) return undefined;
    const deletedForMs = clock.now() - Date.parse(namespace.metadata.deletionTimestamp);
    const content = { client, namespace: key.name, deletedForMs, signal };
    const remains = await deleteContent(content);
    await tell(namespace, remains, context);
    const { discoveryFailure, contentFailures, remaining } = remains;
    const failure = discoveryFailure ?? contentFailures[0];
    if (failure !== undefined) throw new Error(`Namespace "${key.name}" cannot be emptied: ${failure}`);
    // Whoever was let in just before the namespace began to go may have written just after its kind was cleared.
    if (remaining.length > 0 || !(await isEmpty(content))) return { requeueAfterMs: REMAINING_RETRY_MS };
    await finalize(namespace, context);
    return undefined;
  },
});

function terminatingNamespaceOf({ metadata }: Pod, cache: CacheReader) {
  const name = { name: metadata.namespace ?? "" };
  return cache.of(Namespace).get(name)?.metadata.deletionTimestamp === undefined ? [] : [name];
}

async function tell(namespace: Namespace, remains: NamespaceRemains, { client, clock, signal }: ReconcileContext) {
  const old = namespace.status?.conditions;
  const conditions = namespaceConditions(old, remains, formatTime(clock.now()));
  if (JSON.stringify(conditions) === JSON.stringify(old)) return;
  const body = { metadata: { uid: namespace.metadata.uid }, status: { conditions } };
  await client.patch(Namespace, nameOf(namespace), { type: "merge", body }, { subresource: "status", signal });
}

async function finalize(namespace: Namespace, { client, signal }: ReconcileContext): Promise<void> {
  try {
    const fresh = await client.get(Namespace, nameOf(namespace), { signal });
    const finalizers = fresh.spec.finalizers?.filter((finalizer) => finalizer !== FINALIZER) ?? [];
    const emptied = { ...fresh, spec: { ...fresh.spec, finalizers } };
    await client.update(Namespace, emptied, { subresource: "finalize", signal });
  } catch (thrown) {
    if (!hasReason(thrown, "NotFound")) throw thrown;
  }
}

// Empties a namespace that is being deleted, and lets it go when nothing is left. It asks the API, not the cache: what is
// overlooked would stay behind in a namespace that nobody can name any more.

import { CustomResourceDefinition } from "@atoll/api/apiextensions/custom-resource-definition/kind";
import { Namespace } from "@atoll/api/core/namespace/kind";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { qualifiedPlural } from "@atoll/api/resource";
import { formatTime } from "@atoll/base/clock";
import { nameOf } from "@atoll/machinery/client/client";
import {
  type CacheReader,
  type ControllerDefinition,
  type ReconcileContext,
  defineController,
} from "@atoll/machinery/controller/controller";
import { hasReason } from "@atoll/machinery/object/api-error";
import { withCondition } from "./condition.ts";
import { servedResource } from "./custom-resource-definition-resource.ts";

const FINALIZER = "kubernetes";
/** Pods take their grace to end; looking again sooner than this would only cost. */
const REMAINING_RETRY_MS = 1000;
/** Deletions under way at a time for one namespace. */
const DELETIONS_MAX = 50;

/** `resources`: every namespaced kind that is built in; those of CustomResourceDefinitions come on top. */
export function namespaceDeletion(resources: readonly Resource[]): ControllerDefinition {
  return defineController({
    name: "namespace",
    watches: [{ resource: Namespace }, { resource: CustomResourceDefinition, keysOf: () => [] }],
    owns: ["Namespace.spec.finalizers", "Namespace.status.conditions"],
    async reconcile(key, context) {
      const { client, cache, signal } = context;
      const namespace = cache.of(Namespace).get(key);
      if (!namespace || namespace.metadata.deletionTimestamp === undefined) return;
      if (!namespace.spec.finalizers?.includes(FINALIZER)) return;
      const remaining: string[] = [];
      for (const resource of [...resources, ...customResources(cache)]) {
        const count = await deleteAll(resource, key.name, context);
        if (count > 0) remaining.push(`${qualifiedPlural(resource)} has ${count} resource instances`);
      }
      if (remaining.length > 0) {
        await tell(namespace, remaining, context);
        return { requeueAfterMs: REMAINING_RETRY_MS };
      }
      const fresh = await client.get(Namespace, key, { signal });
      const finalizers = fresh.spec.finalizers?.filter((finalizer) => finalizer !== FINALIZER) ?? [];
      try {
        const emptied = { ...fresh, spec: { ...fresh.spec, finalizers } };
        await client.update(Namespace, emptied, { subresource: "finalize", signal });
      } catch (thrown) {
        if (!hasReason(thrown, "NotFound")) throw thrown;
      }
      return;
    },
  });
}

function customResources(cache: CacheReader): Resource[] {
  return cache
    .of(CustomResourceDefinition)
    .list()
    .flatMap((definition) => servedResource(definition) ?? [])
    .filter(({ scope }) => scope === "Namespaced");
}

/** Asks for the deletion of all, and gives how many are still there. */
async function deleteAll(resource: Resource, namespace: string, { client, signal }: ReconcileContext): Promise<number> {
  const doomed: KubeObject[] = [];
  let next: string | undefined;
  do {
    const page = await client.list(resource, { namespace, limit: 500, ...(next ? { continue: next } : {}), signal });
    doomed.push(...page.items);
    next = page.metadata.continue || undefined;
  } while (next !== undefined);
  const waiting = doomed.filter((object) => object.metadata.deletionTimestamp === undefined);
  for (let start = 0; start < waiting.length; start += DELETIONS_MAX) {
    await Promise.all(
      waiting.slice(start, start + DELETIONS_MAX).map(async (object) => {
        try {
          const { uid = "" } = object.metadata;
          const name = { ...nameOf(object), namespace };
          await client.delete(resource, name, { preconditions: { uid }, propagationPolicy: "Background", signal });
        } catch (thrown) {
          if (!hasReason(thrown, "NotFound") && !hasReason(thrown, "Conflict")) throw thrown;
        }
      }),
    );
  }
  if (doomed.length === 0) return 0;
  const left = await client.list(resource, { namespace, signal });
  return left.items.length;
}

async function tell(namespace: Namespace, remaining: readonly string[], { client, clock, signal }: ReconcileContext) {
  const message = `Some resources are remaining: ${remaining.join(", ")}`;
  const now = formatTime(clock.now());
  const conditions = withCondition(
    namespace.status?.conditions,
    { type: "NamespaceContentRemaining", status: "True", reason: "SomeResourcesRemain", message },
    now,
  );
  if (JSON.stringify(conditions) === JSON.stringify(namespace.status?.conditions)) return;
  const body = { metadata: { uid: namespace.metadata.uid }, status: { conditions } };
  await client.patch(Namespace, nameOf(namespace), { type: "merge", body }, { subresource: "status", signal });
}

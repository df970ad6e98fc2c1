// Deletes the objects of a definition that is being deleted, and lets it go when none is left. It asks the API, not a cache:
// what is overlooked would stay in the store under a name that nobody can say any more.

import { CustomResourceDefinition } from "@atoll/api/apiextensions/custom-resource-definition/kind";
import { CLEANUP_FINALIZER } from "@atoll/api/apiextensions/custom-resource-definition/lifecycle";
import type { Resource } from "@atoll/api/resource";
import { nameOf } from "@atoll/machinery/client/client";
import {
  type ControllerDefinition,
  type ReconcileContext,
  defineController,
} from "@atoll/machinery/controller/controller";
import { hasReason } from "@atoll/machinery/object/api-error";
import { servedResource } from "./custom-resource-definition-resource.ts";

/** Objects may have finalizers of their own; looking again sooner than this would only cost. */
const REMAINING_RETRY_MS = 1000;
const PAGE_LENGTH = 500;
/** Deletions under way at a time for one definition. */
const DELETIONS_MAX = 50;

export const customResourceDefinitionCleanup: ControllerDefinition = defineController({
  name: "custom-resource-definition-cleanup",
  watches: [{ resource: CustomResourceDefinition }],
  owns: ["CustomResourceDefinition.metadata.finalizers"],
  async reconcile(key, context) {
    const { client, cache, signal } = context;
    const definition = cache.of(CustomResourceDefinition).get(key);
    if (definition?.metadata.deletionTimestamp === undefined) return undefined;
    const { finalizers = [] } = definition.metadata;
    if (!finalizers.includes(CLEANUP_FINALIZER)) return undefined;
    const resource = servedResource(definition);
    if (resource && (await deleteAll(resource, context)) > 0) return { requeueAfterMs: REMAINING_RETRY_MS };
    const rest = finalizers.filter((finalizer) => finalizer !== CLEANUP_FINALIZER);
    try {
      await client.update(
        CustomResourceDefinition,
        { ...definition, metadata: { ...definition.metadata, finalizers: rest } },
        { signal },
      );
    } catch (thrown) {
      if (!hasReason(thrown, "NotFound")) throw thrown;
    }
    return undefined;
  },
});

/** Asks for the deletion of all, and gives how many are still there. */
async function deleteAll(resource: Resource, { client, signal }: ReconcileContext): Promise<number> {
  let next: string | undefined;
  do {
    const page = await client.list(resource, { limit: PAGE_LENGTH, ...(next ? { continue: next } : {}), signal });
    const waiting = page.items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    for (let start = 0; start < waiting.length; start += DELETIONS_MAX) {
      await Promise.all(
        waiting.slice(start, start + DELETIONS_MAX).map(async (object) => {
          try {
            await client.delete(resource, nameOf(object), { propagationPolicy: "Background", signal });
          } catch (thrown) {
            if (!hasReason(thrown, "NotFound")) throw thrown;
          }
        }),
      );
    }
    next = page.metadata.continue || undefined;
  } while (next !== undefined);
  const { items } = await client.list(resource, { limit: 1, signal });
  return items.length;
}

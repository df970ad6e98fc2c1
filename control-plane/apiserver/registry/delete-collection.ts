import { hasReason } from "@atoll/machinery/object/api-error";
import { deleteObject } from "./delete-object.ts";
import type { DeleteCall } from "./delete-options.ts";
import type { RegistryEnvironment } from "./environment.ts";
import type { ListResult } from "./list-objects.ts";
import type { ResourceStore } from "./resource-store.ts";
import type { StoredObject } from "./stored-object.ts";

/** Deletions under way at a time: enough to share the store's syncs, few enough to leave room for others. */
const CONCURRENT_DELETIONS = 16;

/** Deletes each object of the list as it was listed. Objects that somebody else removed first count as deleted. */
export async function deleteCollection(
  environment: RegistryEnvironment,
  store: ResourceStore,
  list: ListResult,
  call: DeleteCall,
): Promise<ListResult> {
  const deleted: StoredObject[] = [];
  const waiting = list.items.values();
  const worker = async () => {
    for (const item of waiting) {
      const { name = "", namespace = "", uid } = item.object.metadata;
      const target = { kind: store.kind, namespace, name, subresource: "" };
      // Another object that took the name meanwhile was not in the list.
      const options = { ...call.options, uid: call.options.uid ?? uid };
      try {
        deleted.push((await deleteObject(environment, store, target, { ...call, options })).stored);
      } catch (error) {
        if (!hasReason(error, "NotFound")) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_DELETIONS }, worker));
  return { ...list, items: deleted };
}

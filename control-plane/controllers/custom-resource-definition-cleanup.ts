// Deletes the objects of a definition that is being deleted, and lets it go when none is left. It asks the API, not a cache:
// what is overlooked would stay in the store under a name that nobody can say any more.

import {
  CustomResourceDefinition,
  type CustomResourceDefinition as Definition,
} from "@atoll/api/apiextensions/custom-resource-definition/kind";
import {
  CLEANUP_FINALIZER,
  PENDING_REASON,
  TERMINATING,
} from "@atoll/api/apiextensions/custom-resource-definition/lifecycle";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { toError } from "@atoll/base/errors";
import {
  type ControllerDefinition,
  type ReconcileContext,
  defineController,
} from "@atoll/machinery/controller/controller";
import { hasReason } from "@atoll/machinery/object/api-error";
import { servedResource } from "./custom-resource-definition-resource.ts";
import { writeCondition } from "./custom-resource-definition-status.ts";

/** Objects may have finalizers of their own; looking again sooner than this would only cost. */
const REMAINING_RETRY_MS = 1000;

const IN_PROGRESS = {
  type: TERMINATING,
  status: "True",
  reason: "InstanceDeletionInProgress",
  message: "CustomResource deletion is in progress",
};

export const customResourceDefinitionCleanup: ControllerDefinition = defineController({
  name: "custom-resource-definition-cleanup",
  watches: [{ resource: CustomResourceDefinition }],
  owns: ["CustomResourceDefinition.metadata.finalizers", "CustomResourceDefinition.status.conditions.Terminating"],
  async reconcile(key, context) {
    const found = context.cache.of(CustomResourceDefinition).get(key);
    if (found?.metadata.deletionTimestamp === undefined) return undefined;
    if (!found.metadata.finalizers?.includes(CLEANUP_FINALIZER)) return undefined;
    const resource = servedResource(found);
    const definition = resource && !hasBegun(found) ? await writeCondition(found, IN_PROGRESS, context) : found;
    const outcome = resource ? await deleteAll(resource, context) : NEVER_ESTABLISHED;
    const written = await writeCondition(definition, { type: TERMINATING, ...outcome }, context);
    if (outcome.status === "True") return { requeueAfterMs: REMAINING_RETRY_MS };
    await letGo(written, context);
    return undefined;
  },
});

/** Said once: every word here wakes this controller again. */
function hasBegun({ status }: Definition): boolean {
  const reason = status?.conditions?.find(({ type }) => type === TERMINATING)?.reason;
  return reason !== undefined && reason !== PENDING_REASON;
}

interface Outcome {
  /** True: some are left. */
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

const NEVER_ESTABLISHED: Outcome = {
  status: "False",
  reason: "NeverEstablished",
  message: "resource was never established",
};

const COMPLETED: Outcome = {
  status: "False",
  reason: "InstanceDeletionCompleted",
  message: "removed all instances",
};

/** Asks for the deletion of all, namespace by namespace, and says what is left. */
async function deleteAll(resource: Resource, context: ReconcileContext): Promise<Outcome> {
  const { client, signal } = context;
  const failed = (message: string): Outcome => ({ status: "True", reason: "InstanceDeletionFailed", message });
  let items: readonly KubeObject[];
  try {
    ({ items } = await client.list(resource, { metadataOnly: true, signal }));
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return failed(`could not list instances: ${toError(thrown).message}`);
  }
  const waiting = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const problems: string[] = [];
  for (const namespace of new Set(waiting.map(({ metadata }) => metadata.namespace))) {
    try {
      const place = namespace === undefined ? {} : { namespace };
      await client.deleteCollection(resource, { ...place, propagationPolicy: "Background", signal });
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      problems.push(toError(thrown).message);
    }
  }
  if (problems.length > 0) return failed(`could not issue all deletes: ${problems.join(", ")}`);
  const left = await client.list(resource, { metadataOnly: true, signal });
  if (left.items.length === 0) return COMPLETED;
  return {
    status: "True",
    reason: "InstanceDeletionCheck",
    message: `could not confirm zero CustomResources remaining: ${left.items.length} are still there`,
  };
}

async function letGo(definition: Definition, { client, signal }: ReconcileContext): Promise<void> {
  const finalizers = definition.metadata.finalizers?.filter((finalizer) => finalizer !== CLEANUP_FINALIZER) ?? [];
  const metadata = { ...definition.metadata, finalizers };
  try {
    await client.update(CustomResourceDefinition, { ...definition, metadata }, { signal });
  } catch (thrown) {
    if (!hasReason(thrown, "NotFound")) throw thrown;
  }
}

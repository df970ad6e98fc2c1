// How workload controllers make and delete pods, and what their users are told of it.

import { Pod } from "@atoll/api/core/pod/kind";
import type { PodTemplateSpec } from "@atoll/api/generated/types";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { describeError } from "@atoll/base/errors";
import { nameOf } from "@atoll/machinery/client/client";
import type { ReconcileContext } from "@atoll/machinery/controller/controller";
import { controllerReference } from "@atoll/machinery/controller/ownership-references";
import { hasReason, isNamespaceTerminating } from "@atoll/machinery/object/api-error";

/** Pods made or deleted in one pass; upstream's number. The next pass goes on when the cache has seen them. */
export const BURST_PODS = 500;

/** A pod as the owner's template says, without a name. */
export function podFromTemplate(resource: Resource, owner: KubeObject, template: PodTemplateSpec | undefined): Pod {
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  const { name, namespace } = owner.metadata;
  return {
    metadata: {
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerReference(resource, owner)],
    },
    spec: template?.spec ?? { containers: [] },
  };
}

/** Throws what the API says, after the owner's user has been told. A namespace on its way out is no news. */
export async function createPod(owner: KubeObject, pod: Pod, context: ReconcileContext): Promise<Pod> {
  const { client, events, signal } = context;
  let created: Pod;
  try {
    created = await client.create(Pod, pod, { signal });
  } catch (thrown) {
    if (!isNamespaceTerminating(thrown)) {
      const message = `Error creating: ${describeError(thrown)}`;
      events.record(owner, { type: "Warning", reason: "FailedCreate", message });
    }
    throw thrown;
  }
  const message = `Created pod: ${created.metadata.name}`;
  events.record(owner, { type: "Normal", reason: "SuccessfulCreate", message });
  return created;
}

/** Deletes this very pod. One that is gone already is no failure. */
export async function deletePod(owner: KubeObject, pod: Pod, context: ReconcileContext): Promise<void> {
  const { client, events, signal } = context;
  const { name, uid = "" } = pod.metadata;
  try {
    await client.delete(Pod, nameOf(pod), { preconditions: { uid }, signal });
  } catch (thrown) {
    if (hasReason(thrown, "NotFound")) return;
    const message = `Error deleting: ${describeError(thrown)}`;
    events.record(owner, { type: "Warning", reason: "FailedDelete", message });
    throw thrown;
  }
  events.record(owner, { type: "Normal", reason: "SuccessfulDelete", message: `Deleted pod: ${name}` });
}

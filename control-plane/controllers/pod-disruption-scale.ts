// How many pods the owners of some pods want together: the whole of which a disruption budget's percentage is a part.

import { Deployment } from "@atoll/api/apps/deployment/kind";
import { ReplicaSet } from "@atoll/api/apps/replica-set/kind";
import { StatefulSet } from "@atoll/api/apps/stateful-set/kind";
import type { Pod } from "@atoll/api/core/pod/kind";
import { ReplicationController } from "@atoll/api/core/replication-controller/kind";
import type { OwnerReference } from "@atoll/api/meta/types";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { qualifiedPlural } from "@atoll/api/resource";
import type { CacheReader, ReconcileContext } from "@atoll/machinery/controller/controller";
import { controllerOf, refersTo } from "@atoll/machinery/controller/ownership-references";
import { hasReason } from "@atoll/machinery/object/api-error";

interface Scalable extends KubeObject {
  spec: { replicas?: number };
}

interface OwnerScale {
  readonly uid: string;
  readonly replicas: number;
}

/** Each owner once. Throws when an owner cannot be asked. `unmanaged` are names of pods without an owner. */
export async function expectedScale(
  pods: readonly Pod[],
  context: ReconcileContext,
): Promise<{ readonly scale: number; readonly unmanaged: readonly string[] }> {
  const replicas = new Map<string, number>();
  const asked = new Set<string>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const { name = "", namespace } = pod.metadata;
    const owner = controllerOf(pod);
    if (!owner) unmanaged.push(name);
    if (!owner || asked.has(owner.uid)) continue;
    asked.add(owner.uid);
    const found = scaleInCache(owner, namespace, context.cache) ?? (await scaleOfOther(owner, namespace, context));
    if (!found) throw new Error(`found no controllers for pod ${JSON.stringify(name)}`);
    replicas.set(found.uid, found.replicas);
  }
  return { scale: [...replicas.values()].reduce((sum, count) => sum + count, 0), unmanaged };
}

/** Of the kinds whose objects are at hand; a ReplicaSet of a Deployment is only a part of it. */
function scaleInCache(
  owner: OwnerReference,
  namespace: string | undefined,
  cache: CacheReader,
): OwnerScale | undefined {
  const find = <T extends Scalable>(resource: Resource<T>, { name, uid }: OwnerReference): T | undefined => {
    const object = cache.of(resource).get({ name, namespace });
    return object?.metadata.uid === uid ? object : undefined;
  };
  if (refersTo(owner, ReplicationController)) return scaleOf(find(ReplicationController, owner));
  if (refersTo(owner, StatefulSet)) return scaleOf(find(StatefulSet, owner));
  if (!refersTo(owner, ReplicaSet)) return undefined;
  const set = find(ReplicaSet, owner);
  const root = set && controllerOf(set);
  return root && refersTo(root, Deployment) ? scaleOf(find(Deployment, root)) : scaleOf(set);
}

function scaleOf(object: Scalable | undefined): OwnerScale | undefined {
  return object && { uid: object.metadata.uid ?? "", replicas: object.spec.replicas ?? 1 };
}

/** Of any other kind, through its scale subresource. */
async function scaleOfOther(
  owner: OwnerReference,
  namespace: string | undefined,
  { client, served, signal }: ReconcileContext,
): Promise<OwnerScale | undefined> {
  const { apiVersion, kind, name, uid } = owner;
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  const resource = served.find(group, kind);
  if (!resource)
    throw new Error(`no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`);
  try {
    // The subresource's body is a Scale, whatever its parent is.
    const scale = await client.get(
      resource as Resource as Resource<Scalable>,
      { name, namespace },
      { subresource: "scale", signal },
    );
    return scale.metadata.uid === uid ? scaleOf(scale) : undefined;
  } catch (thrown) {
    if (!hasReason(thrown, "NotFound")) throw thrown;
    // Either there is no such object, or its kind has no scale.
    if (await exists(client.get(resource, { name, namespace }, { signal }))) {
      throw new Error(`${qualifiedPlural(resource)} does not implement the scale subresource`);
    }
    return undefined;
  }
}

async function exists(get: Promise<unknown>): Promise<boolean> {
  try {
    await get;
    return true;
  } catch (thrown) {
    if (hasReason(thrown, "NotFound")) return false;
    throw thrown;
  }
}

// Which objects a selector-based controller has: those that name it as their controller and still match, plus orphans that
// match, which it adopts. What it has but no longer matches it lets go.

import type { LabelSelector } from "@atoll/api/meta/types";
import { matchesLabels, requirementsOf } from "@atoll/api/meta/label-selector";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { type Client, nameOf } from "@atoll/machinery/client/client";
import type { CacheIndex, Lister } from "@atoll/machinery/controller/informer";
import { controllerOf, controllerReference } from "@atoll/machinery/controller/ownership-references";
import { hasReason } from "@atoll/machinery/object/api-error";

/** Objects that no controller manages, by namespace: the only ones an adopter has to look through. */
const unmanaged: CacheIndex<KubeObject> = {
  name: "unmanaged by namespace",
  valuesOf: (object) => (controllerOf(object) ? [] : [object.metadata.namespace ?? ""]),
};

export interface Claim<Owner extends KubeObject, Dependent extends KubeObject> {
  readonly client: Client;
  readonly owner: Owner;
  readonly ownerResource: Resource<Owner>;
  readonly selector: LabelSelector | undefined;
  readonly dependentResource: Resource<Dependent>;
  readonly dependents: Lister<Dependent>;
  readonly isAdoptable: (dependent: Dependent) => boolean;
  /** Held by every dependent: given at adoption, taken at release. */
  readonly finalizer?: string;
  readonly signal: AbortSignal;
}

/** The owner's dependents after adoption and release. */
export async function claimDependents<Owner extends KubeObject, Dependent extends KubeObject>(
  claim: Claim<Owner, Dependent>,
): Promise<Dependent[]> {
  const { owner, selector, dependents } = claim;
  const uid = owner.metadata.uid ?? "";
  // Read once, asked a thousand times.
  const requirements = selector && requirementsOf(selector);
  const isSelected = ({ metadata }: Dependent) =>
    requirements !== undefined && matchesLabels(requirements, metadata.labels);
  const isLeaving = owner.metadata.deletionTimestamp !== undefined;
  const kept: Dependent[] = [];
  for (const dependent of dependents.ownedBy(uid)) {
    if (controllerOf(dependent)?.uid !== uid) continue;
    if (isLeaving || isSelected(dependent)) kept.push(dependent);
    else await release(claim, dependent);
  }
  if (isLeaving) return kept;
  const orphans = dependents
    .indexed(unmanaged, owner.metadata.namespace ?? "")
    .filter((orphan) => orphan.metadata.deletionTimestamp === undefined && claim.isAdoptable(orphan))
    .filter(isSelected);
  if (orphans.length === 0 || !(await ownerStillWants(claim))) return kept;
  for (const orphan of orphans) {
    const adopted = await adopt(claim, orphan);
    if (adopted) kept.push(adopted);
  }
  return kept;
}

/** Asked of the API, not of the cache: an owner deleted meanwhile must not take orphans along. */
async function ownerStillWants<Owner extends KubeObject, Dependent extends KubeObject>({
  client,
  owner,
  ownerResource,
  signal,
}: Claim<Owner, Dependent>): Promise<boolean> {
  const fresh = await client.get(ownerResource, nameOf(owner), { signal });
  return fresh.metadata.uid === owner.metadata.uid && fresh.metadata.deletionTimestamp === undefined;
}

async function adopt<Owner extends KubeObject, Dependent extends KubeObject>(
  claim: Claim<Owner, Dependent>,
  orphan: Dependent,
): Promise<Dependent | undefined> {
  const { ownerReferences = [], finalizers = [] } = orphan.metadata;
  const { finalizer } = claim;
  return patchClaim(claim, orphan, {
    ownerReferences: [...ownerReferences, controllerReference(claim.ownerResource, claim.owner)],
    ...(finalizer === undefined || finalizers.includes(finalizer) ? {} : { finalizers: [...finalizers, finalizer] }),
  });
}

async function release<Owner extends KubeObject, Dependent extends KubeObject>(
  claim: Claim<Owner, Dependent>,
  dependent: Dependent,
): Promise<void> {
  const { ownerReferences = [], finalizers = [] } = dependent.metadata;
  const { finalizer } = claim;
  await patchClaim(claim, dependent, {
    ownerReferences: orNone(ownerReferences.filter(({ uid }) => uid !== claim.owner.metadata.uid)),
    ...(finalizer === undefined ? {} : { finalizers: orNone(finalizers.filter((name) => name !== finalizer)) }),
  });
}

/** As a merge patch removes a list. */
function orNone<Item>(list: readonly Item[]): readonly Item[] | null {
  return list.length > 0 ? list : null;
}

/** With UID and version, so that another object of that name or a newer list of owners is never overwritten. */
async function patchClaim<Owner extends KubeObject, Dependent extends KubeObject>(
  { client, dependentResource, signal }: Claim<Owner, Dependent>,
  dependent: Dependent,
  changed: { readonly ownerReferences: unknown; readonly finalizers?: unknown },
): Promise<Dependent | undefined> {
  const { uid, resourceVersion } = dependent.metadata;
  const body = { metadata: { uid, resourceVersion, ...changed } };
  try {
    return await client.patch(dependentResource, nameOf(dependent), { type: "merge", body }, { signal });
  } catch (thrown) {
    if (hasReason(thrown, "NotFound") || hasReason(thrown, "Invalid")) return undefined;
    throw thrown;
  }
}

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
  { client, owner, ownerResource, dependentResource, signal }: Claim<Owner, Dependent>,
  orphan: Dependent,
): Promise<Dependent | undefined> {
  const ownerReferences = [...(orphan.metadata.ownerReferences ?? []), controllerReference(ownerResource, owner)];
  return patchOwners(client, dependentResource, orphan, ownerReferences, signal);
}

async function release<Owner extends KubeObject, Dependent extends KubeObject>(
  { client, owner, dependentResource, signal }: Claim<Owner, Dependent>,
  dependent: Dependent,
): Promise<void> {
  const rest = dependent.metadata.ownerReferences?.filter(({ uid }) => uid !== owner.metadata.uid) ?? [];
  await patchOwners(client, dependentResource, dependent, rest.length > 0 ? rest : null, signal);
}

/** With UID and version, so that another object of that name or a newer list of owners is never overwritten. */
async function patchOwners<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  object: T,
  ownerReferences: readonly unknown[] | null,
  signal: AbortSignal,
): Promise<T | undefined> {
  const { uid, resourceVersion } = object.metadata;
  const body = { metadata: { uid, resourceVersion, ownerReferences } };
  try {
    return await client.patch(resource, nameOf(object), { type: "merge", body }, { signal });
  } catch (thrown) {
    if (hasReason(thrown, "NotFound") || hasReason(thrown, "Invalid")) return undefined;
    throw thrown;
  }
}

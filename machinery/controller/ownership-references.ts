import type { ObjectMeta, OwnerReference } from "@atoll/api/meta/types";
import { type KubeObject, type Resource, apiVersionOf } from "@atoll/api/resource";

/** The one owner that manages the object, if there is one. */
export function controllerOf(object: { readonly metadata: ObjectMeta }): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** The reference a controller puts on what it makes. */
export function controllerReference(resource: Resource, owner: KubeObject): OwnerReference {
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    name: owner.metadata.name ?? "",
    uid: owner.metadata.uid ?? "",
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** True when `reference` points to an object of this resource's kind, whatever the version it was written with. */
export function refersTo(reference: OwnerReference, resource: Resource): boolean {
  const slash = reference.apiVersion.indexOf("/");
  const group = slash === -1 ? "" : reference.apiVersion.slice(0, slash);
  return reference.kind === resource.kind && group === resource.group;
}

// Who owns whom, over all kinds: what the garbage collector knows. It changes only by `put` and `remove`.

import type { OwnerReference } from "@atoll/api/meta/types";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { refersTo } from "@atoll/machinery/controller/ownership-references";

export const FOREGROUND = "foregroundDeletion";
export const ORPHAN = "orphan";

export interface OwnershipNode {
  readonly resource: Resource;
  /** Metadata alone is enough. */
  readonly object: KubeObject;
}

export class OwnershipGraph {
  readonly #nodes = new Map<string, OwnershipNode>();
  readonly #dependents = new Map<string, Map<string, OwnershipNode>>();

  get(uid: string): OwnershipNode | undefined {
    return this.#nodes.get(uid);
  }

  /** Those that name this UID as an owner's, rightly or not, in no order. */
  dependentsOf(uid: string): readonly OwnershipNode[] {
    const dependents = this.#dependents.get(uid);
    return dependents ? [...dependents.values()] : [];
  }

  /** Whether one of them keeps an owner that waits for its dependents. Nearly always told by the first. */
  hasBlockingDependents(uid: string): boolean {
    const dependents = this.#dependents.get(uid)?.values() ?? [];
    for (const { object } of dependents) if (blocks(object, uid)) return true;
    return false;
  }

  put(node: OwnershipNode): void {
    const { uid = "" } = node.object.metadata;
    this.#detach(uid);
    this.#nodes.set(uid, node);
    for (const { uid: owner } of ownersOf(node.object)) {
      const siblings = this.#dependents.get(owner);
      if (siblings) siblings.set(uid, node);
      else this.#dependents.set(owner, new Map([[uid, node]]));
    }
  }

  /** Those that name it stay its dependents: they are to be looked at again. */
  remove(uid: string): void {
    this.#detach(uid);
    this.#nodes.delete(uid);
  }

  /** For a kind that is no longer served. */
  ofResource(resource: Resource): readonly OwnershipNode[] {
    return [...this.#nodes.values()].filter((node) => node.resource === resource);
  }

  #detach(uid: string): void {
    const known = this.#nodes.get(uid);
    if (!known) return;
    for (const { uid: owner } of ownersOf(known.object)) {
      const siblings = this.#dependents.get(owner);
      siblings?.delete(uid);
      if (siblings?.size === 0) this.#dependents.delete(owner);
    }
  }
}

export function ownersOf({ metadata }: KubeObject): readonly OwnerReference[] {
  return metadata.ownerReferences ?? [];
}

export function blocks(dependent: KubeObject, owner: string): boolean {
  return ownersOf(dependent).some(({ uid, blockOwnerDeletion }) => uid === owner && blockOwnerDeletion === true);
}

/** The collector's own finalizers; "orphan" first, for it must not wait for what it lets go. */
export function finalizerOf({ metadata }: KubeObject): typeof FOREGROUND | typeof ORPHAN | undefined {
  if (metadata.finalizers?.includes(ORPHAN)) return ORPHAN;
  return metadata.finalizers?.includes(FOREGROUND) ? FOREGROUND : undefined;
}

export function awaitsDependents({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(FOREGROUND) ?? false);
}

/** An owner is in its dependent's namespace or in none; in another one it is somebody else's of that UID. */
export function isInReach(owner: KubeObject, dependent: KubeObject): boolean {
  const { namespace } = owner.metadata;
  return namespace === undefined || namespace === dependent.metadata.namespace;
}

/** Whether the reference says of the object what is true of it. */
export function matchesReference({ resource, object }: OwnershipNode, reference: OwnerReference): boolean {
  return refersTo(reference, resource) && object.metadata.name === reference.name;
}

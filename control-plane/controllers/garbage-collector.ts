// Deletes what lost its owners. Works over all kinds at once, which is why it is no ControllerDefinition: its keys carry
// the kind. An owner that the caches do not show is asked for at the API before anything is deleted for its absence.
//
//   background   the owner is gone; its dependents follow
//   foreground   the owner waits, with the finalizer "foregroundDeletion", until those that block it are gone
//   orphan       the owner waits, with the finalizer "orphan", until no dependent names it any more

import type { OwnerReference } from "@atoll/api/meta/types";
import { type KubeObject, type Resource, apiVersionOf } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import { type Client, nameOf } from "@atoll/machinery/client/client";
import type { InformerSet } from "@atoll/machinery/controller/informer-set";
import { cacheKey, parseCacheKey } from "@atoll/machinery/controller/object-cache";
import { refersTo } from "@atoll/machinery/controller/ownership-references";
import type { CacheChange } from "@atoll/machinery/controller/shared-informer";
import { WorkQueue } from "@atoll/machinery/controller/work-queue";
import { hasReason } from "@atoll/machinery/object/api-error";

const FOREGROUND = "foregroundDeletion";
const ORPHAN = "orphan";
/** Upstream's number of workers. */
const WORKERS = 20;

export interface GarbageCollectorOptions {
  readonly client: Client;
  readonly informers: InformerSet;
  readonly clock: Clock;
  readonly log: Logger;
  /** Every kind that may own or be owned. */
  readonly resources: readonly Resource[];
}

type OwnerState = "present" | "absent" | "awaits dependents" | "unknown kind";

export class GarbageCollector {
  readonly #options: GarbageCollectorOptions;
  readonly #log: Logger;
  readonly #queue: WorkQueue;
  readonly #resources = new Map<string, Resource>();
  /** Every object the caches hold, by UID. */
  readonly #objects = new Map<string, KubeObject>();

  /** Registers with the informers; call before they run. */
  constructor(options: GarbageCollectorOptions) {
    this.#options = options;
    this.#log = options.log.with({ component: "garbage-collector" });
    this.#queue = new WorkQueue(options.clock);
    for (const resource of options.resources) {
      const prefix = `${apiVersionOf(resource)} ${resource.kind}`;
      this.#resources.set(prefix, resource);
      options.informers.of(resource).subscribe((change) => this.#onChange(prefix, change));
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#queue[Symbol.dispose]();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await this.#options.informers.whenSynced(signal);
      await Promise.all(Array.from({ length: WORKERS }, () => this.#work(signal)));
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#queue[Symbol.dispose]();
    }
  }

  #onChange(prefix: string, change: CacheChange<KubeObject>): void {
    const { object, type } = change;
    const { uid = "", ownerReferences } = object.metadata;
    if (type === "deleted") {
      this.#objects.delete(uid);
      this.#addDependents(uid);
      // An owner that waits for this one can look again.
      for (const reference of ownerReferences ?? []) this.#addByUid(reference.uid);
      return;
    }
    this.#objects.set(uid, object);
    const hasOwners = (ownerReferences?.length ?? 0) > 0;
    const isLeaving = object.metadata.deletionTimestamp !== undefined;
    const hasNewOwners =
      hasOwners && JSON.stringify(change.old?.metadata.ownerReferences) !== JSON.stringify(ownerReferences);
    if (hasNewOwners || (isLeaving && this.#finalizerOf(object))) this.#queue.add(queueKey(prefix, object));
    // A dependent that no longer names its owner, or no longer blocks it.
    for (const reference of change.old?.metadata.ownerReferences ?? []) if (hasNewOwners) this.#addByUid(reference.uid);
  }

  #addByUid(uid: string): void {
    const object = this.#objects.get(uid);
    if (object) this.#queue.add(queueKey(`${object.apiVersion} ${object.kind}`, object));
  }

  #addDependents(uid: string): void {
    for (const { prefix, object } of this.#dependentsOf(uid)) this.#queue.add(queueKey(prefix, object));
  }

  #dependentsOf(uid: string): { readonly prefix: string; readonly resource: Resource; readonly object: KubeObject }[] {
    return [...this.#resources].flatMap(([prefix, resource]) =>
      this.#options.informers
        .of(resource)
        .lister.ownedBy(uid)
        .map((object) => ({ prefix, resource, object })),
    );
  }

  #finalizerOf(object: KubeObject): typeof FOREGROUND | typeof ORPHAN | undefined {
    return [ORPHAN, FOREGROUND].find((finalizer) => object.metadata.finalizers?.includes(finalizer)) as
      | typeof FOREGROUND // Found in the list of exactly these two.
      | typeof ORPHAN
      | undefined;
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.take(); key !== undefined; key = await this.#queue.take()) {
      try {
        await this.#process(key, signal);
        this.#queue.forget(key);
      } catch (thrown) {
        if (signal.aborted) return;
        const retryAfterMs = this.#queue.addFailed(key);
        if (!hasReason(thrown, "Conflict")) {
          this.#log.error("Collecting failed, trying again", { key, error: toError(thrown), retryAfterMs });
        }
      } finally {
        this.#queue.done(key);
      }
    }
  }

  async #process(key: string, signal: AbortSignal): Promise<void> {
    const separator = key.indexOf("\u0000");
    const resource = this.#resources.get(key.slice(0, separator));
    const object = resource && this.#options.informers.of(resource).lister.get(parseCacheKey(key.slice(separator + 1)));
    if (!object) return;
    if (object.metadata.deletionTimestamp !== undefined) {
      const finalizer = this.#finalizerOf(object);
      if (finalizer === ORPHAN) await this.#orphanDependents(resource, object, signal);
      else if (finalizer === FOREGROUND) await this.#awaitDependents(resource, object, signal);
      return;
    }
    await this.#deleteIfOrphaned(resource, object, signal);
  }

  async #deleteIfOrphaned(resource: Resource, object: KubeObject, signal: AbortSignal): Promise<void> {
    const references = object.metadata.ownerReferences ?? [];
    if (references.length === 0) return;
    const states = await Promise.all(references.map((reference) => this.#stateOf(reference, object, signal)));
    if (states.includes("unknown kind")) return;
    if (states.includes("present")) {
      const kept = references.filter((_, index) => states[index] === "present");
      if (kept.length < references.length) await this.#setOwners(resource, object, kept, signal);
      return;
    }
    const { uid = "" } = object.metadata;
    const dependents = this.#dependentsOf(uid);
    const isForeground = states.includes("awaits dependents") && dependents.length > 0;
    if (isForeground && dependents.some(({ object: dependent }) => awaitsDependents(dependent))) {
      // A dependent of this object that waits itself may wait for this very object, round a circle of owners: one of them
      // must stop blocking its owner, or all wait for ever.
      const owners = references.map((reference) => ({ ...reference, blockOwnerDeletion: false }));
      if (references.some((reference) => reference.blockOwnerDeletion)) {
        await this.#setOwners(resource, object, owners, signal);
      }
    }
    const propagationPolicy = isForeground ? "Foreground" : this.#policyOf(object);
    try {
      await this.#options.client.delete(resource, nameOf(object), {
        preconditions: { uid },
        propagationPolicy,
        signal,
      });
    } catch (thrown) {
      if (!hasReason(thrown, "NotFound")) throw thrown;
    }
  }

  #policyOf(object: KubeObject): "Orphan" | "Foreground" | "Background" {
    const finalizer = this.#finalizerOf(object);
    if (finalizer === ORPHAN) return "Orphan";
    return finalizer === FOREGROUND ? "Foreground" : "Background";
  }

  async #stateOf(reference: OwnerReference, dependent: KubeObject, signal: AbortSignal): Promise<OwnerState> {
    const known = this.#objects.get(reference.uid);
    if (known) return stateOfOwner(known, reference);
    const resource = [...this.#resources.values()].find((candidate) => refersTo(reference, candidate));
    // Deleting for an owner of a kind we do not serve would destroy what its real server looks after.
    if (!resource) return "unknown kind";
    const namespace = resource.scope === "Namespaced" ? dependent.metadata.namespace : undefined;
    if (resource.scope === "Namespaced" && namespace === undefined) return "unknown kind";
    try {
      const owner = await this.#options.client.get(resource, { name: reference.name, namespace }, { signal });
      return owner.metadata.uid === reference.uid ? stateOfOwner(owner, reference) : "absent";
    } catch (thrown) {
      if (hasReason(thrown, "NotFound")) return "absent";
      throw thrown;
    }
  }

  async #awaitDependents(resource: Resource, owner: KubeObject, signal: AbortSignal): Promise<void> {
    const { uid = "" } = owner.metadata;
    const dependents = this.#dependentsOf(uid);
    const isBlocked = dependents.some(({ object }) =>
      object.metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion),
    );
    if (!isBlocked) await this.#removeFinalizer(resource, owner, FOREGROUND, signal);
    // One that waits by itself is on its way, and would only send its owner back here.
    for (const { prefix, object } of dependents) {
      if (!awaitsDependents(object)) this.#queue.add(queueKey(prefix, object));
    }
  }

  async #orphanDependents(resource: Resource, owner: KubeObject, signal: AbortSignal): Promise<void> {
    const { uid = "" } = owner.metadata;
    await Promise.all(
      this.#dependentsOf(uid).map(({ resource: dependentResource, object }) => {
        const kept = object.metadata.ownerReferences?.filter((reference) => reference.uid !== uid) ?? [];
        return this.#setOwners(dependentResource, object, kept, signal);
      }),
    );
    await this.#removeFinalizer(resource, owner, ORPHAN, signal);
  }

  async #setOwners(
    resource: Resource,
    object: KubeObject,
    owners: readonly OwnerReference[],
    signal: AbortSignal,
  ): Promise<void> {
    await this.#patch(resource, object, { ownerReferences: owners.length > 0 ? owners : null }, signal);
  }

  async #removeFinalizer(
    resource: Resource,
    object: KubeObject,
    finalizer: string,
    signal: AbortSignal,
  ): Promise<void> {
    const rest = object.metadata.finalizers?.filter((other) => other !== finalizer) ?? [];
    await this.#patch(resource, object, { finalizers: rest.length > 0 ? rest : null }, signal);
  }

  /** Lists are replaced whole, so the version must be the one they were read at. */
  async #patch(resource: Resource, object: KubeObject, change: object, signal: AbortSignal): Promise<void> {
    const { uid, resourceVersion } = object.metadata;
    const body = { metadata: { uid, resourceVersion, ...change } };
    try {
      await this.#options.client.patch(resource, nameOf(object), { type: "merge", body }, { signal });
    } catch (thrown) {
      if (!hasReason(thrown, "NotFound")) throw thrown;
    }
  }
}

function awaitsDependents({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(FOREGROUND) ?? false);
}

function stateOfOwner(owner: KubeObject, reference: OwnerReference): OwnerState {
  return awaitsDependents(owner) && reference.blockOwnerDeletion ? "awaits dependents" : "present";
}

/** Watch events carry no separator in kind, namespace or name. */
function queueKey(prefix: string, object: KubeObject): string {
  return `${prefix}\u0000${cacheKey(object.metadata)}`;
}

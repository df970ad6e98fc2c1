// Deletes what lost its owners. Works over all kinds that are served, which is why it is no ControllerDefinition: its keys are
// UIDs. An owner that the caches do not show is asked for at the API before anything is deleted for its absence.
//
//   background   the owner is gone; its dependents follow
//   foreground   the owner waits, with the finalizer "foregroundDeletion", until those that block it are gone
//   orphan       the owner waits, with the finalizer "orphan", until no dependent names it any more

import type { OwnerReference } from "@atoll/api/meta/types";
import type { KubeObject, Resource } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import { type Client, type DeleteOptions, nameOf } from "@atoll/machinery/client/client";
import type { EventRecorder } from "@atoll/machinery/controller/event-recorder";
import type { InformerHold, InformerSet } from "@atoll/machinery/controller/informer-set";
import type { ServedKinds } from "@atoll/machinery/controller/served-kinds";
import type { CacheChange } from "@atoll/machinery/controller/shared-informer";
import type { QueueMetrics } from "@atoll/machinery/controller/queue-metrics";
import { WorkQueue } from "@atoll/machinery/controller/work-queue";
import { resourceKey } from "@atoll/machinery/controller/write-guard";
import { hasReason } from "@atoll/machinery/object/api-error";
import { AbsentOwners } from "./garbage-collector-absent-owners.ts";
import {
  FOREGROUND,
  ORPHAN,
  type OwnershipNode,
  OwnershipGraph,
  awaitsDependents,
  blocks,
  finalizerOf,
  isInReach,
  matchesReference,
  ownersOf,
} from "./garbage-collector-graph.ts";

/** As many requests as keep the store's syncs full. */
const WORKERS = 32;
/** A kind that cannot be listed (its conversion webhook is gone, say) must not keep all others from being collected. */
const SYNC_WAIT_MS = 30_000;
const DELETABLE = ["delete", "list", "watch"];

export interface GarbageCollectorOptions {
  readonly client: Client;
  readonly informers: InformerSet;
  readonly served: ServedKinds;
  /** Undefined: nobody counts. */
  readonly queueMetrics?: QueueMetrics | undefined;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
  /** Kinds left alone, by plural and group: many objects that own nothing and are owned by nothing. */
  readonly ignored: readonly Pick<Resource, "group" | "plural">[];
}

type OwnerState = "present" | "absent" | "awaits dependents" | "unknown";

export class GarbageCollector {
  readonly #options: GarbageCollectorOptions;
  readonly #log: Logger;
  readonly #queue: WorkQueue;
  readonly #graph = new OwnershipGraph();
  readonly #absent = new AbsentOwners();
  readonly #followed = new Map<string, { readonly resource: Resource; readonly hold: InformerHold }>();
  /** Objects whose owner is of a kind that is not served: to be looked at when it is. By group and kind. */
  readonly #unresolved = new Map<string, Set<string>>();

  constructor(options: GarbageCollectorOptions) {
    this.#options = options;
    this.#log = options.log.with({ component: "garbage-collector" });
    this.#queue = new WorkQueue(options.clock, options.queueMetrics?.of("garbage_collector"));
    options.served.subscribe(({ type, resource }) => {
      if (type === "withdrawn") this.#leave(resource);
      else if (DELETABLE.every((verb) => resource.verbs.includes(verb)) && !this.#isIgnored(resource)) {
        this.#follow(resource);
      }
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#queue[Symbol.dispose]();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await this.#waitForCaches(signal);
      if (!signal.aborted) await Promise.all(Array.from({ length: WORKERS }, () => this.#work(signal)));
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#queue[Symbol.dispose]();
    }
  }

  /** Until all kinds known at the start are there, or long enough. */
  async #waitForCaches(signal: AbortSignal): Promise<void> {
    const { clock, served } = this.#options;
    const enough = Promise.withResolvers<void>();
    using _timer = clock.setTimer(SYNC_WAIT_MS, enough.resolve);
    const onAbort = () => enough.resolve();
    signal.addEventListener("abort", onAbort, { once: true });
    const synced = served
      .whenKnown()
      .then(() => Promise.all([...this.#followed.values()].map(({ hold }) => hold.informer.whenSynced())));
    await Promise.race([synced, enough.promise]);
    signal.removeEventListener("abort", onAbort);
    const missing = [...this.#followed.values()].filter(({ hold }) => !hold.informer.hasSynced);
    for (const { group, plural } of signal.aborted ? [] : missing.map(({ resource }) => resource)) {
      this.#log.error("Collecting without a kind that cannot be listed", { group, plural });
    }
  }

  #isIgnored({ group, plural }: Resource): boolean {
    return this.#options.ignored.some((other) => other.group === group && other.plural === plural);
  }

  #follow(resource: Resource): void {
    const hold = this.#options.informers.holdMetadata(resource);
    const followed = { resource, hold };
    this.#followed.set(resourceKey(resource), followed);
    hold.informer.subscribe((change) => {
      if (this.#followed.get(resourceKey(resource)) === followed) this.#onChange(resource, change);
    });
    const waiting = kindKey(resource.group, resource.kind);
    for (const uid of this.#unresolved.get(waiting) ?? []) this.#queue.add(uid);
    this.#unresolved.delete(waiting);
  }

  /** Its objects are not known to be deleted; those that name them wait for their kind to come back. */
  #leave(withdrawn: Resource): void {
    const followed = this.#followed.get(resourceKey(withdrawn));
    if (!followed) return;
    this.#followed.delete(resourceKey(withdrawn));
    followed.hold[Symbol.dispose]();
    for (const { object } of this.#graph.ofResource(followed.resource)) {
      const { uid = "" } = object.metadata;
      this.#graph.remove(uid);
      for (const dependent of this.#graph.dependentsOf(uid)) this.#add(dependent);
    }
  }

  #onChange(resource: Resource, { object, old, type }: CacheChange<KubeObject>): void {
    const { uid = "", deletionTimestamp } = object.metadata;
    if (type === "deleted") {
      this.#graph.remove(uid);
      const dependents = this.#graph.dependentsOf(uid);
      if (dependents.length > 0) this.#absent.add(ownerKey(resource, object.metadata));
      for (const dependent of dependents) this.#add(dependent);
      for (const reference of ownersOf(object)) this.#addIfUnblocked(reference.uid);
      return;
    }
    const node = { resource, object };
    this.#graph.put(node);
    const owners = ownersOf(object);
    const hasNewOwners = owners.length > 0 && JSON.stringify(old && ownersOf(old)) !== JSON.stringify(owners);
    if (hasNewOwners || (deletionTimestamp !== undefined && finalizerOf(object))) this.#add(node);
    if (hasNewOwners) this.#reportOwnersOutOfReach(node);
    // A dependent that no longer names its owner, or no longer blocks it.
    for (const reference of old ? ownersOf(old) : []) this.#addIfUnblocked(reference.uid);
  }

  #add({ object }: OwnershipNode): void {
    this.#queue.add(object.metadata.uid ?? "");
  }

  #addIfUnblocked(owner: string): void {
    const node = this.#graph.get(owner);
    if (node && awaitsDependents(node.object) && !this.#graph.hasBlockingDependents(owner)) this.#add(node);
  }

  #reportOwnersOutOfReach({ object }: OwnershipNode): void {
    const { namespace = "" } = object.metadata;
    for (const { apiVersion, kind, name, uid } of ownersOf(object)) {
      const owner = this.#graph.get(uid);
      if (!owner || isInReach(owner.object, object)) continue;
      const reference = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
      this.#options.events.record(object, {
        type: "Warning",
        reason: "OwnerRefInvalidNamespace",
        message: `ownerRef ${reference} does not exist in namespace ${JSON.stringify(namespace)}`,
      });
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let uid = await this.#queue.take(); uid !== undefined; uid = await this.#queue.take()) {
      try {
        const node = this.#graph.get(uid);
        if (node) await this.#process(node, signal);
        this.#queue.forget(uid);
      } catch (thrown) {
        if (signal.aborted) return;
        const retryAfterMs = this.#queue.addFailed(uid);
        if (!hasReason(thrown, "Conflict")) {
          this.#log.error("Collecting failed, trying again", { uid, error: toError(thrown), retryAfterMs });
        }
      } finally {
        this.#queue.done(uid);
      }
    }
  }

  async #process(node: OwnershipNode, signal: AbortSignal): Promise<void> {
    if (node.object.metadata.deletionTimestamp === undefined) return this.#deleteIfOrphaned(node, signal);
    switch (finalizerOf(node.object)) {
      case ORPHAN:
        return this.#orphanDependents(node, signal);
      case FOREGROUND:
        return this.#awaitDependents(node, signal);
      case undefined:
        return undefined;
    }
  }

  async #deleteIfOrphaned(node: OwnershipNode, signal: AbortSignal): Promise<void> {
    const { object } = node;
    const references = ownersOf(object);
    if (references.length === 0) return;
    const states = await Promise.all(references.map((reference) => this.#stateOf(reference, node, signal)));
    if (states.includes("unknown")) return;
    if (states.includes("present")) {
      const kept = references.filter((_, index) => states[index] === "present");
      if (kept.length < references.length) await this.#setOwners(node, kept, signal);
      return;
    }
    const dependents = this.#graph.dependentsOf(object.metadata.uid ?? "");
    const isForeground = states.includes("awaits dependents") && dependents.length > 0;
    if (isForeground && dependents.some((dependent) => awaitsDependents(dependent.object))) {
      // A dependent of this object that waits itself may wait for this very object, round a circle of owners: one of them
      // must stop blocking its owner, or all wait for ever.
      const owners = references.map((reference) => ({ ...reference, blockOwnerDeletion: false }));
      if (references.some((reference) => reference.blockOwnerDeletion)) {
        await this.#setOwners(node, owners, signal);
        await this.#delete(node, "Foreground", { signal });
        return;
      }
    }
    const { resourceVersion } = object.metadata;
    await this.#delete(node, isForeground ? "Foreground" : policyOf(object), { resourceVersion, signal });
  }

  /** Whatever else changed meanwhile: only other owners are a reason not to delete. */
  async #delete(
    { resource, object }: OwnershipNode,
    propagationPolicy: NonNullable<DeleteOptions["propagationPolicy"]>,
    { resourceVersion, signal }: { readonly resourceVersion?: string | undefined; readonly signal: AbortSignal },
  ): Promise<void> {
    const { client } = this.#options;
    const { uid = "" } = object.metadata;
    try {
      const preconditions = resourceVersion === undefined ? { uid } : { uid, resourceVersion };
      await client.delete(resource, nameOf(object), { preconditions, propagationPolicy, signal });
    } catch (thrown) {
      if (hasReason(thrown, "NotFound")) return;
      if (!hasReason(thrown, "Conflict") || resourceVersion === undefined) throw thrown;
      const latest = await this.#find(resource, object, signal);
      if (latest?.metadata.uid !== uid) return;
      if (JSON.stringify(ownersOf(latest)) !== JSON.stringify(ownersOf(object))) throw thrown;
      await this.#delete({ resource, object }, propagationPolicy, { signal });
    }
  }

  /** Undefined: it is gone. */
  async #find(resource: Resource, object: KubeObject, signal: AbortSignal): Promise<KubeObject | undefined> {
    try {
      return await this.#options.client.get(resource, nameOf(object), { signal });
    } catch (thrown) {
      if (hasReason(thrown, "NotFound")) return undefined;
      throw thrown;
    }
  }

  async #stateOf(reference: OwnerReference, node: OwnershipNode, signal: AbortSignal): Promise<OwnerState> {
    const known = this.#graph.get(reference.uid);
    if (known && matchesReference(known, reference) && isInReach(known.object, node.object)) {
      return stateOfOwner(known.object);
    }
    const { group, resource } = this.#resourceOf(reference);
    // Deleting for an owner of a kind that is not served would destroy what its real server looks after.
    if (!resource) {
      const waiting = kindKey(group, reference.kind);
      const uids = this.#unresolved.get(waiting) ?? new Set();
      this.#unresolved.set(waiting, uids.add(node.object.metadata.uid ?? ""));
      return "unknown";
    }
    const namespace = resource.scope === "Namespaced" ? node.object.metadata.namespace : undefined;
    // An object of no namespace cannot have an owner in one: nothing can be said of it.
    if (resource.scope === "Namespaced" && namespace === undefined) return "unknown";
    const key = ownerKey(resource, { ...reference, namespace });
    if (this.#absent.has(key)) return "absent";
    try {
      const owner = await this.#options.client.get(resource, { name: reference.name, namespace }, { signal });
      if (owner.metadata.uid === reference.uid) return stateOfOwner(owner);
    } catch (thrown) {
      if (!hasReason(thrown, "NotFound")) throw thrown;
    }
    this.#absent.add(key);
    return "absent";
  }

  #resourceOf({ apiVersion, kind }: OwnerReference) {
    const slash = apiVersion.indexOf("/");
    const group = slash === -1 ? "" : apiVersion.slice(0, slash);
    return { group, resource: this.#options.served.find(group, kind) };
  }

  async #awaitDependents(owner: OwnershipNode, signal: AbortSignal): Promise<void> {
    const { uid = "" } = owner.object.metadata;
    if (!this.#graph.hasBlockingDependents(uid)) {
      await this.#removeFinalizer(owner, FOREGROUND, signal);
      return;
    }
    // One that waits by itself is on its way, and would only send its owner back here.
    for (const dependent of this.#graph.dependentsOf(uid)) {
      if (blocks(dependent.object, uid) && !awaitsDependents(dependent.object)) this.#add(dependent);
    }
  }

  async #orphanDependents(owner: OwnershipNode, signal: AbortSignal): Promise<void> {
    const { uid = "" } = owner.object.metadata;
    await Promise.all(
      this.#graph.dependentsOf(uid).map((dependent) => {
        const kept = ownersOf(dependent.object).filter((reference) => reference.uid !== uid);
        return this.#setOwners(dependent, kept, signal);
      }),
    );
    await this.#removeFinalizer(owner, ORPHAN, signal);
  }

  async #setOwners(node: OwnershipNode, owners: readonly OwnerReference[], signal: AbortSignal): Promise<void> {
    await this.#patch(node, { ownerReferences: owners.length > 0 ? owners : null }, signal);
  }

  async #removeFinalizer(node: OwnershipNode, finalizer: string, signal: AbortSignal): Promise<void> {
    const rest = node.object.metadata.finalizers?.filter((other) => other !== finalizer) ?? [];
    await this.#patch(node, { finalizers: rest.length > 0 ? rest : null }, signal);
  }

  /** Lists are replaced whole, so the version must be the one they were read at. */
  async #patch({ resource, object }: OwnershipNode, change: object, signal: AbortSignal): Promise<void> {
    const { uid, resourceVersion } = object.metadata;
    const body = { metadata: { uid, resourceVersion, ...change } };
    try {
      await this.#options.client.patch(resource, nameOf(object), { type: "merge", body }, { signal });
    } catch (thrown) {
      if (!hasReason(thrown, "NotFound")) throw thrown;
    }
  }
}

function stateOfOwner(owner: KubeObject): OwnerState {
  return awaitsDependents(owner) ? "awaits dependents" : "present";
}

/** What somebody asked for before is kept. */
function policyOf(object: KubeObject): "Orphan" | "Foreground" | "Background" {
  const finalizer = finalizerOf(object);
  if (finalizer === ORPHAN) return "Orphan";
  return finalizer === FOREGROUND ? "Foreground" : "Background";
}

function kindKey(group: string, kind: string): string {
  return `${group}/${kind}`;
}

function ownerKey(
  { group, plural }: Resource,
  { namespace = "", name = "", uid = "" }: { namespace?: string | undefined; name?: string; uid?: string },
): string {
  return [group, plural, namespace, name, uid].join("\u0000");
}

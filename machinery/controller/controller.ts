// What a controller is: data about what it watches and what it alone may write, and one function that gets a key and makes
// the world fit. The runner (`controller-runner.ts`) owns queues, retries, back-off and the shared informers.

import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import type { KubeObject, Resource } from "@atoll/api/resource";
import type { Client, ObjectName } from "../client/client.ts";
import type { ServedResource } from "../client/discovery.ts";
import type { EventRecorder } from "./event-recorder.ts";
import type { Lister } from "./informer.ts";
import type { ServedKinds } from "./served-kinds.ts";

/** One kind a controller watches, and which of its own keys a change there wakes. */
export interface WatchSource<T extends KubeObject = KubeObject> {
  readonly resource: Resource<T>;
  /** Default: the object itself. Empty: the change concerns nobody. Must be pure and quick; sees the cache through `lister`. */
  readonly keysOf?: (object: T, lister: CacheReader) => readonly ObjectName[];
  /** Only objects that this finds are watched and kept; one name in all namespaces, say. */
  readonly fieldSelector?: string;
  /** Changes wait this long for others of the same key, for a controller whose passes cost much. */
  readonly gatherMs?: number;
}

/**
 * Kinds of any group, for as long as they are served: built in, from a CustomResourceDefinition or from another server. Their
 * objects come as metadata alone (or whole, where some controller keeps them whole anyway).
 */
export interface ServedSource {
  readonly isWanted: (resource: ServedResource) => boolean;
  readonly keysOf: (object: KubeObject, resource: ServedResource, lister: CacheReader) => readonly ObjectName[];
}

/** Reads any watched kind from the shared cache; kinds of a `ServedSource` while they are served. Objects are shared: never change them, copy first. */
export interface CacheReader {
  of<T extends KubeObject>(resource: Resource<T>): Lister<T>;
}

export interface ReconcileContext {
  readonly client: Client;
  readonly cache: CacheReader;
  /** Which kinds the API has now. */
  readonly served: ServedKinds;
  readonly events: EventRecorder;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

export interface ReconcileResult {
  /** Look again after this long, without counting as a failure. */
  readonly requeueAfterMs?: number;
}

export interface ControllerDefinition {
  /** noun-stage, kebab-case, unique. */
  readonly name: string;
  readonly watches: readonly WatchSource<never>[];
  /** Kinds that come and go, beside those. */
  readonly watchesServed?: readonly ServedSource[];
  /** Fields or kinds that this controller alone writes, "Pod.spec.nodeName", "ReplicaSet". Two owners of one are refused. */
  readonly owns: readonly string[];
  /** Keys worked on at a time; the same key never twice at once. */
  readonly concurrency?: number;
  /**
   * Converges the object of `key`, which may no longer exist. Runs again after any change and may run twice for none.
   * Throwing retries with back-off; TerminalError does not retry until the next change.
   */
  reconcile(key: ObjectName, context: ReconcileContext): Promise<ReconcileResult | undefined>;
}

/** The one way to write a controller down; exists for inference. */
export function defineController<const Sources extends readonly unknown[]>(
  definition: Omit<ControllerDefinition, "watches"> & { readonly watches: Sources },
): ControllerDefinition {
  return definition as ControllerDefinition & { watches: Sources };
}

/** A case that retrying cannot mend; the condition on the object already says what to do. */
export class TerminalError extends Error {
  override readonly name = "TerminalError";
}

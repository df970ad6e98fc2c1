// How every part but the API server meets the Kubernetes API. Objects stay parsed JSON, no field is ever dropped or
// reshaped. Makers: `http-client.ts` (TLS, tokens or certificates) and `in-process.ts` (the same requests handed to the
// API server's handler without a socket).

import type { ListMeta, ObjectMeta, WatchEventType } from "@atoll/api/meta/types";
import type { KubeObject, Resource } from "@atoll/api/resource";
import type { Discovery } from "./discovery.ts";

export interface ObjectList<T> {
  readonly metadata: ListMeta;
  readonly items: T[];
}

export interface ListOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan";
  /** True: the objects come with their metadata alone, whatever `T` says. */
  readonly metadataOnly?: boolean;
}

export interface WatchOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly allowWatchBookmarks?: boolean;
  readonly timeoutSeconds?: number;
  /** As in `ListOptions`. */
  readonly metadataOnly?: boolean;
}

export interface WatchEvent<T> {
  readonly type: WatchEventType;
  /** A Status for ERROR. */
  readonly object: T;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: "Orphan" | "Background" | "Foreground";
}

export type PatchType = "json" | "merge" | "strategic" | "apply";

export interface Patch {
  readonly type: PatchType;
  readonly body: unknown;
  readonly fieldManager?: string;
  /** Of an apply: takes what others own. */
  readonly force?: boolean;
}

export interface ObjectName {
  readonly name: string;
  /** Undefined for cluster-scoped kinds. */
  readonly namespace?: string | undefined;
}

export interface CallOptions {
  /** "status", "binding", "scale", …; undefined: the object itself. */
  readonly subresource?: string;
  readonly signal?: AbortSignal;
}

/** Every call throws ApiError for an answer that is not a success, and for a connection that failed (reason Timeout or ServiceUnavailable). */
export interface Client {
  get<T extends KubeObject>(resource: Resource<T>, name: ObjectName, options?: CallOptions): Promise<T>;
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions & CallOptions): Promise<ObjectList<T>>;
  /** Ends when the server ends the watch; throws ApiError "Expired" for a version that is too old. */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions & { readonly signal: AbortSignal },
  ): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options?: CallOptions & Partial<ObjectName>,
  ): Promise<T>;
  update<T extends KubeObject>(resource: Resource<T>, object: T, options?: CallOptions): Promise<T>;
  patch<T extends KubeObject>(resource: Resource<T>, name: ObjectName, patch: Patch, options?: CallOptions): Promise<T>;
  delete<T extends KubeObject>(
    resource: Resource<T>,
    name: ObjectName,
    options?: DeleteOptions & CallOptions,
  ): Promise<void>;
  /** Deletes what the selectors find, of one namespace or of all. What has finalizers is only marked. */
  deleteCollection(
    resource: Resource,
    options?: Pick<ListOptions, "namespace" | "labelSelector" | "fieldSelector"> & DeleteOptions & CallOptions,
  ): Promise<void>;
  /** The kinds served now. A server that answers has been asked, whatever was known before. */
  discover(options?: Pick<CallOptions, "signal">): Promise<Discovery>;
}

/** Name and namespace of an object that has both as its kind asks. */
export function nameOf(object: { readonly metadata: ObjectMeta }): ObjectName {
  return { name: object.metadata.name ?? "", namespace: object.metadata.namespace };
}

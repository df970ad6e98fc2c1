// What a client must know of a kind to reach it. The rest (schema, defaults, validation, columns) is in `kind.ts`.

import type { ObjectMeta } from "./meta/types.ts";

export type Scope = "Namespaced" | "Cluster";

/** Any object of the API; a kind's own type narrows it. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

/** One served resource: where it is and what its objects are. `T` exists for the compiler only. */
export interface Resource<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural, lower case, as in the path. */
  readonly plural: string;
  readonly scope: Scope;
  /** Never set; carries `T`. */
  readonly objectType?: T;
}

/** "v1" or "apps/v1". */
export function apiVersionOf(resource: Pick<Resource, "group" | "version">): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}

/** "pods" or "deployments.apps". */
export function qualifiedPlural(resource: Pick<Resource, "group" | "plural">): string {
  return resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
}

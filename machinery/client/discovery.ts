// Which kinds a server has: read from its two aggregated discovery documents, so that kinds which come with a
// CustomResourceDefinition or another server's API are found the same way as those that are built in.

import type { Resource } from "@atoll/api/resource";

/** What to ask for at "/api" and "/apis". */
export const DISCOVERY_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
export const DISCOVERY_PATHS = ["/api", "/apis"] as const;

export interface ServedResource extends Resource {
  readonly verbs: readonly string[];
  /** "status", "scale", … */
  readonly subresources: readonly string[];
}

export interface Discovery {
  /** Every version of every kind; of a group's versions the preferred one first. */
  readonly resources: readonly ServedResource[];
  /** Group versions that are there but whose server could not be asked, with the reason. Their kinds may be missing above. */
  readonly failures: ReadonlyMap<string, string>;
}

/** The documents' parts that are read. */
export interface ApiGroupDiscoveryList {
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly freshness?: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind?: { readonly kind?: string };
        readonly scope?: string;
        readonly verbs?: readonly string[];
        readonly subresources?: readonly { readonly subresource: string }[];
      }[];
    }[];
  }[];
}

export function readDiscovery(documents: readonly ApiGroupDiscoveryList[]): Discovery {
  const resources: ServedResource[] = [];
  const failures = new Map<string, string>();
  for (const { metadata, versions = [] } of documents.flatMap(({ items = [] }) => items)) {
    const group = metadata?.name ?? "";
    for (const { version, freshness, resources: found = [] } of versions) {
      const groupVersion = group === "" ? version : `${group}/${version}`;
      if (freshness === "Stale") failures.set(groupVersion, `stale GroupVersion discovery: ${groupVersion}`);
      for (const { resource, responseKind, scope, verbs = [], subresources = [] } of found) {
        resources.push({
          group,
          version,
          kind: responseKind?.kind ?? "",
          plural: resource,
          scope: scope === "Namespaced" ? "Namespaced" : "Cluster",
          verbs,
          subresources: subresources.map(({ subresource }) => subresource),
        });
      }
    }
  }
  return { resources, failures };
}

/** Each kind once: in the first version, in the server's order, that has all of these verbs. */
export function preferredResources(
  resources: readonly ServedResource[],
  verbs: readonly string[] = [],
): ServedResource[] {
  const found = new Map<string, ServedResource>();
  for (const resource of resources) {
    const name = `${resource.group}/${resource.plural}`;
    if (!found.has(name) && verbs.every((verb) => resource.verbs.includes(verb))) found.set(name, resource);
  }
  return [...found.values()];
}

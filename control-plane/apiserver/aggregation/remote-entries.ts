// What other servers have, in the form of discovery's own entries.

import type { DiscoveryEntry } from "../discovery/discovery.ts";
import type { RemoteApi, RemoteApiServices } from "./remote-api-services.ts";

/** Of all servers that are there. */
export function remoteEntries(remote: RemoteApiServices): readonly DiscoveryEntry[] {
  return remote
    .all()
    .filter(({ isAvailable }) => isAvailable)
    .toSorted((a, b) => b.groupPriority - a.groupPriority || b.versionPriority - a.versionPriority)
    .flatMap((api) => entriesOf(api, remote));
}

function entriesOf(api: RemoteApi, remote: RemoteApiServices): DiscoveryEntry[] {
  const resources = remote.resourcesOf(api);
  const { group, version } = api;
  return resources
    .filter(({ name }) => !name.includes("/"))
    .map(({ name, kind, singularName, namespaced, verbs, shortNames = [], categories = [] }) => ({
      ...{ group, version, kind, plural: name, singular: singularName ?? "", verbs, shortNames, categories },
      scope: namespaced ? ("Namespaced" as const) : ("Cluster" as const),
      subresources: resources
        .filter((other) => other.name.startsWith(`${name}/`))
        .map((other) => ({
          name: other.name.slice(name.length + 1),
          verbs: other.verbs,
          kind: other.kind,
          ...(other.group === undefined ? {} : { group: other.group }),
          ...(other.version === undefined ? {} : { version: other.version }),
        })),
    }));
}

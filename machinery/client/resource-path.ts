import type { Resource } from "@atoll/api/resource";
import type { ObjectName } from "./client.ts";

/** "/api/v1/namespaces/default/pods" or "/apis/apps/v1/deployments" (all namespaces). */
export function collectionPath(resource: Resource, namespace: string | undefined): string {
  const root = resource.group === "" ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  return resource.scope === "Namespaced" && namespace !== undefined && namespace !== ""
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${resource.plural}`
    : `${root}/${resource.plural}`;
}

/** Path of one object or of one of its subresources. */
export function objectPath(resource: Resource, name: ObjectName, subresource?: string): string {
  if (name.name === "") throw new TypeError(`A ${resource.kind} without a name has no path`);
  if (resource.scope === "Namespaced" && !name.namespace) {
    throw new TypeError(`The ${resource.kind} ${JSON.stringify(name.name)} needs a namespace`);
  }
  const path = `${collectionPath(resource, name.namespace)}/${encodeURIComponent(name.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** "?limit=500&watch=true"; undefined values are left out. */
export function queryString(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

import type { CustomResourceDefinition } from "@atoll/api/apiextensions/custom-resource-definition/kind";
import { hasCondition } from "@atoll/api/apiextensions/custom-resource-definition/lifecycle";
import type { Resource } from "@atoll/api/resource";

/** Where a client finds the objects: any version shows all of them. Undefined: none is served, so nobody can name any. */
export function servedResource(definition: CustomResourceDefinition): Resource | undefined {
  const { spec } = definition;
  const version = spec.versions.find(({ served }) => served);
  if (!version || !hasCondition(definition, "Established")) return undefined;
  return {
    group: spec.group,
    version: version.name,
    kind: spec.names.kind,
    plural: spec.names.plural,
    scope: spec.scope === "Cluster" ? "Cluster" : "Namespaced",
  };
}

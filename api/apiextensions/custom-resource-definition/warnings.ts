import type { CustomResourceDefinition, JSONSchemaProps } from "../../generated/types.ts";
import { childSchemas } from "./schema-children.ts";

/** What the author of a definition should know although it is taken. */
export function definitionWarnings({ spec }: CustomResourceDefinition): string[] {
  return (spec.versions ?? []).flatMap(({ schema }, index) => {
    const root = schema?.openAPIV3Schema;
    if (!root || !hasRules(root)) return [];
    return [
      `spec.versions[${index}].schema.openAPIV3Schema: x-kubernetes-validations are kept but not evaluated by this server`,
    ];
  });
}

function hasRules(schema: JSONSchemaProps): boolean {
  if ((schema["x-kubernetes-validations"]?.length ?? 0) > 0) return true;
  return childSchemas(schema).some(([, child]) => hasRules(child));
}

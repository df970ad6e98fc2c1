import type { CustomResourceDefinition } from "../../generated/types.ts";
import { applyServiceReferenceDefaults } from "../../meta/webhook-client.ts";

export function applyDefinitionDefaults(definition: CustomResourceDefinition): void {
  definition.spec ??= { group: "", names: { kind: "", plural: "" }, scope: "", versions: [] };
  const { spec, status } = definition;
  spec.names ??= { kind: "", plural: "" };
  const { names } = spec;
  names.singular ||= (names.kind ?? "").toLowerCase();
  if (names.kind) names.listKind ||= `${names.kind}List`;
  spec.conversion ??= { strategy: "None" };
  applyServiceReferenceDefaults(spec.conversion.webhook?.clientConfig?.service);
  if (status && !status.storedVersions) status.storedVersions = [];
}

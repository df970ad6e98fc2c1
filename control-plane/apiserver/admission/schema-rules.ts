// Refuses a CustomResourceDefinition whose rules make no sense or could cost too much. It stands here, for reading expressions
// is more than the kind's own checks may know.

import { CustomResourceDefinition } from "@atoll/api/apiextensions/custom-resource-definition/kind";
import { checkRules } from "@atoll/machinery/cel/schema/definition-rules";
import type { StructuralSchema } from "@atoll/machinery/object/structural-schema/structural-schema";
import { isDeepEqual } from "../registry/deep-equal.ts";
import { throwIfInvalid } from "../registry/field-errors.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionStep } from "./admission.ts";

export function schemaRules(resources: ResourceTable): AdmissionStep {
  const { kind } = resources.of(CustomResourceDefinition);
  return {
    name: "SchemaRules",
    validate(request) {
      if (request.kind !== kind || request.subresource !== "" || !request.object) return;
      const { spec } = request.object as CustomResourceDefinition; // the kind is CustomResourceDefinition
      const old = request.oldObject as CustomResourceDefinition | undefined; // likewise
      const errors = spec.versions.flatMap(({ name, schema }, index) => {
        const before = old?.spec.versions.find((version) => version.name === name)?.schema;
        // What was good once is not looked at again: limits may have become tighter since.
        if (before && isDeepEqual(before, schema)) return [];
        const root = (schema?.openAPIV3Schema ?? {}) as StructuralSchema; // validation has let structural schemas in alone
        return checkRules(root, `spec.versions[${index}].schema.openAPIV3Schema`);
      });
      throwIfInvalid(kind, request.name, errors);
    },
  };
}

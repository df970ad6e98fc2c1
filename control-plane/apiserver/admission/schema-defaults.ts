// Refuses a CustomResourceDefinition whose defaults its own schemas would refuse: such a default would make every object that
// it fills in wrong. It stands here, for checking values against schemas is more than the kind's own checks may know.

import { CustomResourceDefinition } from "@atoll/api/apiextensions/custom-resource-definition/kind";
import type { FieldError } from "@atoll/api/kind";
import { invalidValue } from "@atoll/api/meta/field-error";
import { applySchemaDefaults } from "@atoll/machinery/object/structural-schema/defaults";
import { pruneValue } from "@atoll/machinery/object/structural-schema/prune";
import type { StructuralSchema } from "@atoll/machinery/object/structural-schema/structural-schema";
import { validateValue } from "@atoll/machinery/object/structural-schema/validate";
import { throwIfInvalid } from "../registry/field-errors.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionStep } from "./admission.ts";

export function schemaDefaults(resources: ResourceTable): AdmissionStep {
  const { kind } = resources.of(CustomResourceDefinition);
  return {
    name: "SchemaDefaults",
    validate(request) {
      if (request.kind !== kind || request.subresource !== "" || !request.object) return;
      const { spec } = request.object as CustomResourceDefinition; // the kind is CustomResourceDefinition
      const errors = spec.versions.flatMap(({ schema }, index) => {
        const root = (schema?.openAPIV3Schema ?? {}) as StructuralSchema; // validation has let structural schemas in alone
        return checkDefaults(root, `spec.versions[${index}].schema.openAPIV3Schema`);
      });
      throwIfInvalid(kind, request.name, errors);
    },
  };
}

function checkDefaults(schema: StructuralSchema, path: string): FieldError[] {
  const { properties = {}, items, additionalProperties } = schema;
  const errors = Object.entries(properties).flatMap(([name, child]) =>
    checkDefaults(child, `${path}.properties[${name}]`),
  );
  if (items) errors.push(...checkDefaults(items, `${path}.items`));
  if (typeof additionalProperties === "object") {
    errors.push(...checkDefaults(additionalProperties, `${path}.additionalProperties`));
  }
  if (schema.default === undefined) return errors;
  const value = structuredClone(schema.default);
  if (pruneValue(value, schema).length > 0) {
    return [...errors, invalidValue(`${path}.default`, schema.default, "must not have unknown fields")];
  }
  applySchemaDefaults(value, schema);
  const faults = validateValue(value, schema, `${path}.default`);
  return [...errors, ...faults.map((fault) => (fault.field === "" ? { ...fault, field: `${path}.default` } : fault))];
}

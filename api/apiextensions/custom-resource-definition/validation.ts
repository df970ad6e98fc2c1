// What a definition must be to be served. Whether its names collide with another's is not decided here: it is taken, and its
// conditions say so.

import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, notSupported, required, unchanged } from "../../meta/field-error.ts";
import { checkDns1035Label, checkDns1123Subdomain } from "../../meta/names.ts";
import { validateConversion } from "./conversion-validation.ts";
import { APPROVAL_ANNOTATION, approvalOf } from "./approval.ts";
import { hasCondition } from "./lifecycle.ts";
import { validateSchema } from "./schema-validation.ts";

const COLUMN_TYPES = ["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];
/** As upstream: a schema beyond this could not be stored anyway. */
const SELECTABLE_FIELDS_MAX = 8;
const DEPRECATION_WARNING_LENGTH_MAX = 256;

export function validateDefinition(definition: CustomResourceDefinition): FieldError[] {
  return [...validateWhole(definition), ...validateApproval(definition, undefined)];
}

/** An approval that is as good as before is not asked for again. */
function validateApproval({ spec, metadata }: CustomResourceDefinition, old: CustomResourceDefinition | undefined) {
  const approval = approvalOf(spec.group ?? "", metadata.annotations);
  if (!approval || (old && approvalOf(old.spec.group, old.metadata.annotations)?.state === approval.state)) return [];
  const field = `metadata.annotations[${APPROVAL_ANNOTATION}]`;
  if (approval.state === "missing") return [required(field, approval.message)];
  if (approval.state !== "invalid") return [];
  return [invalidValue(field, metadata.annotations?.[APPROVAL_ANNOTATION], approval.message)];
}

function validateWhole(definition: CustomResourceDefinition): FieldError[] {
  const { metadata, spec } = definition;
  const errors = validateSpec(definition);
  const expected = `${spec.names?.plural ?? ""}.${spec.group ?? ""}`;
  if (metadata.name !== expected) {
    errors.push(invalidValue("metadata.name", metadata.name ?? "", 'must be spec.names.plural+"."+spec.group'));
  }
  return errors;
}

export function validateDefinitionUpdate(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
): FieldError[] {
  const { spec } = definition;
  const errors = [
    ...validateWhole(definition),
    ...validateApproval(definition, old),
    ...validateStoredVersions(definition),
  ];
  if (!hasCondition(old, "Established")) return errors;
  return [
    ...errors,
    ...unchanged("spec.group", spec.group, old.spec.group),
    ...unchanged("spec.scope", spec.scope, old.spec.scope),
    ...unchanged("spec.names.kind", spec.names.kind, old.spec.names.kind),
    ...unchanged("spec.names.plural", spec.names.plural, old.spec.names.plural),
  ];
}

export function validateDefinitionStatus(definition: CustomResourceDefinition): FieldError[] {
  return validateStoredVersions(definition);
}

function validateStoredVersions({ spec, status }: CustomResourceDefinition): FieldError[] {
  const stored = status?.storedVersions ?? [];
  const errors = stored.flatMap((version, index) =>
    spec.versions.some(({ name }) => name === version)
      ? []
      : [
          invalidValue(
            `status.storedVersions[${index}]`,
            version,
            "missing from spec.versions; must appear in spec.versions",
          ),
        ],
  );
  const storage = spec.versions.find((version) => version.storage)?.name;
  if (storage !== undefined && !stored.includes(storage)) {
    errors.push(invalidValue("status.storedVersions", stored, `must have the storage version ${storage}`));
  }
  return errors;
}

function validateSpec({ spec }: CustomResourceDefinition): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec.group) errors.push(required("spec.group"));
  else {
    errors.push(...checkDns1123Subdomain(spec.group).map((why) => invalidValue("spec.group", spec.group, why)));
    if (!spec.group.includes(".")) {
      errors.push(invalidValue("spec.group", spec.group, "should be a domain with at least one dot"));
    }
  }
  if (!spec.scope) errors.push(required("spec.scope"));
  else if (spec.scope !== "Cluster" && spec.scope !== "Namespaced") {
    errors.push(notSupported("spec.scope", spec.scope, ["Cluster", "Namespaced"]));
  }
  if (spec.preserveUnknownFields) {
    const why = "must be false in order to use defaults in the schema, and for all schemas of this API version";
    errors.push(invalidValue("spec.preserveUnknownFields", true, why));
  }
  return [
    ...errors,
    ...validateNames(spec.names, "spec.names"),
    ...validateVersions(spec.versions ?? []),
    ...validateConversion(spec.conversion),
  ];
}

function validateNames(names: CustomResourceDefinitionNames, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const label = (field: string, value: string) => {
    errors.push(...checkDns1035Label(value).map((why) => invalidValue(`${path}.${field}`, value, why)));
  };
  const mixedCase = (field: string, value: string) => {
    const text = "may have mixed case, but should otherwise match: ";
    errors.push(
      ...checkDns1035Label(value.toLowerCase()).map((why) => invalidValue(`${path}.${field}`, value, text + why)),
    );
  };
  if (names.plural) label("plural", names.plural);
  else errors.push(required(`${path}.plural`));
  if (names.singular) label("singular", names.singular);
  if (names.kind) mixedCase("kind", names.kind);
  else errors.push(required(`${path}.kind`));
  if (names.listKind) mixedCase("listKind", names.listKind);
  for (const [index, name] of (names.shortNames ?? []).entries()) label(`shortNames[${index}]`, name);
  for (const [index, name] of (names.categories ?? []).entries()) label(`categories[${index}]`, name);
  if (names.listKind && names.listKind === names.kind) {
    errors.push(invalidValue(`${path}.listKind`, names.listKind, "kind and listKind may not be the same"));
  }
  return errors;
}

function validateVersions(versions: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  const errors = versions.flatMap((version, index) => validateVersion(version, `spec.versions[${index}]`));
  const names = new Set(versions.map(({ name }) => name));
  if (names.size !== versions.length) {
    errors.push(invalidValue("spec.versions", shown(versions), "must contain unique version names"));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    errors.push(
      invalidValue("spec.versions", shown(versions), "must have exactly one version marked as storage version"),
    );
  }
  return errors;
}

/** Enough to see what is wrong; whole schemas would bury it. */
function shown(versions: readonly CustomResourceDefinitionVersion[]): unknown {
  return versions.map(({ name, served, storage }) => ({ name, served, storage }));
}

function validateVersion(version: CustomResourceDefinitionVersion, path: string): FieldError[] {
  const errors = checkDns1035Label(version.name ?? "").map((why) =>
    invalidValue(`${path}.name`, version.name ?? "", why),
  );
  const schema = version.schema?.openAPIV3Schema;
  if (schema) errors.push(...validateSchema(schema, `${path}.schema.openAPIV3Schema`));
  else errors.push(required(`${path}.schema.openAPIV3Schema`, "schemas are required"));
  errors.push(
    ...validateColumns(version, path),
    ...validateScale(version, path),
    ...validateSelectableFields(version, path),
  );
  const warning = version.deprecationWarning;
  if (warning !== undefined && !version.deprecated) {
    errors.push(invalidValue(`${path}.deprecationWarning`, warning, "can only be set for deprecated versions"));
  }
  if (warning !== undefined && warning.length > DEPRECATION_WARNING_LENGTH_MAX) {
    errors.push(
      invalidValue(
        `${path}.deprecationWarning`,
        warning,
        `must be <= ${DEPRECATION_WARNING_LENGTH_MAX} characters long`,
      ),
    );
  }
  return errors;
}

function validateColumns(
  { additionalPrinterColumns = [] }: CustomResourceDefinitionVersion,
  path: string,
): FieldError[] {
  return additionalPrinterColumns.flatMap((column, index) => {
    const place = `${path}.additionalPrinterColumns[${index}]`;
    const errors: FieldError[] = [];
    if (!column.name) errors.push(required(`${place}.name`));
    if (!column.type) errors.push(required(`${place}.type`));
    else if (!COLUMN_TYPES.includes(column.type)) errors.push(notSupported(`${place}.type`, column.type, COLUMN_TYPES));
    if (column.format && !COLUMN_FORMATS.includes(column.format)) {
      errors.push(notSupported(`${place}.format`, column.format, COLUMN_FORMATS));
    }
    if (!column.jsonPath) errors.push(required(`${place}.jsonPath`));
    else if (!column.jsonPath.startsWith(".") && !column.jsonPath.startsWith("[")) {
      const why = "must be a simple json path starting with .";
      errors.push(invalidValue(`${place}.jsonPath`, column.jsonPath, why));
    }
    return errors;
  });
}

function validateScale({ subresources }: CustomResourceDefinitionVersion, path: string): FieldError[] {
  const scale = subresources?.scale;
  if (!scale) return [];
  const errors: FieldError[] = [];
  const check = (field: "specReplicasPath" | "statusReplicasPath" | "labelSelectorPath", roots: readonly string[]) => {
    const value = scale[field];
    const place = `${path}.subresources.scale.${field}`;
    if (!value) {
      if (field !== "labelSelectorPath") errors.push(required(place));
    } else if (!roots.some((root) => value.startsWith(`${root}.`)) || value.includes("[")) {
      errors.push(invalidValue(place, value, `should be a json path under ${roots.join(" or ")}`));
    }
  };
  check("specReplicasPath", [".spec"]);
  check("statusReplicasPath", [".status"]);
  check("labelSelectorPath", [".spec", ".status"]);
  return errors;
}

function validateSelectableFields(
  { selectableFields = [] }: CustomResourceDefinitionVersion,
  path: string,
): FieldError[] {
  const place = `${path}.selectableFields`;
  const errors = selectableFields.flatMap(({ jsonPath }, index) => {
    if (!jsonPath) return [required(`${place}[${index}].jsonPath`)];
    const isField = /^(\.[A-Za-z_][-\w]*)+$/.test(jsonPath) && !jsonPath.startsWith(".metadata.");
    return isField
      ? []
      : [
          invalidValue(
            `${place}[${index}].jsonPath`,
            jsonPath,
            "is an invalid path: must be a field path outside of metadata",
          ),
        ];
  });
  if (selectableFields.length > SELECTABLE_FIELDS_MAX) {
    errors.push({
      type: "FieldValueTooMany",
      field: place,
      message: `Too many: ${selectableFields.length}: must have at most ${SELECTABLE_FIELDS_MAX} items`,
    });
  }
  return errors;
}

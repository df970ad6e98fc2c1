// What a version says beside its schema: how it is shown, scaled and selected, and that it will go.

import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresourceScale,
  JSONSchemaProps,
  SelectableField,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, invalidValue, required, tooMany } from "../../meta/field-error.ts";
import { utf8Length } from "../../meta/object-meta.ts";
import { asSchema, propertyOf } from "./schema-children.ts";
import { unstructuredText } from "./structural-validation.ts";

const COLUMN_TYPES = ["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];
/** As upstream: each of them is read from every object that a list looks at. */
const SELECTABLE_FIELDS_MAX = 8;
const DEPRECATION_WARNING_BYTES_MAX = 256;

export function validateDeprecation(
  { deprecated, deprecationWarning: warning }: CustomResourceDefinitionVersion,
  path: string,
): FieldError[] {
  if (warning === undefined) return [];
  const invalid = (why: string) => invalidValue(`${path}.deprecationWarning`, warning, why);
  if (!deprecated) return [invalid("can only be set for deprecated versions")];
  const errors: FieldError[] = [];
  if (utf8Length(warning) > DEPRECATION_WARNING_BYTES_MAX) {
    errors.push(invalid(`must be <= ${DEPRECATION_WARNING_BYTES_MAX} characters long`));
  }
  if (warning === "") errors.push(invalid("must not be an empty string"));
  const unprintable = [...warning].findIndex((character) => !/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character));
  if (unprintable >= 0) {
    const index = utf8Length([...warning].slice(0, unprintable).join(""));
    const why = "must only contain printable UTF-8 characters; non-printable character found at index";
    errors.push(invalid(`${why} ${index}`));
  }
  return errors;
}

export function validateColumns(
  columns: readonly CustomResourceColumnDefinition[] | undefined,
  path: string,
): FieldError[] {
  return (columns ?? []).flatMap(({ name, type, format, jsonPath }, index) => {
    const place = `${path}[${index}]`;
    const types = `must be one of ${COLUMN_TYPES.join(",")}`;
    const errors: FieldError[] = name ? [] : [required(`${place}.name`)];
    if (!type) errors.push(required(`${place}.type`, types));
    else if (!COLUMN_TYPES.includes(type)) errors.push(invalidValue(`${place}.type`, type, types));
    if (format && !COLUMN_FORMATS.includes(format)) {
      errors.push(invalidValue(`${place}.format`, format, `must be one of ${COLUMN_FORMATS.join(",")}`));
    }
    if (!jsonPath) return [...errors, required(`${place}.JSONPath`)];
    return [...errors, ...validateSimplePath(jsonPath, `${place}.JSONPath`)];
  });
}

function validateSimplePath(jsonPath: string, path: string): FieldError[] {
  return jsonPath.startsWith(".") ? [] : [invalidValue(path, jsonPath, "must be a simple json path starting with .")];
}

export function validateScale(scale: CustomResourceSubresourceScale | undefined, path: string): FieldError[] {
  if (!scale) return [];
  const check = (
    field: "specReplicasPath" | "statusReplicasPath" | "labelSelectorPath",
    roots: readonly string[],
    why: string,
  ): FieldError[] => {
    const value = scale[field];
    const place = `${path}.${field}`;
    if (!value) return field === "labelSelectorPath" ? [] : [required(place)];
    const faults = validateSimplePath(value, place);
    if (faults.length > 0 || roots.some((root) => value.startsWith(root))) return faults;
    return [invalidValue(place, value, `should be a json path under ${why}`)];
  };
  return [
    ...check("specReplicasPath", [".spec."], ".spec"),
    ...check("statusReplicasPath", [".status."], ".status"),
    ...check("labelSelectorPath", [".spec.", ".status."], "either .spec or .status"),
  ];
}

export function validateSelectableFields(
  fields: readonly SelectableField[] | undefined,
  path: string,
  { schema, isShared }: { readonly schema: CustomResourceDefinitionVersion["schema"]; readonly isShared: boolean },
): FieldError[] {
  if (!fields || fields.length === 0) return [];
  const root = schema?.openAPIV3Schema;
  if (!root) {
    const why = isShared
      ? "may only be set when validations.schema is included"
      : "may only be set when `version.schema.openAPIV3Schema` is not included";
    return [invalidValue(path, "", why)];
  }
  const text = unstructuredText(root);
  const schemaPath = path.replace(/selectableFields$/, "schema.openAPIV3Schema");
  const unread = text === undefined ? [] : [invalidValue(schemaPath, "", text)];
  const seen = new Set<string>();
  const faulty = fields.flatMap(({ jsonPath }, index) => {
    const place = `${path}[${index}].jsonPath`;
    if (!jsonPath) return [required(place)];
    const found = followPath(root, jsonPath);
    if ("error" in found) return [invalidValue(place, jsonPath, `is an invalid path: ${found.error}`)];
    const faults: FieldError[] = [];
    if (/^\.metadata(\.|$)/.test(jsonPath)) {
      faults.push(invalidValue(place, jsonPath, "must not point to fields in metadata"));
    }
    if (!["string", "boolean", "integer"].includes(found.schema.type ?? "")) {
      const why =
        "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.";
      faults.push(invalidValue(place, jsonPath, why));
    }
    if (seen.has(found.path)) faults.push(duplicate(place, jsonPath));
    seen.add(found.path);
    return faults;
  });
  const errors = [...unread, ...faulty];
  return seen.size > SELECTABLE_FIELDS_MAX ? [...errors, tooMany(path, seen.size, SELECTABLE_FIELDS_MAX)] : errors;
}

type Found = { readonly schema: JSONSchemaProps; readonly path: string } | { readonly error: string };

/** Upstream's words for a path that leads nowhere. */
function followPath(root: JSONSchemaProps, jsonPath: string): Found {
  let schema = root;
  const steps: string[] = [];
  let rest = jsonPath;
  while (rest !== "") {
    if (rest.startsWith("[")) return { error: "array notation is not allowed" };
    if (!rest.startsWith(".")) return { error: `expected [ or . but got: ${/^[^.[\]]*/.exec(rest)?.[0] || rest[0]}` };
    rest = rest.slice(1);
    if (rest === "") return { error: "unexpected end of JSON path" };
    const name = /^[^.[\]]+/.exec(rest)?.[0] ?? rest.slice(0, 1);
    rest = rest.slice(name.length);
    const next = schema.properties ? propertyOf(schema, name) : asSchema(schema.additionalProperties);
    if (!next) return { error: "does not refer to a valid field" };
    schema = next;
    steps.push(name);
  }
  return { schema, path: steps.join(".") };
}

// What a definition must be to be served. Whether its names collide with another's is not decided here: it is taken, and its
// conditions say so. The order is upstream's.

import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
} from "../../generated/types.ts";
import type { FaultsAt, FieldError } from "../../kind.ts";
import { invalidValue, isEqualJson, NO_FAULTS, notSupported, required, unchanged } from "../../meta/field-error.ts";
import { checkDns1035Label, checkDns1123Subdomain } from "../../meta/names.ts";
import { validateConversion } from "./conversion-validation.ts";
import { APPROVAL_ANNOTATION, approvalOf } from "./approval.ts";
import { placesOf } from "./hub-form.ts";
import { hasCondition } from "./lifecycle.ts";
import { validateSchema } from "./schema-validation.ts";
import { validateColumns, validateDeprecation, validateScale, validateSelectableFields } from "./version-validation.ts";

export function validateDefinition(definition: CustomResourceDefinition, faultsAt: FaultsAt = NO_FAULTS): FieldError[] {
  const { metadata, spec } = definition;
  const name = `${spec.names?.plural ?? ""}.${spec.group ?? ""}`;
  const isOther = (text: string | undefined) => text !== undefined && text !== "" && text !== name;
  const why = 'must be spec.names.plural+"."+spec.group';
  return [
    ...(["generateName", "name"] as const).flatMap((field) =>
      isOther(metadata[field]) ? [invalidValue(`metadata.${field}`, metadata[field], why)] : [],
    ),
    ...validateSpec(definition, undefined, faultsAt),
    ...validateStoredVersions(definition),
    ...validateApproval(definition, undefined),
    ...validatePreserving(definition, undefined),
  ];
}

export function validateDefinitionUpdate(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
  faultsAt: FaultsAt = NO_FAULTS,
): FieldError[] {
  const { spec } = definition;
  const isEstablished = hasCondition(old, "Established");
  return [
    ...validateSpec(definition, old, faultsAt),
    ...(isEstablished ? unchanged("spec.scope", spec.scope, old.spec.scope) : []),
    ...(isEstablished ? unchanged("spec.names.kind", spec.names.kind, old.spec.names.kind) : []),
    ...unchanged("spec.group", spec.group, old.spec.group),
    ...unchanged("spec.names.plural", spec.names.plural, old.spec.names.plural),
    ...validateDefinitionStatus(definition),
    ...validateStoredVersions(definition),
    ...validateApproval(definition, old),
    ...validatePreserving(definition, old),
  ];
}

export function validateDefinitionStatus({ status }: CustomResourceDefinition): FieldError[] {
  return status?.acceptedNames ? validateNames(status.acceptedNames, "status.acceptedNames") : [];
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

function validatePreserving({ spec }: CustomResourceDefinition, old: CustomResourceDefinition | undefined) {
  if (!spec.preserveUnknownFields || old?.spec.preserveUnknownFields) return [];
  const why = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
  return [invalidValue("spec.preserveUnknownFields", true, why)];
}

function validateStoredVersions({ spec, status }: CustomResourceDefinition): FieldError[] {
  const field = "status.storedVersions";
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) return [invalidValue(field, null, "must have at least one stored version")];
  const left = new Set(stored);
  const errors: FieldError[] = [];
  // A version that is there twice is told so here, too.
  for (const { name, storage } of spec.versions ?? []) {
    const isListed = left.delete(name);
    if (storage && !isListed) errors.push(invalidValue(field, stored, `must have the storage version ${name}`));
  }
  return [
    ...errors,
    ...stored.flatMap((version, index) => {
      if (!left.has(version)) return [];
      const why = `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`;
      return [invalidValue(`${field}[${index}]`, version, why)];
    }),
  ];
}

function validateSpec(
  { spec }: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
  faultsAt: FaultsAt,
): FieldError[] {
  const { versions = [], preserveUnknownFields } = spec;
  return [
    ...validateGroup(spec.group),
    ...validateScope(spec.scope),
    ...validateSchemasSaid(versions),
    ...(preserveUnknownFields ? preservingFaults(spec) : []),
    ...validateVersions(versions),
    ...(["plural", "singular", "kind", "listKind"] as const).flatMap((name) =>
      spec.names?.[name] ? [] : [required(`spec.names.${name}`)],
    ),
    ...validateNames(spec.names ?? {}, "spec.names"),
    ...validateParts(versions, old?.spec.versions ?? [], faultsAt),
    ...validateConversion(spec.conversion),
  ];
}

function validateGroup(group: string | undefined): FieldError[] {
  if (!group) return [required("spec.group")];
  const texts = checkDns1123Subdomain(group);
  if (texts.length > 0) return [invalidValue("spec.group", group, texts.join(","))];
  return group.includes(".") ? [] : [invalidValue("spec.group", group, "should be a domain with at least one dot")];
}

function validateScope(scope: string | undefined): FieldError[] {
  if (!scope) return [required("spec.scope")];
  return scope === "Cluster" || scope === "Namespaced"
    ? []
    : [notSupported("spec.scope", scope, ["Cluster", "Namespaced"])];
}

function validateSchemasSaid(versions: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  const [shared] = placesOf(versions, "schema");
  if (shared?.index === undefined && shared?.value?.openAPIV3Schema) return [];
  return versions.flatMap(({ schema }, index) =>
    schema?.openAPIV3Schema ? [] : [required(`spec.versions[${index}].schema.openAPIV3Schema`)],
  );
}

function preservingFaults({ versions, conversion }: CustomResourceDefinition["spec"]): FieldError[] {
  const errors: FieldError[] = [];
  if (versions?.some(({ schema }) => JSON.stringify(schema ?? {}).includes('"default":'))) {
    const why = "must be false in order to use defaults in the schema";
    errors.push(invalidValue("spec.preserveUnknownFields", true, why));
  }
  if (conversion && conversion.strategy !== "None") {
    const why = "must be None if spec.preserveUnknownFields is true";
    errors.push(invalidValue("spec.conversion.strategy", conversion.strategy ?? "", why));
  }
  return errors;
}

function validateVersions(versions: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  const errors = versions.flatMap((version, index) => {
    const { name = "" }: Partial<CustomResourceDefinitionVersion> = version;
    const path = `spec.versions[${index}]`;
    const texts = checkDns1035Label(name);
    return [
      ...(texts.length > 0 ? [invalidValue(`${path}.name`, name, texts.join(","))] : []),
      ...validateDeprecation(version, path),
    ];
  });
  if (new Set(versions.map(({ name }) => name)).size !== versions.length) {
    errors.push(invalidValue("spec.versions", shown(versions), "must contain unique version names"));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const why = "must have exactly one version marked as storage version";
    errors.push(invalidValue("spec.versions", shown(versions), why));
  }
  // Upstream copies the first name there, and so complains of it twice.
  const first = versions[0]?.name ?? "";
  const texts = first === "" ? [] : checkDns1035Label(first);
  return texts.length > 0 ? [...errors, invalidValue("spec.version", first, texts.join(","))] : errors;
}

/** Enough to see what is wrong; whole schemas would bury it. */
function shown(versions: readonly CustomResourceDefinitionVersion[]): unknown {
  return versions.map(({ name, served, storage }) => ({ name, served, storage }));
}

function validateNames(names: Partial<CustomResourceDefinitionNames>, path: string): FieldError[] {
  const { kind, listKind, shortNames = [], categories = [] } = names;
  const label = (field: string, value: string): FieldError[] => {
    const texts = checkDns1035Label(value);
    return texts.length > 0 ? [invalidValue(`${path}.${field}`, value, texts.join(","))] : [];
  };
  const optionalLabel = (field: string, value: string | undefined) => (value ? label(field, value) : []);
  const mixedCase = (field: string, value: string | undefined): FieldError[] => {
    const texts = value ? checkDns1035Label(value.toLowerCase()) : [];
    const text = "may have mixed case, but should otherwise match: ";
    return texts.length > 0 ? [invalidValue(`${path}.${field}`, value, text + texts.join(","))] : [];
  };
  return [
    ...optionalLabel("plural", names.plural),
    ...optionalLabel("singular", names.singular),
    ...mixedCase("kind", kind),
    ...mixedCase("listKind", listKind),
    ...shortNames.flatMap((name, index) => label(`shortNames[${index}]`, name)),
    ...(kind && kind === listKind
      ? [invalidValue(`${path}.listKind`, listKind, "kind and listKind may not be the same")]
      : []),
    ...categories.flatMap((name, index) => label(`categories[${index}]`, name)),
  ];
}

/** Those that versions share, or have each for itself. */
function validateParts(
  versions: readonly CustomResourceDefinitionVersion[],
  before: readonly CustomResourceDefinitionVersion[],
  faultsAt: FaultsAt,
): FieldError[] {
  const hasStatus = (index: number | undefined) =>
    versions.some(
      ({ subresources }, at) => (index === undefined || index === at) && subresources?.status !== undefined,
    );
  const schemas = placesOf(versions, "schema");
  return [
    ...schemas.flatMap(({ path, value, index }) => {
      const schema = value?.openAPIV3Schema;
      if (!schema) return [];
      const { name } = versions[index ?? 0] ?? {};
      const former = before.find((version) => version.name === name)?.schema;
      return validateSchema(schema, `${path}.openAPIV3Schema`, {
        hasStatus: hasStatus(index),
        isUnchanged: former !== undefined && isEqualJson(former, value),
        faultsAt,
      });
    }),
    ...placesOf(versions, "subresources").flatMap(({ path, value }) => validateScale(value?.scale, `${path}.scale`)),
    ...placesOf(versions, "additionalPrinterColumns").flatMap(({ path, value }) => validateColumns(value, path)),
    ...placesOf(versions, "selectableFields").flatMap(({ path, value, index }) => {
      // Where versions share the one and not the other, upstream does not find it.
      const schema = schemas.find((placed) => placed.index === index)?.value;
      return validateSelectableFields(value, path, { schema, isShared: index === undefined });
    }),
  ];
}

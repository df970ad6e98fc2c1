// What is refused in any object's metadata, whatever its kind.

import type { FieldError } from "../kind.ts";
import type { Scope } from "../resource.ts";
import { forbidden, invalidValue, required, tooLong, unchanged } from "./field-error.ts";
import { checkEach } from "./long-checks.ts";
import { checkDns1123Label, checkLabelValue, checkName, checkQualifiedName, type NameRule } from "./names.ts";
import type { ObjectMeta, OwnerReference } from "./types.ts";

/** Keys and values of all annotations together. */
export const ANNOTATIONS_BYTES_MAX = 262_144;

/** What a kind asks of its metadata. */
export interface MetaRules {
  readonly nameRule: NameRule;
  /** Whether `generateName` is checked like the name. */
  readonly checksGenerateName: boolean;
  readonly scope: Scope;
  /** Whether a finalizer must have a domain before its name, unless it is one of Kubernetes' own. */
  readonly qualifiesFinalizers: boolean;
}

export function validateObjectMeta(meta: ObjectMeta, { nameRule, scope, ...rules }: MetaRules): FieldError[] {
  return [
    ...(rules.checksGenerateName ? validateGenerateName(meta, nameRule) : []),
    ...validateName(meta, nameRule),
    ...validateNamespace(meta, scope),
    ...validateMutableMeta(meta),
    ...validateFinalizers(meta, rules),
  ];
}

export function validateObjectMetaUpdate(
  meta: ObjectMeta,
  old: ObjectMeta,
  rules: Pick<MetaRules, "nameRule" | "qualifiesFinalizers">,
): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined) {
    const added = (meta.finalizers ?? []).filter((name) => !old.finalizers?.includes(name));
    if (added.length > 0) {
      const list = added
        .sort()
        .map((name) => JSON.stringify(name))
        .join(", ");
      errors.push(
        forbidden(
          "metadata.finalizers",
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
        ),
      );
    }
  }
  for (const field of IMMUTABLE) errors.push(...unchanged(`metadata.${field}`, meta[field], old[field]));
  return [
    ...validateGenerateName(meta, "pathSegment"),
    ...errors,
    ...validateMutableMeta(meta),
    ...validateFinalizers(meta, rules),
    ...(rules.nameRule === "pathSegment" ? [] : validateGenerateName(meta, rules.nameRule)),
  ];
}

const IMMUTABLE = [
  "name",
  "namespace",
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
] as const;

/** The random end makes up for a dash at the end, and for names that mean something by themselves. */
export function validateGenerateName({ generateName }: ObjectMeta, nameRule: NameRule): FieldError[] {
  if (!generateName) return [];
  const example = nameRule === "pathSegment" ? `${generateName}a` : generateName.replace(/(?<=.)-$/, "a");
  return checkName(nameRule, example).map((text) => invalidValue("metadata.generateName", generateName, text));
}

function validateName(meta: ObjectMeta, nameRule: NameRule): FieldError[] {
  if (!meta.name) return [required("metadata.name", "name or generateName is required")];
  const { name } = meta;
  return checkName(nameRule, name).map((text) => invalidValue("metadata.name", name, text));
}

function validateNamespace({ namespace }: ObjectMeta, scope: Scope): FieldError[] {
  if (scope === "Cluster") return namespace ? [forbidden("metadata.namespace", "not allowed on this type")] : [];
  if (!namespace) return [required("metadata.namespace")];
  return checkDns1123Label(namespace).map((text) => invalidValue("metadata.namespace", namespace, text));
}

function validateMutableMeta(meta: ObjectMeta): FieldError[] {
  return [
    ...validateLabels(meta.labels, "metadata.labels"),
    ...validateAnnotations(meta.annotations, "metadata.annotations"),
    ...validateOwnerReferences(meta.ownerReferences ?? []),
  ];
}

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return checkEach(Object.entries(labels ?? {}), ([key, value]) => [
    ...checkQualifiedName(key).map((text) => invalidValue(path, key, text)),
    ...checkLabelValue(value).map((text) => invalidValue(path, value, text)),
  ]);
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const errors = checkEach(entries, ([key]) =>
    checkQualifiedName(key.toLowerCase()).map((text) => invalidValue(path, key, text)),
  );
  const bytes = entries.reduce((sum, [key, value]) => sum + utf8Length(key) + utf8Length(value), 0);
  return bytes > ANNOTATIONS_BYTES_MAX ? [...errors, tooLong(path, ANNOTATIONS_BYTES_MAX)] : errors;
}

function validateOwnerReferences(references: readonly OwnerReference[]): FieldError[] {
  const path = "metadata.ownerReferences";
  const firstIndex = references.findIndex(({ controller }) => controller === true);
  const first = references[firstIndex];
  let shown = "";
  return checkEach(references, (reference, index) => {
    const errors = validateOwnerReference(reference, path);
    if (reference.controller !== true || index === firstIndex) return errors;
    const names = `${first?.kind}/${first?.name} and ${reference.kind}/${reference.name}`;
    const text = `Only one reference can have Controller set to true. Found "true" in references for ${names}`;
    // All of them are shown each time, and put into words once.
    shown ||= invalidValue(path, references, "").message;
    return [...errors, { ...invalidValue(path, "", ""), message: `${shown}: ${text}`, value: references }];
  });
}

function validateOwnerReference(reference: OwnerReference, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!reference.apiVersion) errors.push(invalidValue(`${path}.apiVersion`, "", "version must not be empty"));
  for (const field of ["kind", "name", "uid"] as const) {
    if (!reference[field]) errors.push(invalidValue(`${path}.${field}`, "", "must not be empty"));
  }
  if (reference.apiVersion === "v1" && reference.kind === "Event") {
    errors.push(invalidValue(path, reference, "/v1, Kind=Event is disallowed from being an owner"));
  }
  return errors;
}

const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

function validateFinalizers(
  { finalizers = [] }: ObjectMeta,
  { qualifiesFinalizers }: Pick<MetaRules, "qualifiesFinalizers">,
): FieldError[] {
  const path = "metadata.finalizers";
  const errors = checkEach(finalizers, (name) =>
    checkQualifiedName(name).map((text) => invalidValue(path, name, text)),
  );
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    errors.push(invalidValue(path, finalizers, "finalizer orphan and foregroundDeletion cannot be both set"));
  }
  if (!qualifiesFinalizers) return errors;
  const text = "name is neither a standard finalizer name nor is it fully qualified";
  const unqualified = finalizers.flatMap((name, index) =>
    name.includes("/") || STANDARD_FINALIZERS.has(name) ? [] : [invalidValue(`${path}[${index}]`, name, text)],
  );
  return [...errors, ...unqualified];
}

const ENCODER = new TextEncoder();

export function utf8Length(text: string): number {
  return ENCODER.encode(text).length;
}

// What both kinds of binding share: a role, and who gets it. Defaults, checks and columns.

import type { RbacV1Subject as Subject, RoleRef } from "../generated/types.ts";
import type { Cell, FieldError, PrinterColumn } from "../kind.ts";
import { formatAge } from "../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../meta/columns.ts";
import { invalidValue, isEqualJson, notSupported, required } from "../meta/field-error.ts";
import { checkDns1123Subdomain, checkPathSegment } from "../meta/names.ts";
import type { KubeObject } from "../resource.ts";
import { RBAC_GROUP } from "./policy-rule.ts";

export type { RbacV1Subject as Subject, RoleRef } from "../generated/types.ts";

export interface AnyBinding extends KubeObject {
  roleRef: RoleRef;
  subjects?: Subject[];
}

export function applyBindingDefaults(binding: AnyBinding): void {
  if (binding.roleRef && !binding.roleRef.apiGroup) binding.roleRef.apiGroup = RBAC_GROUP;
  for (const subject of binding.subjects ?? []) {
    if (!subject.apiGroup && (subject.kind === "User" || subject.kind === "Group")) subject.apiGroup = RBAC_GROUP;
  }
}

export function validateBinding(
  { roleRef, subjects }: AnyBinding,
  options: { readonly roleKinds: readonly string[]; readonly isNamespaced: boolean },
): FieldError[] {
  const errors: FieldError[] = [];
  const { apiGroup = "", kind = "", name = "" } = roleRef ?? {};
  if (apiGroup !== RBAC_GROUP) errors.push(notSupported("roleRef.apiGroup", apiGroup, [RBAC_GROUP]));
  if (!options.roleKinds.includes(kind)) errors.push(notSupported("roleRef.kind", kind, options.roleKinds));
  if (name === "") errors.push(required("roleRef.name"));
  else errors.push(...checkPathSegment(name).map((text) => invalidValue("roleRef.name", name, text)));
  for (const [index, subject] of (subjects ?? []).entries()) {
    errors.push(...validateSubject(subject, `subjects[${index}]`, options.isNamespaced));
  }
  return errors;
}

export function validateBindingUpdate(
  binding: AnyBinding,
  old: AnyBinding,
  options: Parameters<typeof validateBinding>[1],
): FieldError[] {
  const errors = validateBinding(binding, options);
  // Whoever may change subjects must not get at another role: a binding to another role is another binding.
  if (!isEqualJson(binding.roleRef, old.roleRef)) {
    errors.push(invalidValue("roleRef", binding.roleRef, "cannot change roleRef"));
  }
  return errors;
}

const SUBJECT_KINDS = ["ServiceAccount", "User", "Group"] as const;

function validateSubject(subject: Subject, path: string, isNamespaced: boolean): FieldError[] {
  const { kind, name = "", namespace = "", apiGroup = "" } = subject;
  const errors: FieldError[] = name === "" ? [required(`${path}.name`)] : [];
  switch (kind) {
    case "ServiceAccount":
      if (name !== "") {
        errors.push(...checkDns1123Subdomain(name).map((text) => invalidValue(`${path}.name`, name, text)));
      }
      if (apiGroup !== "") errors.push(notSupported(`${path}.apiGroup`, apiGroup, [""]));
      if (!isNamespaced && namespace === "") errors.push(required(`${path}.namespace`));
      return errors;
    case "User":
    case "Group":
      if (apiGroup !== RBAC_GROUP) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [RBAC_GROUP]));
      return errors;
    default:
      return [...errors, notSupported(`${path}.kind`, kind ?? "", SUBJECT_KINDS)];
  }
}

export const BINDING_COLUMNS: readonly PrinterColumn[] = [
  NAME_COLUMN,
  textColumn("Role", "Kind and name of the role."),
  AGE_COLUMN,
  textColumn("Users", "Users in the binding.", 1),
  textColumn("Groups", "Groups in the binding.", 1),
  textColumn("ServiceAccounts", "Service accounts in the binding.", 1),
];

export function printBinding({ metadata, roleRef, subjects = [] }: AnyBinding, nowMs: number): readonly Cell[] {
  const names = (kind: string, nameOf: (subject: Subject) => string) =>
    subjects
      .filter((subject) => subject.kind === kind)
      .map(nameOf)
      .join(", ");
  return [
    metadata.name ?? "",
    `${roleRef?.kind ?? ""}/${roleRef?.name ?? ""}`,
    formatAge(metadata.creationTimestamp, nowMs),
    names("User", ({ name }) => name),
    names("Group", ({ name }) => name),
    names("ServiceAccount", ({ name, namespace }) => (namespace ? `${namespace}/${name}` : name)),
  ];
}

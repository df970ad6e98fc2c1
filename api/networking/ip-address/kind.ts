import type { IPAddress as IPAddressObject } from "../../generated/types.ts";
import type { ParentReference } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { NAME_COLUMN, NONE, textColumn } from "../../meta/columns.ts";
import { required, unchanged } from "../../meta/field-error.ts";
import { checkDns1123Subdomain, checkPathSegment } from "../../meta/names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";

export type IPAddress = IPAddressObject;

export const IPAddress: Resource<IPAddress> = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "IPAddress",
  plural: "ipaddresses",
  scope: "Cluster",
};

function validateIpAddress({ spec }: IPAddress): FieldError[] {
  const parent = spec?.parentRef;
  const path = "spec.parentRef";
  if (!parent) return [required(path)];
  const errors: FieldError[] = [];
  const { group, namespace } = parent;
  if (group) errors.push(...invalidTexts(`${path}.group`, group, checkDns1123Subdomain(group)));
  for (const field of ["resource", "name"] as const) {
    const value = parent[field];
    errors.push(
      ...(value ? invalidTexts(`${path}.${field}`, value, checkPathSegment(value)) : [required(`${path}.${field}`)]),
    );
  }
  if (namespace) errors.push(...invalidTexts(`${path}.namespace`, namespace, checkPathSegment(namespace)));
  return errors;
}

function formatParent({ group, resource, namespace, name }: ParentReference): string {
  const qualified = (group ? `${resource}.${group}` : (resource ?? "")).toLowerCase();
  return [qualified, ...(namespace ? [namespace] : []), name].join("/");
}

export const ipAddressKind: KindDefinition<IPAddress> = {
  resource: IPAddress,
  singular: "ipaddress",
  shortNames: ["ip"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.networking.v1.IPAddress",
  // The name is the address, so that nobody has it twice.
  nameRule: "ipAddress",
  hasStatus: false,
  checksGenerateName: "always",
  selectableFields: {},
  applyDefaults: ({ spec }) => {
    for (const field of ["group", "namespace"] as const)
      if (spec?.parentRef?.[field] === "") delete spec.parentRef[field];
  },
  validateCreate: validateIpAddress,
  validateUpdate: (address, old) => unchanged("spec.parentRef", address.spec?.parentRef, old.spec?.parentRef),
  // Upstream shows no age here.
  columns: [NAME_COLUMN, textColumn("ParentRef", "What the address is given to.")],
  printRow: ({ metadata, spec }) => [metadata.name ?? "", spec?.parentRef ? formatParent(spec.parentRef) : NONE],
};

import type { IPAddress as IPAddressObject } from "../../generated/types.ts";
import type { ParentReference } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { canonicalAddress, checkAddress } from "../../meta/addresses.ts";
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

/** The name is the address, so that nobody has it twice; it is written in one way only. */
function validateIpAddress({ metadata, spec }: IPAddress): FieldError[] {
  const { name = "" } = metadata;
  const canonical = canonicalAddress(name);
  const texts = checkAddress(name);
  if (texts.length === 0 && canonical !== name) texts.push(`must be in canonical form ("${canonical}")`);
  const errors = invalidTexts("metadata.name", name, texts);
  const parent = spec?.parentRef;
  const path = "spec.parentRef";
  if (!parent) return [...errors, required(path)];
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

/** As upstream shows it: by the names of its own program, with what is not there. */
function shownParent({ spec }: IPAddress): unknown {
  const { group = "", resource = "", namespace = "", name = "" } = spec?.parentRef ?? {};
  return { Group: group, Resource: resource, Namespace: namespace, Name: name };
}

export const ipAddressKind: KindDefinition<IPAddress> = {
  resource: IPAddress,
  singular: "ipaddress",
  shortNames: ["ip"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.networking.v1.IPAddress",
  nameRule: "pathSegment",
  hasStatus: false,
  selectableFields: {},
  applyDefaults: ({ spec }) => {
    for (const field of ["group", "namespace"] as const)
      if (spec?.parentRef?.[field] === "") delete spec.parentRef[field];
  },
  validateCreate: validateIpAddress,
  validateUpdate: (address, old) => [
    ...validateIpAddress(address),
    ...unchanged("spec.parentRef", shownParent(address), shownParent(old)),
  ],
  // Upstream shows no age here.
  columns: [NAME_COLUMN, textColumn("ParentRef", "What the address is given to.")],
  printRow: ({ metadata, spec }) => [metadata.name ?? "", spec?.parentRef ? formatParent(spec.parentRef) : NONE],
};

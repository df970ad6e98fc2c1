import type { ServiceCIDR as ServiceCIDRObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { blockFamily, canonicalBlock, checkBlock } from "../../meta/addresses.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import { IMMUTABLE_FIELD, invalidValue, required } from "../../meta/field-error.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";

export type ServiceCIDR = ServiceCIDRObject;

export const ServiceCIDR: Resource<ServiceCIDR> = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "ServiceCIDR",
  plural: "servicecidrs",
  scope: "Cluster",
};

const PATH = "spec.cidrs";

function validateServiceCidr({ spec }: ServiceCIDR): FieldError[] {
  const cidrs = spec?.cidrs ?? [];
  if (cidrs.length === 0) return [required(PATH, "at least one CIDR required")];
  if (cidrs.length > 2) return [invalidValue(PATH, { CIDRs: cidrs }, "may only hold up to 2 values")];
  const errors = cidrs.flatMap((cidr, i) => {
    const texts = checkBlock(cidr);
    const canonical = canonicalBlock(cidr);
    if (texts.length === 0 && canonical !== cidr) texts.push(`must be in canonical form ("${canonical}")`);
    return invalidTexts(`${PATH}[${i}]`, cidr, texts);
  });
  if (cidrs.length === 2 && errors.length === 0 && blockFamily(cidrs[0] ?? "") === blockFamily(cidrs[1] ?? "")) {
    errors.push(
      invalidValue(
        PATH,
        cidrs,
        "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64",
      ),
    );
  }
  return errors;
}

/** What addresses were given from stays; a block of the other family may be added. */
function validateServiceCidrUpdate(serviceCidr: ServiceCIDR, old: ServiceCIDR): FieldError[] {
  const cidrs = serviceCidr.spec?.cidrs ?? [];
  const oldCidrs = old.spec?.cidrs ?? [];
  const isKept = (cidr: string, i: number) => cidr === cidrs[i];
  const errors = oldCidrs.flatMap((cidr, i) =>
    isKept(cidr, i) ? [] : [invalidValue(`${PATH}[${i}]`, cidrs[i] ?? null, IMMUTABLE_FIELD)],
  );
  if (oldCidrs.length === cidrs.length) return errors;
  if (oldCidrs.length === 1 && cidrs.length === 2) return [...errors, ...validateServiceCidr(serviceCidr)];
  return [invalidValue(PATH, serviceCidr.spec?.cidrs ?? null, IMMUTABLE_FIELD)];
}

export const serviceCidrKind: KindDefinition<ServiceCIDR> = {
  resource: ServiceCIDR,
  singular: "servicecidr",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.api.networking.v1.ServiceCIDR",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  countsGenerations: false,
  statusCarries: "generateName",
  selectableFields: {},
  validateCreate: validateServiceCidr,
  validateUpdate: validateServiceCidrUpdate,
  columns: [NAME_COLUMN, textColumn("CIDRs", "Blocks that services get their addresses from."), AGE_COLUMN],
  printRow: ({ metadata, spec }, nowMs) => [
    metadata.name ?? "",
    (spec?.cidrs ?? []).join(","),
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};

import type { Lease as LeaseObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import { invalidValue } from "../../meta/field-error.ts";
import type { Resource } from "../../resource.ts";

export type Lease = LeaseObject;

export const Lease: Resource<Lease> = {
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  scope: "Namespaced",
};

function validateLease({ spec }: Lease): FieldError[] {
  const errors: FieldError[] = [];
  if (spec?.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0) {
    errors.push(invalidValue("spec.leaseDurationSeconds", spec.leaseDurationSeconds, "must be greater than 0"));
  }
  if (spec?.leaseTransitions !== undefined && spec.leaseTransitions < 0) {
    errors.push(invalidValue("spec.leaseTransitions", spec.leaseTransitions, "must be greater than or equal to 0"));
  }
  return errors;
}

/** Electing who holds a lease waits for its gate; what was let in once stays. */
function withoutElection({ spec }: Lease, old: Lease | undefined): void {
  for (const field of ["strategy", "preferredHolder"] as const) {
    if (old?.spec?.[field] === undefined) delete spec?.[field];
  }
}

export const leaseKind: KindDefinition<Lease> = {
  resource: Lease,
  singular: "lease",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.coordination.v1.Lease",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  isCreatedByUpdate: true,
  requiresVersion: true,
  takesAnyFinalizer: true,
  selectableFields: {},
  prepareForCreate: (lease) => withoutElection(lease, undefined),
  prepareForUpdate: withoutElection,
  validateCreate: validateLease,
  validateUpdate: validateLease,
  columns: [NAME_COLUMN, textColumn("Holder", "Who holds the lease."), AGE_COLUMN],
  printRow: (lease, nowMs) => [
    lease.metadata.name ?? "",
    lease.spec?.holderIdentity ?? "",
    formatAge(lease.metadata.creationTimestamp, nowMs),
  ],
};

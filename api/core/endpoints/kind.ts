import type { Endpoints as EndpointsObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition } from "../../kind.ts";
import { warningsOfAddress } from "../../meta/address-warnings.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, formatSome, NAME_COLUMN, NONE, textColumn } from "../../meta/columns.ts";
import { isEqualJson } from "../../meta/field-error.ts";
import type { Resource } from "../../resource.ts";
import { applyEndpointsDefaults } from "./defaults.ts";
import { validateEndpoints } from "./validation.ts";

export type Endpoints = EndpointsObject;

export const Endpoints: Resource<Endpoints> = {
  group: "",
  version: "v1",
  kind: "Endpoints",
  plural: "endpoints",
  scope: "Namespaced",
};

const SHOWN_MAX = 3;

function addressesOf({ subsets = [] }: Endpoints): string {
  const addresses = subsets.flatMap(({ addresses: ready = [], ports = [] }) =>
    ports.length === 0
      ? ready.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => ready.map(({ ip }) => `${ip.includes(":") ? `[${ip}]` : ip}:${port}`)),
  );
  return subsets.length === 0 ? NONE : formatSome(addresses, SHOWN_MAX);
}

export const endpointsKind: KindDefinition<Endpoints> = {
  resource: Endpoints,
  singular: "endpoints",
  shortNames: ["ep"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.core.v1.Endpoints",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  isCreatedByUpdate: true,
  checksGenerateName: "always",
  selectableFields: {},
  deprecation: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  applyDefaults: applyEndpointsDefaults,
  warningsOf: ({ subsets = [] }) =>
    subsets.flatMap(({ addresses = [], notReadyAddresses = [] }, i) => [
      ...addresses.flatMap(({ ip }, j) => warningsOfAddress(`subsets[${i}].addresses[${j}].ip`, ip)),
      ...notReadyAddresses.flatMap(({ ip }, j) => warningsOfAddress(`subsets[${i}].notReadyAddresses[${j}].ip`, ip)),
    ]),
  validateCreate: validateEndpoints,
  validateUpdate: (endpoints, old) =>
    isEqualJson(endpoints.subsets ?? [], old.subsets ?? []) ? [] : validateEndpoints(endpoints),
  columns: [NAME_COLUMN, textColumn("Endpoints", "Addresses and ports that are ready."), AGE_COLUMN],
  printRow: (endpoints, nowMs) => [
    endpoints.metadata.name ?? "",
    addressesOf(endpoints),
    formatAge(endpoints.metadata.creationTimestamp, nowMs),
  ],
};

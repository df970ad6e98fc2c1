import type { EndpointSlice as EndpointSliceObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, formatSome, NAME_COLUMN, textColumn, UNSET } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";
import { validateEndpointSlice, validateEndpointSliceUpdate } from "./validation.ts";

export type EndpointSlice = EndpointSliceObject;

export const EndpointSlice: Resource<EndpointSlice> = {
  group: "discovery.k8s.io",
  version: "v1",
  kind: "EndpointSlice",
  plural: "endpointslices",
  scope: "Namespaced",
};

const SHOWN_MAX = 3;

/** What this version has of it is for reading what an older one has written. */
function withoutTopology({ endpoints }: EndpointSlice): void {
  for (const endpoint of endpoints ?? []) delete endpoint.deprecatedTopology;
}

export const endpointSliceKind: KindDefinition<EndpointSlice> = {
  resource: EndpointSlice,
  singular: "endpointslice",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.discovery.v1.EndpointSlice",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  countsGenerations: true,
  countedMetadata: "labels",
  checksGenerateName: "always",
  selectableFields: {},
  applyDefaults: ({ ports }) => {
    for (const port of ports ?? []) {
      port.name ??= "";
      port.protocol ??= "TCP";
    }
  },
  prepareForCreate: withoutTopology,
  prepareForUpdate: withoutTopology,
  validateCreate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
  columns: [
    NAME_COLUMN,
    textColumn("AddressType", "What kind of addresses the endpoints have."),
    textColumn("Ports", "Ports of all endpoints."),
    textColumn("Endpoints", "Addresses of the endpoints."),
    AGE_COLUMN,
  ],
  printRow: ({ metadata, addressType, ports = [], endpoints = [] }, nowMs) => [
    metadata.name ?? "",
    addressType ?? "",
    formatSome(
      ports.map(({ port, name }) => (port === undefined ? (name ?? "*") : String(port))),
      SHOWN_MAX,
    ) || UNSET,
    formatSome(
      endpoints.flatMap(({ addresses = [] }) => addresses),
      SHOWN_MAX,
    ) || UNSET,
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};

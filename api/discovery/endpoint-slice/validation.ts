import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { addressFamily, checkEndpointAddress } from "../../meta/addresses.ts";
import { duplicate, invalidValue, required, tooMany, unchanged } from "../../meta/field-error.ts";
import {
  checkDns1123Label,
  checkDns1123Subdomain,
  checkPortNumber,
  checkQualifiedName,
  checkLabelValue,
} from "../../meta/names.ts";
import { invalidTexts, validateChoice } from "../../meta/value-validation.ts";

const ADDRESS_TYPES = ["FQDN", "IPv4", "IPv6"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];
const ENDPOINTS_MAX = 1000;
const ADDRESSES_MAX = 100;
const PORTS_MAX = 20_000;
const TOPOLOGY_MAX = 16;
const HINTS_MAX = 8;

export function validateEndpointSlice(slice: EndpointSlice): FieldError[] {
  return [
    ...validateChoice(slice.addressType, ADDRESS_TYPES, "addressType"),
    ...validateEndpoints(slice.endpoints ?? [], slice.addressType),
    ...validatePorts(slice.ports ?? []),
  ];
}

export function validateEndpointSliceUpdate(slice: EndpointSlice, old: EndpointSlice): FieldError[] {
  return [...validateEndpointSlice(slice), ...unchanged("addressType", slice.addressType, old.addressType)];
}

function validateEndpoints(endpoints: readonly Endpoint[], addressType: string): FieldError[] {
  if (endpoints.length > ENDPOINTS_MAX) return [tooMany("endpoints", endpoints.length, ENDPOINTS_MAX)];
  return endpoints.flatMap((endpoint, i) => validateEndpoint(endpoint, addressType, `endpoints[${i}]`));
}

function validateEndpoint(endpoint: Endpoint, addressType: string, path: string): FieldError[] {
  const { addresses = [], nodeName, hostname, deprecatedTopology = {}, hints } = endpoint;
  const errors: FieldError[] = [];
  if (addresses.length === 0) errors.push(required(`${path}.addresses`, "must contain at least 1 address"));
  else if (addresses.length > ADDRESSES_MAX) {
    errors.push(tooMany(`${path}.addresses`, addresses.length, ADDRESSES_MAX));
  }
  for (const [i, address] of addresses.entries()) {
    errors.push(...invalidTexts(`${path}.addresses[${i}]`, address, checkAddressOf(addressType, address)));
  }
  if (nodeName !== undefined) {
    errors.push(...invalidTexts(`${path}.nodeName`, nodeName, checkDns1123Subdomain(nodeName)));
  }
  const topology = Object.entries(deprecatedTopology);
  const topologyField = `${path}.deprecatedTopology`;
  if (topology.length > TOPOLOGY_MAX) errors.push(tooMany(topologyField, topology.length, TOPOLOGY_MAX));
  for (const [key, value] of topology) {
    errors.push(...invalidTexts(topologyField, key, checkQualifiedName(key)));
    errors.push(...invalidTexts(`${topologyField}[${key}]`, value, checkLabelValue(value)));
  }
  if (hostname !== undefined) {
    errors.push(...invalidTexts(`${path}.hostname`, hostname, checkDns1123Label(hostname)));
  }
  const zones = (hints?.forZones ?? []).map(({ name }) => name);
  return [...errors, ...validateZones(zones, `${path}.hints.forZones`)];
}

function checkAddressOf(addressType: string, address: string): string[] {
  switch (addressType) {
    case "FQDN":
      return checkDns1123Subdomain(address.replace(/\.$/, ""));
    case "IPv4":
    case "IPv6":
      if (addressFamily(address) !== addressType) return [`must be a valid ${addressType} address`];
      return checkEndpointAddress(address);
    default:
      return [];
  }
}

function validateZones(zones: readonly string[], path: string): FieldError[] {
  if (zones.length > HINTS_MAX) return [tooMany(path, zones.length, HINTS_MAX)];
  return zones.flatMap((zone, i) => {
    const field = `${path}[${i}].name`;
    if (zones.indexOf(zone) < i) return [duplicate(field, zone)];
    return invalidTexts(field, zone, checkLabelValue(zone));
  });
}

function validatePorts(ports: readonly DiscoveryV1EndpointPort[]): FieldError[] {
  if (ports.length > PORTS_MAX) return [tooMany("ports", ports.length, PORTS_MAX)];
  const names = new Set<string>();
  return ports.flatMap((port, i) => {
    const field = `ports[${i}]`;
    const { name = "" } = port;
    const errors = name === "" ? [] : invalidTexts(`${field}.name`, name, checkDns1123Label(name));
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
    errors.push(...validateChoice(port.protocol, PROTOCOLS, `${field}.protocol`));
    if (port.port !== undefined && checkPortNumber(port.port).length > 0) {
      errors.push(invalidValue(`${field}.port`, port.port, "must be between 1 and 65535, inclusive"));
    }
    if (port.appProtocol !== undefined) {
      errors.push(...invalidTexts(`${field}.appProtocol`, port.appProtocol, checkQualifiedName(port.appProtocol)));
    }
    return errors;
  });
}

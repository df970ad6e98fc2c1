import type { DiscoveryV1EndpointPort, Endpoint, EndpointHints, EndpointSlice } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { addressFamily, checkAddress, checkCanonicalAddress, checkEndpointAddress } from "../../meta/addresses.ts";
import { duplicate, invalidValue, isEqualJson, required, tooMany, unchanged } from "../../meta/field-error.ts";
import { checkEach } from "../../meta/long-checks.ts";
import { checkDns1123Label, checkDns1123Subdomain, checkQualifiedName, checkLabelValue } from "../../meta/names.ts";
import { invalidTexts, validateChoice } from "../../meta/value-validation.ts";

const ADDRESS_TYPES = ["FQDN", "IPv4", "IPv6"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];
const ENDPOINTS_MAX = 1000;
const ADDRESSES_MAX = 100;
const PORTS_MAX = 20_000;
const HINTS_MAX = 8;

export function validateEndpointSlice(slice: EndpointSlice): FieldError[] {
  return [...validateHead(slice), ...validateEndpoints(slice.endpoints ?? [], slice.addressType)];
}

function validateHead({ addressType, ports = [] }: EndpointSlice): FieldError[] {
  return [...validateChoice(addressType, ADDRESS_TYPES, "addressType"), ...validatePorts(ports)];
}

export function validateEndpointSliceUpdate(slice: EndpointSlice, old: EndpointSlice): FieldError[] {
  // Endpoints that stay as they are may be older than the rules.
  const isKept = isEqualJson(slice.endpoints ?? [], old.endpoints ?? []);
  return [
    ...(isKept ? validateHead(slice) : validateEndpointSlice(slice)),
    ...unchanged("addressType", slice.addressType ?? "", old.addressType),
  ];
}

function validateEndpoints(endpoints: readonly Endpoint[], addressType: string): FieldError[] {
  if (endpoints.length > ENDPOINTS_MAX) return [tooMany("endpoints", endpoints.length, ENDPOINTS_MAX)];
  return endpoints.flatMap((endpoint, i) => validateEndpoint(endpoint, addressType, `endpoints[${i}]`));
}

function validateEndpoint(endpoint: Endpoint, addressType: string, path: string): FieldError[] {
  const { addresses = [], nodeName, hostname, hints } = endpoint;
  const errors: FieldError[] = [];
  if (addresses.length === 0) errors.push(required(`${path}.addresses`, "must contain at least 1 address"));
  else if (addresses.length > ADDRESSES_MAX) {
    errors.push(tooMany(`${path}.addresses`, addresses.length, ADDRESSES_MAX));
  }
  for (const [i, address] of addresses.entries()) {
    errors.push(...validateAddress(addressType, address, { list: `${path}.addresses`, index: i }));
  }
  if (nodeName !== undefined) {
    errors.push(...invalidTexts(`${path}.nodeName`, nodeName, checkDns1123Subdomain(nodeName)));
  }
  if (hostname !== undefined) {
    errors.push(...invalidTexts(`${path}.hostname`, hostname, checkDns1123Label(hostname)));
  }
  return [...errors, ...validateHints(hints ?? {}, `${path}.hints`)];
}

/** Addresses of a type that is not known are not looked at: the type is refused. */
function validateAddress(
  addressType: string,
  address: string,
  { list, index }: { readonly list: string; readonly index: number },
): FieldError[] {
  const field = `${list}[${index}]`;
  switch (addressType) {
    case "FQDN":
      return validateDomain(address, field);
    case "IPv4":
    case "IPv6": {
      const texts = addressType === "IPv6" ? checkCanonicalAddress(address) : checkAddress(address);
      if (texts.length > 0) return invalidTexts(field, address, texts);
      const isOther = addressFamily(address) !== addressType;
      return [
        ...(isOther ? [invalidValue(list, address, `must be an ${addressType} address`)] : []),
        ...invalidTexts(field, address, checkEndpointAddress(address)),
      ];
    }
    default:
      return [];
  }
}

function validateDomain(text: string, field: string): FieldError[] {
  if (text === "") return [required(field)];
  const name = text.replace(/\.$/, "");
  const texts = checkDns1123Subdomain(name);
  if (texts.length > 0) return [invalidValue(field, name, texts.join(","))];
  const labels = name.split(".");
  if (labels.length < 2) {
    return [invalidValue(field, name, "should be a domain with at least two segments separated by dots")];
  }
  return labels.flatMap((label) => {
    const wrong = checkDns1123Label(label);
    return wrong.length > 0 ? [invalidValue(field, label, wrong.join(","))] : [];
  });
}

function validateHints({ forZones = [], forNodes = [] }: EndpointHints, path: string): FieldError[] {
  const zones = validateHintNames(forZones, `${path}.forZones`, checkLabelValue);
  if (forZones.length > HINTS_MAX) return zones;
  return [...zones, ...validateHintNames(forNodes, `${path}.forNodes`, checkDns1123Subdomain)];
}

function validateHintNames(
  hints: readonly { readonly name: string }[],
  path: string,
  check: (name: string) => string[],
): FieldError[] {
  if (hints.length > HINTS_MAX) return [tooMany(path, hints.length, HINTS_MAX)];
  const names = hints.map(({ name = "" }) => name);
  return names.flatMap((name, i) => {
    const field = `${path}[${i}].name`;
    const repeated = names.indexOf(name) < i ? [duplicate(field, name)] : [];
    return [...repeated, ...invalidTexts(field, name, check(name))];
  });
}

function validatePorts(ports: readonly DiscoveryV1EndpointPort[]): FieldError[] {
  if (ports.length > PORTS_MAX) return [tooMany("ports", ports.length, PORTS_MAX)];
  const names = new Set<string>();
  return checkEach(ports, (port, i) => {
    const field = `ports[${i}]`;
    const { name = "" } = port;
    const errors = name === "" ? [] : invalidTexts(`${field}.name`, name, checkDns1123Label(name));
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
    errors.push(...validateChoice(port.protocol, PROTOCOLS, `${field}.protocol`));
    if (port.appProtocol !== undefined) {
      errors.push(...invalidTexts(`${field}.appProtocol`, port.appProtocol, checkQualifiedName(port.appProtocol)));
    }
    return errors;
  });
}

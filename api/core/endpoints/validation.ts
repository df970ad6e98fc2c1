import type { EndpointAddress, EndpointSubset, Endpoints } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { checkAddress, checkEndpointAddress } from "../../meta/addresses.ts";
import { required } from "../../meta/field-error.ts";
import { checkEach } from "../../meta/long-checks.ts";
import { checkDns1123Label, checkDns1123Subdomain, checkPortNumber, checkQualifiedName } from "../../meta/names.ts";
import { invalidTexts, validateChoice } from "../../meta/value-validation.ts";

const PROTOCOLS = ["SCTP", "TCP", "UDP"];

export function validateEndpoints({ subsets = [] }: Endpoints): FieldError[] {
  return checkEach(subsets, (subset, i) => validateSubset(subset, `subsets[${i}]`));
}

function validateSubset(subset: EndpointSubset, path: string): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  const errors: FieldError[] = [];
  if (addresses.length === 0 && notReadyAddresses.length === 0) {
    errors.push(required(path, "must specify `addresses` or `notReadyAddresses`"));
  }
  errors.push(
    ...checkEach(addresses, (address, i) => validateAddress(address, `${path}.addresses[${i}]`)),
    ...checkEach(notReadyAddresses, (address, i) => validateAddress(address, `${path}.notReadyAddresses[${i}]`)),
  );
  for (const [i, port] of ports.entries()) {
    const field = `${path}.ports[${i}]`;
    if (port.name) errors.push(...invalidTexts(`${field}.name`, port.name, checkDns1123Label(port.name)));
    else if (ports.length > 1) errors.push(required(`${field}.name`));
    errors.push(
      ...invalidTexts(`${field}.port`, port.port, checkPortNumber(port.port)),
      ...validateChoice(port.protocol, PROTOCOLS, `${field}.protocol`),
    );
    if (port.appProtocol !== undefined) {
      errors.push(...invalidTexts(`${field}.appProtocol`, port.appProtocol, checkQualifiedName(port.appProtocol)));
    }
  }
  return errors;
}

function validateAddress({ ip, hostname, nodeName }: EndpointAddress, path: string): FieldError[] {
  const errors = invalidTexts(`${path}.ip`, ip, checkAddress(ip));
  if (hostname) errors.push(...invalidTexts(`${path}.hostname`, hostname, checkDns1123Label(hostname)));
  if (nodeName !== undefined) {
    errors.push(...invalidTexts(`${path}.nodeName`, nodeName, checkDns1123Subdomain(nodeName)));
  }
  return [...errors, ...invalidTexts(`${path}.ip`, ip, checkEndpointAddress(ip))];
}

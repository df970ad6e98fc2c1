import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { blockFamily, checkBlock, containsBlock } from "../../meta/addresses.ts";
import { forbidden, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { validateLabelSelector } from "../../meta/label-selector-validation.ts";
import { checkPortName, checkPortNumber } from "../../meta/names.ts";
import { invalidTexts, validateOptionalChoice } from "../../meta/value-validation.ts";

const PROTOCOLS = ["TCP", "UDP", "SCTP"];
const TYPES = ["Ingress", "Egress"];

export function validateNetworkPolicy({ spec }: NetworkPolicy): FieldError[] {
  const { podSelector = {}, ingress = [], egress = [], policyTypes = [] } = spec ?? {};
  const errors = validateLabelSelector(podSelector, "spec.podSelector");
  const rules = [
    ...ingress.map((rule, i) => ({ path: `spec.ingress[${i}]`, ports: rule.ports, word: "from", peers: rule.from })),
    ...egress.map((rule, i) => ({ path: `spec.egress[${i}]`, ports: rule.ports, word: "to", peers: rule.to })),
  ];
  for (const { path, ports = [], word, peers = [] } of rules) {
    errors.push(
      ...ports.flatMap((port, i) => validatePort(port, `${path}.ports[${i}]`)),
      ...peers.flatMap((peer, i) => validatePeer(peer, `${path}.${word}[${i}]`)),
    );
  }
  if (policyTypes.length > TYPES.length) {
    return [...errors, invalidValue("spec.policyTypes", policyTypes, "may not specify more than two policyTypes")];
  }
  for (const [i, type] of policyTypes.entries()) {
    if (!TYPES.includes(type)) errors.push(notSupported(`spec.policyTypes[${i}]`, type, TYPES));
  }
  return errors;
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: string): FieldError[] {
  const errors = validateOptionalChoice(protocol, PROTOCOLS, `${path}.protocol`);
  const refuseEnd = (text: string) => errors.push(invalidValue(`${path}.endPort`, endPort, text));
  if (port === undefined) {
    if (endPort !== undefined) refuseEnd("may not be specified when `port` is not specified");
  } else if (typeof port === "string") {
    if (endPort !== undefined) refuseEnd("may not be specified when `port` is non-numeric");
    errors.push(...invalidTexts(`${path}.port`, port, checkPortName(port)));
  } else {
    errors.push(...invalidTexts(`${path}.port`, port, checkPortNumber(port)));
    if (endPort !== undefined && endPort < port) {
      errors.push(invalidValue(`${path}.endPort`, port, "must be greater than or equal to `port`"));
    }
    if (endPort !== undefined) errors.push(...invalidTexts(`${path}.endPort`, endPort, checkPortNumber(endPort)));
  }
  return errors;
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (podSelector) errors.push(...validateLabelSelector(podSelector, `${path}.podSelector`));
  if (namespaceSelector) errors.push(...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`));
  if (ipBlock) errors.push(...validateBlock(ipBlock, `${path}.ipBlock`));
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, "must specify a peer"));
  if (ipBlock && (podSelector || namespaceSelector)) {
    errors.push(forbidden(path, "may not specify both ipBlock and another peer"));
  }
  return errors;
}

function validateBlock({ cidr, except = [] }: IPBlock, path: string): FieldError[] {
  if (!cidr) return [required(`${path}.cidr`)];
  const errors = invalidTexts(`${path}.cidr`, cidr, checkBlock(cidr));
  if (errors.length > 0) return errors;
  return except.flatMap((inner, i) => {
    const field = `${path}.except[${i}]`;
    if (!blockFamily(inner)) return invalidTexts(field, inner, checkBlock(inner));
    const isSmaller = Number(inner.split("/")[1]) > Number(cidr.split("/")[1]);
    return isSmaller && containsBlock(cidr, inner)
      ? []
      : [invalidValue(field, inner, "must be a strict subset of `cidr`")];
  });
}

import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { blockFamily, checkBlock, containsBlock } from "../../meta/addresses.ts";
import { forbidden, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { checkEach } from "../../meta/long-checks.ts";
import { validateLabelSelector } from "../../meta/label-selector-validation.ts";
import { checkPortName, checkPortNumber } from "../../meta/names.ts";
import { invalidTexts, validateOptionalChoice } from "../../meta/value-validation.ts";

const PROTOCOLS = ["TCP", "UDP", "SCTP"];
const TYPES = ["Ingress", "Egress"];

export function validateNetworkPolicy(policy: NetworkPolicy): FieldError[] {
  return validateSpec(policy, new Set());
}

/** Blocks that are there already may be older than the rules. */
export function validateNetworkPolicyUpdate(policy: NetworkPolicy, { spec: old }: NetworkPolicy): FieldError[] {
  const peers = [
    ...(old?.ingress ?? []).flatMap((rule) => rule.from ?? []),
    ...(old?.egress ?? []).flatMap((rule) => rule.to ?? []),
  ];
  return validateSpec(
    policy,
    new Set(peers.flatMap(({ ipBlock }) => [ipBlock?.cidr ?? "", ...(ipBlock?.except ?? [])])),
  );
}

function validateSpec({ spec }: NetworkPolicy, known: ReadonlySet<string>): FieldError[] {
  const { podSelector = {}, ingress = [], egress = [], policyTypes = [] } = spec ?? {};
  const errors = validateLabelSelector(podSelector, "spec.podSelector");
  const rules = [
    ...ingress.map((rule, i) => ({ path: `spec.ingress[${i}]`, ports: rule.ports, word: "from", peers: rule.from })),
    ...egress.map((rule, i) => ({ path: `spec.egress[${i}]`, ports: rule.ports, word: "to", peers: rule.to })),
  ];
  errors.push(
    ...checkEach(rules, ({ path, ports = [], word, peers = [] }) => [
      ...checkEach(ports, (port, i) => validatePort(port, `${path}.ports[${i}]`)),
      ...checkEach(peers, (peer, i) => validatePeer(peer, `${path}.${word}[${i}]`, known)),
    ]),
  );
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

function validatePeer(
  { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer,
  path: string,
  known: ReadonlySet<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  if (podSelector) errors.push(...validateLabelSelector(podSelector, `${path}.podSelector`));
  if (namespaceSelector) errors.push(...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`));
  if (ipBlock) errors.push(...validateBlock(ipBlock, `${path}.ipBlock`, known));
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, "must specify a peer"));
  if (ipBlock && (podSelector || namespaceSelector)) {
    errors.push(forbidden(path, "may not specify both ipBlock and another peer"));
  }
  return errors;
}

function validateBlock({ cidr, except = [] }: IPBlock, path: string, known: ReadonlySet<string>): FieldError[] {
  if (!cidr) return [required(`${path}.cidr`)];
  const check = (field: string, block: string) =>
    known.has(block) ? [] : invalidTexts(field, block, checkBlock(block));
  const errors = check(`${path}.cidr`, cidr);
  if (!blockFamily(cidr)) return errors;
  for (const [i, inner] of except.entries()) {
    const field = `${path}.except[${i}]`;
    errors.push(...check(field, inner));
    if (!blockFamily(inner)) continue;
    const isSmaller = Number(inner.split("/")[1]) > Number(cidr.split("/")[1]);
    if (!isSmaller || !containsBlock(cidr, inner)) {
      errors.push(invalidValue(field, inner, "must be a strict subset of `cidr`"));
    }
  }
  return errors;
}

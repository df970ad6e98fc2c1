import type { NetworkPolicy as NetworkPolicyObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, NONE, textColumn } from "../../meta/columns.ts";
import { formatRequirements, requirementsOf } from "../../meta/label-selector.ts";
import type { Resource } from "../../resource.ts";
import { validateNetworkPolicy, validateNetworkPolicyUpdate } from "./validation.ts";

export type NetworkPolicy = NetworkPolicyObject;

export const NetworkPolicy: Resource<NetworkPolicy> = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "NetworkPolicy",
  plural: "networkpolicies",
  scope: "Namespaced",
};

/** A policy that does not say which way it looks is for what comes in, and for what goes out if it has rules for that. */
function applyNetworkPolicyDefaults(policy: NetworkPolicy): void {
  policy.spec ??= {};
  const { spec } = policy;
  spec.podSelector ??= {};
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of rule.ports ?? []) port.protocol ??= "TCP";
  }
  if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ["Ingress", "Egress"] : ["Ingress"];
}

export const networkPolicyKind: KindDefinition<NetworkPolicy> = {
  resource: NetworkPolicy,
  singular: "networkpolicy",
  shortNames: ["netpol"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.networking.v1.NetworkPolicy",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  countsGenerations: true,
  countsSaidEmpty: true,
  selectableFields: {},
  applyDefaults: applyNetworkPolicyDefaults,
  validateCreate: validateNetworkPolicy,
  validateUpdate: validateNetworkPolicyUpdate,
  columns: [NAME_COLUMN, textColumn("Pod-Selector", "Labels of the pods that the policy is for."), AGE_COLUMN],
  printRow: ({ metadata, spec }, nowMs) => [
    metadata.name ?? "",
    formatRequirements(requirementsOf(spec?.podSelector ?? {})) || NONE,
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};

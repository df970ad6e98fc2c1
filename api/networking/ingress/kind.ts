import type { Ingress as IngressObject } from "../../generated/types.ts";
import type { IngressRule } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, NONE, textColumn } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";
import { validateIngress, validateIngressStatus, validateNewIngress } from "./validation.ts";

export type Ingress = IngressObject;

export const Ingress: Resource<Ingress> = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "Ingress",
  plural: "ingresses",
  scope: "Namespaced",
};

const HOSTS_SHOWN_MAX = 3;

function hostsOf(rules: readonly IngressRule[]): string {
  const shown = rules.slice(0, HOSTS_SHOWN_MAX).flatMap(({ host }) => host || []);
  if (shown.length === 0) return "*";
  const more = rules.length - HOSTS_SHOWN_MAX;
  return more > 0 ? `${shown.join(",")} + ${more} more...` : shown.join(",");
}

export const ingressKind: KindDefinition<Ingress> = {
  resource: Ingress,
  singular: "ingress",
  shortNames: ["ing"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.api.networking.v1.Ingress",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  checksGenerateName: "always",
  selectableFields: {},
  validateCreate: validateNewIngress,
  validateUpdate: validateIngress,
  validateStatusUpdate: validateIngressStatus,
  columns: [
    NAME_COLUMN,
    textColumn("Class", "Who carries the ingress out."),
    textColumn("Hosts", "Names that requests are for."),
    textColumn("Address", "Where requests arrive."),
    textColumn("Ports", "Ports that requests arrive at."),
    AGE_COLUMN,
  ],
  printRow: ({ metadata, spec, status }, nowMs) => [
    metadata.name ?? "",
    spec?.ingressClassName ?? NONE,
    hostsOf(spec?.rules ?? []),
    [...new Set((status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || ""))]
      .sort()
      .join(","),
    spec?.tls?.length ? "80, 443" : "80",
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};

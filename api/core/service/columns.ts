import type { Service, ServicePort } from "../../generated/types.ts";
import type { Cell, PrinterColumn } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, NONE, textColumn } from "../../meta/columns.ts";

export const serviceColumns: readonly PrinterColumn[] = [
  NAME_COLUMN,
  textColumn("Type", "How the service is reached."),
  textColumn("Cluster-IP", "Address inside the cluster."),
  textColumn("External-IP", "Addresses outside the cluster."),
  textColumn("Port(s)", "Ports, node ports and protocols."),
  AGE_COLUMN,
  textColumn("Selector", "Labels of the pods behind the service.", 1),
];

export function printService(service: Service, nowMs: number): readonly Cell[] {
  const { spec } = service;
  const selector = Object.entries(spec?.selector ?? {}).map(([key, value]) => `${key}=${value}`);
  return [
    service.metadata.name ?? "",
    spec?.type ?? "",
    spec?.clusterIPs?.[0] || spec?.clusterIP || NONE,
    externalAddressesOf(service),
    (spec?.ports ?? []).map(formatPort).join(",") || NONE,
    formatAge(service.metadata.creationTimestamp, nowMs),
    selector.sort().join(",") || NONE,
  ];
}

function externalAddressesOf({ spec, status }: Service): string {
  const external = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case "LoadBalancer": {
      const ingress = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []);
      return [...new Set(ingress)].sort().concat(external).join(",") || "<pending>";
    }
    case "ExternalName":
      return spec.externalName ?? "";
    case "ClusterIP":
    case "NodePort":
      return external.join(",") || NONE;
    default:
      return "<unknown>";
  }
}

function formatPort({ port, nodePort, protocol }: ServicePort): string {
  return nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}

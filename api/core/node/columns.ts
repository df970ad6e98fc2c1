import type { Node } from "../../generated/types.ts";
import type { Cell, PrinterColumn } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, NONE, textColumn } from "../../meta/columns.ts";

export const nodeColumns: readonly PrinterColumn[] = [
  NAME_COLUMN,
  textColumn("Status", "Whether the host is ready for pods."),
  textColumn("Roles", "Roles, from the node's labels."),
  AGE_COLUMN,
  textColumn("Version", "Version of the host's node agent."),
  textColumn("Internal-IP", "Address inside the cluster.", 1),
  textColumn("External-IP", "Address outside the cluster.", 1),
  textColumn("OS-Image", "Operating system of the host.", 1),
  textColumn("Kernel-Version", "Kernel of the host.", 1),
  textColumn("Container-Runtime", "What runs containers, and its version.", 1),
];

export function printNode(node: Node, nowMs: number): readonly Cell[] {
  const info = node.status?.nodeInfo;
  const architecture = info?.architecture ? ` (${info.architecture})` : "";
  return [
    node.metadata.name ?? "",
    statusOf(node),
    rolesOf(node) || NONE,
    formatAge(node.metadata.creationTimestamp, nowMs),
    info?.kubeletVersion ?? "",
    addressOf(node, "InternalIP"),
    addressOf(node, "ExternalIP"),
    info?.osImage || "<unknown>",
    (info?.kernelVersion || "<unknown>") + architecture,
    info?.containerRuntimeVersion || "<unknown>",
  ];
}

function statusOf(node: Node): string {
  const ready = node.status?.conditions?.find((condition) => condition.type === "Ready");
  const status = ready ? (ready.status === "True" ? "Ready" : "NotReady") : "Unknown";
  return node.spec?.unschedulable ? `${status},SchedulingDisabled` : status;
}

const ROLE_PREFIX = "node-role.kubernetes.io/";

function rolesOf(node: Node): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) roles.add(key.slice(ROLE_PREFIX.length));
    else if (key === "kubernetes.io/role" && value !== "") roles.add(value);
  }
  return [...roles].sort().join(",");
}

function addressOf(node: Node, type: string): string {
  return node.status?.addresses?.find((address) => address.type === type)?.address ?? NONE;
}

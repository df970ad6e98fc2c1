// What a pod may learn about itself: `fieldRef` and `resourceFieldRef`, in variables and in files.

import type { Container, ObjectFieldSelector, Pod, ResourceFieldSelector } from "@atoll/api/generated/types";
import { ownValue } from "@atoll/base/own-value";
import { amountOf } from "./resource-amount.ts";

/** Values that are the host's and not the pod object's. */
export interface DownwardHost {
  readonly hostIp: string;
  readonly podIp: string;
  /** What `limits` says where a container names none. */
  readonly allocatable: Readonly<Record<string, number>>;
}

/** Undefined for a path that the API server should have refused. */
export function fieldValue(pod: Pod, { fieldPath }: ObjectFieldSelector, host: DownwardHost): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath);
  if (keyed) return ownValue(pod.metadata[keyed[1] === "labels" ? "labels" : "annotations"], keyed[2] ?? "") ?? "";
  switch (fieldPath) {
    case "metadata.name":
      return pod.metadata.name ?? "";
    case "metadata.namespace":
      return pod.metadata.namespace ?? "";
    case "metadata.uid":
      return pod.metadata.uid ?? "";
    case "metadata.labels":
      return formatMap(pod.metadata.labels);
    case "metadata.annotations":
      return formatMap(pod.metadata.annotations);
    case "spec.nodeName":
      return pod.spec.nodeName ?? "";
    case "spec.serviceAccountName":
      return pod.spec.serviceAccountName ?? "";
    case "status.hostIP":
    case "status.hostIPs":
      return host.hostIp;
    case "status.podIP":
    case "status.podIPs":
      return host.podIp;
    default:
      return undefined;
  }
}

/** Labels and annotations as files show them: sorted, one a line, the value quoted. */
function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join("\n");
}

/** In units of the divisor, rounded up; the divisor's default is one core and one byte. */
export function resourceValue(
  pod: Pod,
  selector: ResourceFieldSelector,
  own: Container | undefined,
  host: DownwardHost,
) {
  const container = selector.containerName
    ? [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(({ name }) => name === selector.containerName)
    : own;
  const [kind, ...rest] = selector.resource.split(".");
  const name = rest.join(".");
  const limit = ownValue(container?.resources?.limits, name);
  const value = kind === "limits" ? limit : (ownValue(container?.resources?.requests, name) ?? limit);
  const amount =
    value === undefined ? (kind === "limits" ? (ownValue(host.allocatable, name) ?? 0) : 0) : amountOf(value);
  const divisor = amountOf(selector.divisor) || 1;
  // Tenths of a thousandth are what binary fractions leave behind; they are no reason to round up.
  return String(Math.ceil(Math.round((amount / divisor) * 1e6) / 1e6));
}

import type { PodSpec } from "../../generated/types.ts";
import { formatQuantity } from "../../meta/quantity.ts";
import { HUGE_PAGES, isPodLevelResource, mayOvercommit } from "../../meta/resource-names.ts";
import { namesInContainers, sumOfContainers } from "./container-sums.ts";

/** A pod that says something of its resources as a whole is told the rest: from its containers, else from its own limits. */
export function applyPodResourceDefaults(spec: PodSpec): void {
  const { resources } = spec;
  if (!resources) return;
  const isSaid = Object.keys({ ...resources.limits, ...resources.requests }).length > 0;
  if (!isSaid) return;
  const limits = { ...resources.limits };
  for (const name of namesInContainers(spec, "limits")) {
    if (!name.startsWith(HUGE_PAGES) || resources.requests?.[name] !== undefined) continue;
    limits[name] ??= formatQuantity(sumOfContainers(spec, "limits", name));
  }
  if (Object.keys(limits).length === 0) return;
  resources.limits = limits;
  const requests = { ...resources.requests };
  for (const name of namesInContainers(spec, "requests")) {
    if (!isPodLevelResource(name) || !mayOvercommit(name)) continue;
    requests[name] ??= formatQuantity(sumOfContainers(spec, "requests", name));
  }
  for (const [name, limit] of Object.entries(limits)) if (isPodLevelResource(name)) requests[name] ??= limit;
  if (Object.keys(requests).length > 0) resources.requests = requests;
}

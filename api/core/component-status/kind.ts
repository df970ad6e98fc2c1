// The health of the control plane's parts, asked for when somebody reads it. Nothing of it is stored, so it is in no table of kinds;
// but it is selected and printed as one.

import type { ComponentStatus as ComponentStatusObject } from "../../generated/types.ts";
import type { KindDefinition } from "../../kind.ts";
import { NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";

export type ComponentStatus = ComponentStatusObject;

export const ComponentStatus: Resource<ComponentStatus> = {
  group: "",
  version: "v1",
  kind: "ComponentStatus",
  plural: "componentstatuses",
  scope: "Cluster",
};

export const HEALTHY = "Healthy";

export const componentStatusKind: KindDefinition<ComponentStatus> = {
  resource: ComponentStatus,
  singular: "componentstatus",
  shortNames: ["cs"],
  categories: [],
  verbs: ["get", "list"],
  subresources: [],
  schema: "io.k8s.api.core.v1.ComponentStatus",
  nameRule: "pathSegment",
  hasStatus: false,
  selectableFields: {},
  deprecation: "v1 ComponentStatus is deprecated in v1.19+",
  columns: [
    NAME_COLUMN,
    textColumn("Status", "Healthy, Unhealthy or Unknown."),
    textColumn("Message", "What the component says of itself."),
    textColumn("Error", "Why it could not be asked."),
  ],
  printRow: ({ metadata, conditions = [] }) => {
    const healthy = conditions.find(({ type }) => type === HEALTHY);
    const status = healthy === undefined ? "Unknown" : healthy.status === "True" ? "Healthy" : "Unhealthy";
    return [metadata.name ?? "", status, healthy?.message ?? "", healthy?.error ?? ""];
  },
};

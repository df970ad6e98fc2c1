import type { FlowSchema as FlowSchemaObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, NONE, textColumn } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";
import { validateConditions } from "../conditions.ts";
import { validateFlowSchema } from "./validation.ts";

export type FlowSchema = FlowSchemaObject;

export const FlowSchema: Resource<FlowSchema> = {
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "FlowSchema",
  plural: "flowschemas",
  scope: "Cluster",
};

const PRECEDENCE_DEFAULT = 1000;

function applyFlowSchemaDefaults(schema: FlowSchema): void {
  schema.spec ??= { priorityLevelConfiguration: { name: "" } };
  schema.spec.matchingPrecedence ||= PRECEDENCE_DEFAULT;
}

export const flowSchemaKind: KindDefinition<FlowSchema> = {
  resource: FlowSchema,
  singular: "flowschema",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.api.flowcontrol.v1.FlowSchema",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  checksGenerateName: "always",
  statusCarries: "nothing",
  selectableFields: {},
  applyDefaults: applyFlowSchemaDefaults,
  validateCreate: validateFlowSchema,
  validateUpdate: validateFlowSchema,
  validateStatusUpdate: ({ status }) => validateConditions(status?.conditions),
  columns: [
    NAME_COLUMN,
    textColumn("PriorityLevel", "Where its requests wait and are worked on."),
    textColumn("MatchingPrecedence", "The lowest number that matches a request has it."),
    textColumn("DistinguisherMethod", "By what requests are told apart into flows."),
    AGE_COLUMN,
    textColumn("MissingPL", "Whether the priority level is missing."),
  ],
  printRow: ({ metadata, spec, status }, nowMs) => [
    metadata.name ?? "",
    spec?.priorityLevelConfiguration?.name ?? "",
    spec?.matchingPrecedence ?? 0,
    spec?.distinguisherMethod?.type ?? NONE,
    formatAge(metadata.creationTimestamp, nowMs),
    status?.conditions?.find(({ type }) => type === "Dangling")?.status ?? "?",
  ],
};

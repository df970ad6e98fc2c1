import type { PriorityLevelConfiguration as PriorityLevelConfigurationObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, NONE, textColumn } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";
import { validateConditions } from "../conditions.ts";
import { validatePriorityLevel } from "./validation.ts";

export type PriorityLevelConfiguration = PriorityLevelConfigurationObject;

export const PriorityLevelConfiguration: Resource<PriorityLevelConfiguration> = {
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "PriorityLevelConfiguration",
  plural: "prioritylevelconfigurations",
  scope: "Cluster",
};

const SHARES_DEFAULT = 30;
const HAND_DEFAULT = 8;
const QUEUES_DEFAULT = 64;
const QUEUE_LENGTH_DEFAULT = 50;

function applyPriorityLevelDefaults({ spec }: PriorityLevelConfiguration): void {
  const { limited, exempt } = spec ?? {};
  if (exempt) {
    exempt.nominalConcurrencyShares ??= 0;
    exempt.lendablePercent ??= 0;
  }
  if (!limited) return;
  limited.nominalConcurrencyShares ??= SHARES_DEFAULT;
  limited.lendablePercent ??= 0;
  const queuing = limited.limitResponse?.queuing;
  if (!queuing) return;
  queuing.handSize ||= HAND_DEFAULT;
  queuing.queues ||= QUEUES_DEFAULT;
  queuing.queueLengthLimit ||= QUEUE_LENGTH_DEFAULT;
}

export const priorityLevelConfigurationKind: KindDefinition<PriorityLevelConfiguration> = {
  resource: PriorityLevelConfiguration,
  singular: "prioritylevelconfiguration",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  checksGenerateName: "always",
  statusCarries: "nothing",
  selectableFields: {},
  applyDefaults: applyPriorityLevelDefaults,
  validateCreate: validatePriorityLevel,
  validateUpdate: validatePriorityLevel,
  validateStatusUpdate: ({ status }) => validateConditions(status?.conditions),
  columns: [
    NAME_COLUMN,
    textColumn("Type", "Whether its requests are limited."),
    textColumn("NominalConcurrencyShares", "Its share of what the server works on at once."),
    textColumn("Queues", "How many queues there are."),
    textColumn("HandSize", "How many of them one flow may use."),
    textColumn("QueueLengthLimit", "How many requests may wait in one queue."),
    AGE_COLUMN,
  ],
  printRow: ({ metadata, spec }, nowMs) => {
    const queuing = spec?.limited?.limitResponse?.queuing;
    return [
      metadata.name ?? "",
      spec?.type ?? "",
      spec?.limited?.nominalConcurrencyShares ?? NONE,
      queuing?.queues ?? NONE,
      queuing?.handSize ?? NONE,
      queuing?.queueLengthLimit ?? NONE,
      formatAge(metadata.creationTimestamp, nowMs),
    ];
  },
};

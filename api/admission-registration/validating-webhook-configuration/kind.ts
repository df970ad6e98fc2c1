import type { ValidatingWebhookConfiguration as ValidatingWebhookConfigurationObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import type { Resource } from "../../resource.ts";
import {
  applyWebhookDefaults,
  GROUP,
  validateWebhooks,
  validateWebhooksUpdate,
  WEBHOOK_COLUMNS,
  webhookWarnings,
} from "../webhook.ts";

export type ValidatingWebhookConfiguration = ValidatingWebhookConfigurationObject;

export const ValidatingWebhookConfiguration: Resource<ValidatingWebhookConfiguration> = {
  group: GROUP,
  version: "v1",
  kind: "ValidatingWebhookConfiguration",
  plural: "validatingwebhookconfigurations",
  scope: "Cluster",
};

export const validatingWebhookConfigurationKind: KindDefinition<ValidatingWebhookConfiguration> = {
  resource: ValidatingWebhookConfiguration,
  singular: "validatingwebhookconfiguration",
  shortNames: [],
  categories: ["api-extensions"],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  countsGenerations: true,
  countsSaidEmpty: true,
  requiresVersion: true,
  checksGenerateName: "always",
  takesAnyFinalizer: true,
  selectableFields: {},
  applyDefaults: ({ webhooks = [] }) => {
    for (const webhook of webhooks) applyWebhookDefaults(webhook);
  },
  validateCreate: validateWebhooks,
  validateUpdate: validateWebhooksUpdate,
  warningsOf: webhookWarnings,
  columns: WEBHOOK_COLUMNS,
  printRow: ({ metadata, webhooks = [] }, nowMs) => [
    metadata.name ?? "",
    webhooks.length,
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};

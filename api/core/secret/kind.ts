import type { Secret as SecretObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";
import { applySecretDefaults } from "./defaults.ts";
import { validateSecret, validateSecretUpdate } from "./validation.ts";
import { secretWarnings } from "./warnings.ts";

export type Secret = SecretObject;

export const Secret: Resource<Secret> = {
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  scope: "Namespaced",
};

export const secretKind: KindDefinition<Secret> = {
  resource: Secret,
  singular: "secret",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.core.v1.Secret",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  checksGenerateName: "always",
  selectableFields: { type: (secret) => secret.type ?? "" },
  applyDefaults: applySecretDefaults,
  validateCreate: validateSecret,
  validateUpdate: validateSecretUpdate,
  warningsOf: secretWarnings,
  columns: [
    NAME_COLUMN,
    textColumn("Type", "What the data is for."),
    textColumn("Data", "Number of keys."),
    AGE_COLUMN,
  ],
  printRow: (secret, nowMs) => [
    secret.metadata.name ?? "",
    secret.type ?? "",
    Object.keys(secret.data ?? {}).length,
    formatAge(secret.metadata.creationTimestamp, nowMs),
  ],
};

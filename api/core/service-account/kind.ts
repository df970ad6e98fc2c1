import type { ServiceAccount as ServiceAccountObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";

export type ServiceAccount = ServiceAccountObject;

export const ServiceAccount: Resource<ServiceAccount> = {
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  scope: "Namespaced",
};

/** Where else a reference might lead is nobody's to say: secrets are in the account's namespace. */
function keepNamesOfSecrets(account: ServiceAccount): void {
  if (account.secrets) account.secrets = account.secrets.map(({ name }) => (name === undefined ? {} : { name }));
}

export const serviceAccountKind: KindDefinition<ServiceAccount> = {
  resource: ServiceAccount,
  singular: "serviceaccount",
  shortNames: ["sa"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [
    { name: "token", verbs: ["create"], kind: "TokenRequest", group: "authentication.k8s.io", version: "v1" },
  ],
  schema: "io.k8s.api.core.v1.ServiceAccount",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  isReturnedByDelete: true,
  checksGenerateName: "always",
  selectableFields: {},
  prepareForCreate: keepNamesOfSecrets,
  prepareForUpdate: keepNamesOfSecrets,
  columns: [NAME_COLUMN, AGE_COLUMN],
  printRow: (account, nowMs) => [account.metadata.name ?? "", formatAge(account.metadata.creationTimestamp, nowMs)],
};

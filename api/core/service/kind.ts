import type { Service as ServiceObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import type { Resource } from "../../resource.ts";
import { printService, serviceColumns } from "./columns.ts";
import { applyServiceDefaults, applyServiceStatusDefaults } from "./defaults.ts";
import { prepareServiceForCreate, prepareServiceForUpdate } from "./prepare.ts";
import { validateService, validateServiceStatusUpdate, validateServiceUpdate } from "./validation.ts";
import { warningsOfService } from "./warnings.ts";

export type Service = ServiceObject;

export const Service: Resource<Service> = {
  group: "",
  version: "v1",
  kind: "Service",
  plural: "services",
  scope: "Namespaced",
};

export const serviceKind: KindDefinition<Service> = {
  resource: Service,
  singular: "service",
  shortNames: ["svc"],
  categories: ["all"],
  verbs: ALL_VERBS,
  subresources: [{ name: "proxy", verbs: ["connect"], kind: "ServiceProxyOptions" }, STATUS_SUBRESOURCE],
  schema: "io.k8s.api.core.v1.Service",
  nameRule: "dns1123Label",
  hasStatus: true,
  countsGenerations: false,
  isCreatedByUpdate: true,
  isReturnedByDelete: true,
  selectableFields: {
    "spec.clusterIP": (service) => service.spec?.clusterIP ?? "",
    "spec.type": (service) => service.spec?.type ?? "",
  },
  applyDefaults: applyServiceDefaults,
  prepareForStatusUpdate: applyServiceStatusDefaults,
  prepareForCreate: prepareServiceForCreate,
  prepareForUpdate: prepareServiceForUpdate,
  validateCreate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatusUpdate,
  warningsOf: warningsOfService,
  columns: serviceColumns,
  printRow: printService,
};

import type { APIService as APIServiceObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import { invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { checkDns1035Label, checkDns1123Subdomain, checkPathSegment, checkPortNumber } from "../../meta/names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import { HTTPS_PORT } from "../../meta/webhook-client.ts";
import type { Resource } from "../../resource.ts";

export type APIService = APIServiceObject;

export const APIService: Resource<APIService> = {
  group: "apiregistration.k8s.io",
  version: "v1",
  kind: "APIService",
  plural: "apiservices",
  scope: "Cluster",
};

const GROUP_PRIORITY_MAX = 20_000;
const VERSION_PRIORITY_MAX = 1000;
const CONDITION_STATUSES = ["True", "False", "Unknown"];

function validateApiService({ metadata, spec }: APIService): FieldError[] {
  const { group = "", version = "", groupPriorityMinimum, versionPriority, service, caBundle = "" } = spec;
  const errors: FieldError[] = [];
  const name = `${version}.${group}`;
  // Upstream asks the same of the name to generate, which nobody needs.
  for (const field of metadata.generateName ? (["generateName", "name"] as const) : (["name"] as const)) {
    // What could not be a part of a path is told of that alone.
    if (metadata[field] === name || checkPathSegment(metadata[field] ?? "").length > 0) continue;
    const text = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`;
    errors.push(invalidValue(`metadata.${field}`, metadata[field] ?? "", text));
  }
  if (group === "" && version !== "v1") {
    errors.push(required("spec.group", "only v1 may have an empty group and it better be legacy kube"));
  }
  if (group !== "") errors.push(...invalidTexts("spec.group", group, checkDns1123Subdomain(group)));
  errors.push(...invalidTexts("spec.version", version, checkDns1035Label(version)));
  if (!(groupPriorityMinimum > 0 && groupPriorityMinimum <= GROUP_PRIORITY_MAX)) {
    const text = `must be positive and less than ${GROUP_PRIORITY_MAX}`;
    errors.push(invalidValue("spec.groupPriorityMinimum", groupPriorityMinimum ?? 0, text));
  }
  if (!(versionPriority > 0 && versionPriority <= VERSION_PRIORITY_MAX)) {
    const text = `must be positive and less than ${VERSION_PRIORITY_MAX}`;
    errors.push(invalidValue("spec.versionPriority", versionPriority ?? 0, text));
  }
  const skips = spec.insecureSkipTLSVerify === true;
  if (!service) {
    if (caBundle !== "") {
      const size = `${Buffer.from(caBundle, "base64").length} bytes`;
      errors.push(invalidValue("spec.caBundle", size, "local APIServices may not have a caBundle"));
    }
    if (skips) {
      const text = "local APIServices may not have insecureSkipTLSVerify";
      errors.push(invalidValue("spec.insecureSkipTLSVerify", true, text));
    }
    return errors;
  }
  if (!service.namespace) errors.push(required("spec.service.namespace"));
  if (!service.name) errors.push(required("spec.service.name"));
  const portTexts = checkPortNumber(service.port ?? 0);
  if (portTexts.length > 0) {
    errors.push(invalidValue("spec.service.port", service.port ?? 0, `port is not valid: ${portTexts.join(", ")}`));
  }
  if (skips && caBundle !== "") {
    errors.push(invalidValue("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present"));
  }
  return errors;
}

function validateStatus({ status }: APIService): FieldError[] {
  return (status?.conditions ?? []).flatMap((condition, index) =>
    CONDITION_STATUSES.includes(condition.status)
      ? []
      : [notSupported(`status.conditions[${index}].status`, condition.status, CONDITION_STATUSES)],
  );
}

function availability({ status }: APIService): string {
  const condition = status?.conditions?.find(({ type }) => type === "Available");
  if (!condition) return "Unknown";
  return condition.status === "True" || !condition.reason
    ? condition.status
    : `${condition.status} (${condition.reason})`;
}

export const apiServiceKind: KindDefinition<APIService> = {
  resource: APIService,
  singular: "apiservice",
  shortNames: [],
  categories: ["api-extensions"],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService",
  nameRule: "pathSegment",
  hasStatus: true,
  countsGenerations: false,
  requiresVersion: true,
  takesAnyFinalizer: true,
  statusCarries: "generateName",
  selectableFields: {},
  applyDefaults: ({ spec }) => {
    if (spec?.service) spec.service.port ??= HTTPS_PORT;
  },
  validateCreate: validateApiService,
  validateUpdate: validateApiService,
  validateStatusUpdate: validateStatus,
  columns: [
    NAME_COLUMN,
    textColumn("Service", "The reference to the service that hosts this API endpoint."),
    textColumn("Available", "Whether this service is available."),
    AGE_COLUMN,
  ],
  printRow: (apiService, nowMs) => {
    const { service } = apiService.spec;
    return [
      apiService.metadata.name ?? "",
      service ? `${service.namespace}/${service.name}` : "Local",
      availability(apiService),
      formatAge(apiService.metadata.creationTimestamp, nowMs),
    ];
  },
};

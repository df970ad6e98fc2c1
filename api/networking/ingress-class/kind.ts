import type { IngressClass as IngressClassObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, NONE, textColumn } from "../../meta/columns.ts";
import { forbidden, required, tooLong, unchanged } from "../../meta/field-error.ts";
import { checkDns1123Label, checkDns1123Subdomain, checkPathSegment } from "../../meta/names.ts";
import { invalidTexts, validateDomainPrefixedPath, validateOptionalChoice } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";

export type IngressClass = IngressClassObject;

export const IngressClass: Resource<IngressClass> = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "IngressClass",
  plural: "ingressclasses",
  scope: "Cluster",
};

const DEFAULT_ANNOTATION = "ingressclass.kubernetes.io/is-default-class";
const CONTROLLER_CHARACTERS_MAX = 250;

function validateIngressClass({ spec }: IngressClass): FieldError[] {
  const { controller = "", parameters } = spec ?? {};
  const errors: FieldError[] = [];
  if (controller.length > CONTROLLER_CHARACTERS_MAX) errors.push(tooLong("spec.controller", CONTROLLER_CHARACTERS_MAX));
  errors.push(...validateDomainPrefixedPath(controller, "spec.controller"));
  if (!parameters) return errors;
  const path = "spec.parameters";
  const { apiGroup, scope, namespace } = parameters;
  if (apiGroup !== undefined)
    errors.push(...invalidTexts(`${path}.apiGroup`, apiGroup, checkDns1123Subdomain(apiGroup)));
  for (const field of ["kind", "name"] as const) {
    const value = parameters[field];
    errors.push(
      ...(value ? invalidTexts(`${path}.${field}`, value, checkPathSegment(value)) : [required(`${path}.${field}`)]),
    );
  }
  errors.push(...validateOptionalChoice(scope, ["Cluster", "Namespace"], `${path}.scope`));
  if (scope === "Namespace" && namespace === undefined) {
    errors.push(required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'"));
  } else if (scope === "Namespace" && namespace !== undefined) {
    errors.push(...invalidTexts(`${path}.namespace`, namespace, checkDns1123Label(namespace)));
  } else if (scope === "Cluster" && namespace !== undefined) {
    errors.push(forbidden(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  }
  return errors;
}

export const ingressClassKind: KindDefinition<IngressClass> = {
  resource: IngressClass,
  singular: "ingressclass",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.networking.v1.IngressClass",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  countsGenerations: true,
  checksGenerateName: "always",
  selectableFields: {},
  applyDefaults: ({ spec }) => {
    if (spec?.parameters) spec.parameters.scope ??= "Cluster";
  },
  validateCreate: validateIngressClass,
  validateUpdate: (ingressClass, old) => [
    ...unchanged("spec.controller", ingressClass.spec?.controller ?? "", old.spec?.controller ?? ""),
    ...validateIngressClass(ingressClass),
  ],
  columns: [
    NAME_COLUMN,
    textColumn("Controller", "Who carries ingresses of the class out."),
    textColumn("Parameters", "Where more about the class is written."),
    AGE_COLUMN,
  ],
  printRow: ({ metadata, spec }, nowMs) => {
    const parameters = spec?.parameters;
    const group = parameters?.apiGroup === undefined ? "" : `.${parameters.apiGroup}`;
    const isDefault = metadata.annotations?.[DEFAULT_ANNOTATION] === "true";
    return [
      `${metadata.name ?? ""}${isDefault ? " (default)" : ""}`,
      spec?.controller ?? "",
      parameters ? `${parameters.kind}${group}/${parameters.name}` : NONE,
      formatAge(metadata.creationTimestamp, nowMs),
    ];
  },
};

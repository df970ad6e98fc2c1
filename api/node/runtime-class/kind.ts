import { validateTolerations } from "../../core/pod/validation.ts";
import type { RuntimeClass as RuntimeClassObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import { required, unchanged } from "../../meta/field-error.ts";
import { checkDns1123Label } from "../../meta/names.ts";
import { validateLabels } from "../../meta/object-meta.ts";
import { validateQuantities } from "../../meta/quantity-validation.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";

export type RuntimeClass = RuntimeClassObject;

export const RuntimeClass: Resource<RuntimeClass> = {
  group: "node.k8s.io",
  version: "v1",
  kind: "RuntimeClass",
  plural: "runtimeclasses",
  scope: "Cluster",
};

function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  const errors = handler ? invalidTexts("handler", handler, checkDns1123Label(handler)) : [required("handler")];
  errors.push(...validateQuantities(overhead?.podFixed, "overhead.podFixed"));
  return [
    ...errors,
    ...validateLabels(scheduling?.nodeSelector, "scheduling.nodeSelector"),
    ...validateTolerations(scheduling?.tolerations ?? [], "scheduling.tolerations"),
  ];
}

export const runtimeClassKind: KindDefinition<RuntimeClass> = {
  resource: RuntimeClass,
  singular: "runtimeclass",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.node.v1.RuntimeClass",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  selectableFields: {},
  validateCreate: validateRuntimeClass,
  validateUpdate: (runtimeClass, old) => unchanged("handler", runtimeClass.handler, old.handler),
  columns: [NAME_COLUMN, textColumn("Handler", "What runs the class's pods."), AGE_COLUMN],
  printRow: ({ metadata, handler }, nowMs) => [
    metadata.name ?? "",
    handler ?? "",
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};

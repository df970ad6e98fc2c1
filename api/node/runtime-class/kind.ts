import { validateOverhead } from "../../core/pod/resource-validation.ts";
import { validateTolerations } from "../../core/pod/toleration-validation.ts";
import type { RuntimeClass as RuntimeClassObject, Toleration } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import { duplicate, required, unchanged } from "../../meta/field-error.ts";
import { checkDns1123Label } from "../../meta/names.ts";
import { validateLabels } from "../../meta/object-meta.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";
import { repeatedPlaces } from "../../meta/repeats.ts";

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
  // Under the name that containers have it under, as upstream says it.
  errors.push(...validateOverhead(overhead?.podFixed, "overhead"));
  return [
    ...errors,
    ...validateLabels(scheduling?.nodeSelector, "scheduling.nodeSelector"),
    ...validateTolerations(scheduling?.tolerations ?? [], "scheduling.tolerations"),
    ...validateDistinct(scheduling?.tolerations ?? []),
  ];
}

/** Those that are equal but for how long they hold are one. */
function validateDistinct(tolerations: readonly Toleration[]): FieldError[] {
  const repeated = repeatedPlaces(
    tolerations.map(({ key = "", operator = "", value = "", effect = "" }) => [key, operator, value, effect]),
  );
  return tolerations.flatMap((toleration, i) => {
    return repeated.has(i) ? [duplicate(`scheduling.tolerations[${i}]`, toleration)] : [];
  });
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
  isCreatedByUpdate: true,
  requiresVersion: true,
  checksGenerateName: "always",
  takesAnyFinalizer: true,
  selectableFields: {},
  validateCreate: validateRuntimeClass,
  validateUpdate: (runtimeClass, old) => [
    ...validateRuntimeClass(runtimeClass),
    ...unchanged("handler", runtimeClass.handler, old.handler),
  ],
  columns: [NAME_COLUMN, textColumn("Handler", "What runs the class's pods."), AGE_COLUMN],
  printRow: ({ metadata, handler }, nowMs) => [
    metadata.name ?? "",
    handler ?? "",
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};

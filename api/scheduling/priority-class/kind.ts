import { tableOf } from "@atoll/base/table-of";
import type { PriorityClass as PriorityClassObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, booleanColumn, integerColumn, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import { forbidden, required, unchanged } from "../../meta/field-error.ts";
import { validateOptionalChoice } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";

export type PriorityClass = PriorityClassObject;

export const PriorityClass: Resource<PriorityClass> = {
  group: "scheduling.k8s.io",
  version: "v1",
  kind: "PriorityClass",
  plural: "priorityclasses",
  scope: "Cluster",
};

/** Kubernetes' own classes, whose pods keep the cluster itself alive; no other may have their prefix or outrank users. */
export const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = tableOf({
  "system-cluster-critical": 2_000_000_000,
  "system-node-critical": 2_000_001_000,
});
const SYSTEM_PREFIX = "system-";
export const USER_PRIORITY_MAX = 1_000_000_000;
const PREEMPTION_POLICIES = ["PreemptLowerPriority", "Never"];

function validatePriorityClass({ metadata, value, globalDefault, preemptionPolicy }: PriorityClass): FieldError[] {
  const { name = "" } = metadata;
  const errors: FieldError[] = [];
  if (name.startsWith(SYSTEM_PREFIX)) {
    const isKnown = SYSTEM_PRIORITIES[name] === value && globalDefault !== true;
    const text =
      "priority class names with 'system-' prefix are reserved for system use only. error: " +
      (name in SYSTEM_PRIORITIES
        ? `value of ${name} PriorityClass must be ${SYSTEM_PRIORITIES[name]}`
        : `${name} is not a known system priority class`);
    if (!isKnown) errors.push(forbidden("metadata.name", text));
  } else if ((value ?? 0) > USER_PRIORITY_MAX) {
    errors.push(forbidden("value", `maximum allowed value of a user defined priority is ${USER_PRIORITY_MAX}`));
  }
  if (preemptionPolicy === "") return [...errors, required("preemptionPolicy")];
  return [...errors, ...validateOptionalChoice(preemptionPolicy, PREEMPTION_POLICIES, "preemptionPolicy")];
}

function validatePriorityClassUpdate(priorityClass: PriorityClass, old: PriorityClass): FieldError[] {
  const errors =
    (priorityClass.value ?? 0) === (old.value ?? 0) ? [] : [forbidden("value", "may not be changed in an update.")];
  return [...errors, ...unchanged("preemptionPolicy", priorityClass.preemptionPolicy, old.preemptionPolicy)];
}

export const priorityClassKind: KindDefinition<PriorityClass> = {
  resource: PriorityClass,
  singular: "priorityclass",
  shortNames: ["pc"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.scheduling.v1.PriorityClass",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  countsGenerations: "firstOnly",
  selectableFields: {},
  applyDefaults: (priorityClass) => {
    priorityClass.value ??= 0;
    priorityClass.preemptionPolicy ??= "PreemptLowerPriority";
  },
  validateCreate: validatePriorityClass,
  validateUpdate: validatePriorityClassUpdate,
  columns: [
    NAME_COLUMN,
    integerColumn("Value", "Rank of the class's pods; the higher goes first."),
    booleanColumn("Global-Default", "Whether pods without a class get this one."),
    AGE_COLUMN,
    textColumn("PreemptionPolicy", "Whether pods of lower rank make room."),
  ],
  printRow: ({ metadata, value, globalDefault, preemptionPolicy }, nowMs) => [
    metadata.name ?? "",
    value ?? 0,
    globalDefault ?? false,
    formatAge(metadata.creationTimestamp, nowMs),
    preemptionPolicy ?? "",
  ],
};

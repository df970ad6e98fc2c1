// What only the server writes of a definition as it comes, changes and goes.

import type { CustomResourceDefinition } from "../../generated/types.ts";

/** Keeps a definition until its objects are gone. */
export const CLEANUP_FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

export const TERMINATING = "Terminating";

export const PENDING_REASON = "InstanceDeletionPending";

const PENDING = {
  type: TERMINATING,
  status: "True",
  reason: PENDING_REASON,
  message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
};

export function prepareDefinitionForCreate(definition: CustomResourceDefinition): void {
  definition.status = {
    conditions: [],
    acceptedNames: { kind: "", plural: "" },
    storedVersions: storedVersionsWith([], definition),
  };
}

/** A version that objects were ever stored in stays on the list until somebody has rewritten them and says so. */
export function prepareDefinitionForUpdate(definition: CustomResourceDefinition, old: CustomResourceDefinition): void {
  const storedVersions = storedVersionsWith(old.status?.storedVersions ?? [], definition);
  definition.status = { ...old.status, storedVersions };
}

function storedVersionsWith(stored: readonly string[], { spec }: CustomResourceDefinition): string[] {
  const current = spec.versions?.find(({ storage }) => storage)?.name;
  return current === undefined || stored.includes(current) ? [...stored] : [...stored, current];
}

export function holdForCleanup({ metadata, status }: CustomResourceDefinition): void {
  const finalizers = metadata.finalizers ?? [];
  if (!finalizers.includes(CLEANUP_FINALIZER)) metadata.finalizers = [...finalizers, CLEANUP_FINALIZER];
  if (!status || status.conditions?.some(({ type }) => type === TERMINATING)) return;
  status.conditions = [
    ...(status.conditions ?? []),
    { ...PENDING, ...(metadata.deletionTimestamp ? { lastTransitionTime: metadata.deletionTimestamp } : {}) },
  ];
}

export function hasCondition({ status }: CustomResourceDefinition, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
}

// What a caller asked for beside the object, in the form in which webhooks and policies are told.

/** CreateOptions, UpdateOptions and the like, as meta.k8s.io/v1 has them. */
export interface OperationOptions {
  readonly kind: "CreateOptions" | "UpdateOptions" | "DeleteOptions";
  readonly apiVersion: "meta.k8s.io/v1";
  readonly [field: string]: unknown;
}

const DRY_RUN = ["All"];

/** Of a write: only what its query says; an apply or a patch is told as the creation or the update that it becomes. */
export function writeOperationOptions(
  kind: "CreateOptions" | "UpdateOptions",
  dryRun: boolean,
  query: URLSearchParams | undefined,
): OperationOptions {
  const options: Record<string, unknown> & OperationOptions = { kind, apiVersion: "meta.k8s.io/v1" };
  if (dryRun) options.dryRun = DRY_RUN;
  if (!query || query.size === 0) return options;
  for (const field of ["fieldManager", "fieldValidation"]) {
    const value = query.get(field);
    if (value) options[field] = value;
  }
  return options;
}

/** Of a deletion, each object of a collection by itself. */
export function deleteOperationOptions(options: {
  readonly gracePeriodSeconds: number | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly propagationPolicy: string | undefined;
  readonly dryRun: boolean;
}): OperationOptions {
  const { gracePeriodSeconds, uid, resourceVersion, propagationPolicy, dryRun } = options;
  const hasPreconditions = uid !== undefined || resourceVersion !== undefined;
  return {
    kind: "DeleteOptions",
    apiVersion: "meta.k8s.io/v1",
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(hasPreconditions ? { preconditions: { uid, resourceVersion } } : {}),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(dryRun ? { dryRun: DRY_RUN } : {}),
  };
}

import type { Namespace } from "../../generated/types.ts";

/** In `spec.finalizers`; taken out through the finalize subresource once everything in the namespace is gone. */
export const NAMESPACE_FINALIZER = "kubernetes";

export function prepareNamespaceForCreate(namespace: Namespace): void {
  namespace.status = { phase: "Active" };
  const finalizers = namespace.spec.finalizers ?? [];
  if (!finalizers.includes(NAMESPACE_FINALIZER)) namespace.spec.finalizers = [...finalizers, NAMESPACE_FINALIZER];
}

/** Spec's finalizers change through the finalize subresource only. */
export function prepareNamespaceForUpdate(namespace: Namespace, old: Namespace): void {
  namespace.spec = structuredClone(old.spec);
}

/** Whoever takes finalizers away leaves the rest of the namespace alone. */
export function prepareNamespaceToFinalize(namespace: Namespace, old: Namespace): void {
  if (old.status) namespace.status = old.status;
  else delete namespace.status;
}

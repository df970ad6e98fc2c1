import type { Namespace } from "../../generated/types.ts";

/** Every namespace carries its name as a label, so that selectors can name it. */
export const NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

export function applyNamespaceDefaults(namespace: Namespace): void {
  namespace.spec ??= {};
  namespace.status ??= {};
  namespace.status.phase ??= "Active";
  // Without a name yet (generateName) there is nothing to write; the server calls again once it has made one.
  if (namespace.metadata.name) {
    namespace.metadata.labels = { ...namespace.metadata.labels, [NAMESPACE_NAME_LABEL]: namespace.metadata.name };
  }
}

import type { KubeObject } from "@atoll/api/resource";

/** An object's metadata alone, in the kind that says so. */
export function partialMetadata(object: KubeObject): unknown {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata };
}

import { META } from "@atoll/api/facts/unpublished";

/** Name in the table of numbers. */
export const PARTIAL_METADATA_SCHEMA = `${META}.PartialObjectMetadata`;

/** An object's metadata alone, in the kind that says so. */
export function partialMetadata(metadata: object, version: string) {
  return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}`, metadata };
}

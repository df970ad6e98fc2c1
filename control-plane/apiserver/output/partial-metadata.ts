import type { KindDefinition } from "@atoll/api/kind";
import type { ObjectMeta } from "@atoll/api/meta/types";
import { META } from "@atoll/api/facts/unpublished";

/** Name in the table of numbers. */
export const PARTIAL_METADATA_SCHEMA = `${META}.PartialObjectMetadata`;

/** An object's metadata alone. */
export function partialObject({ metadataAlone }: KindDefinition, metadata: ObjectMeta, version: string) {
  return partialMetadata(metadataAlone?.(metadata) ?? metadata, version);
}

/** Metadata alone, in the kind that says so. */
export function partialMetadata(metadata: object, version: string) {
  return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}`, metadata };
}

import { type KubeObject, type Resource, apiVersionOf } from "@atoll/api/resource";

/**
 * An object reduced to what says who it is, whose it is and whether it goes. Annotations and managed fields are most of the
 * bytes of most metadata, and nobody who is content with metadata reads them.
 */
export type MetadataObject = KubeObject;

/** Shares its kind's texts with all others of the kind: there may be very many. */
export function metadataReducer(resource: Resource): (object: KubeObject) => MetadataObject {
  const { kind } = resource;
  const apiVersion = apiVersionOf(resource);
  return ({ metadata }) => {
    const { annotations: _annotations, managedFields: _managedFields, ...kept } = metadata;
    return { apiVersion, kind, metadata: kept };
  };
}

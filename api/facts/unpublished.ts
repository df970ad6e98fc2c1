// Messages that clients exchange and no OpenAPI document has: what discovery answers with, and objects cut down to their
// metadata. Facts of Kubernetes 1.36, as `field-numbers.ts` has them for all others.

import type { Schema } from "../schema.ts";

export const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
export const DISCOVERY = "io.k8s.api.apidiscovery.v2";

export interface UnpublishedDefinition {
  readonly numbers: string;
  readonly properties: Readonly<Record<string, Schema>>;
}

const TEXT: Schema = { type: "string" };
const TEXTS: Schema = { type: "array", items: TEXT };

function one(ref: string): Schema {
  return { ref };
}

function many(ref: string): Schema {
  return { type: "array", items: { ref } };
}

export const UNPUBLISHED: Readonly<Record<string, UnpublishedDefinition>> = {
  [`${META}.PartialObjectMetadata`]: { numbers: "1 metadata", properties: { metadata: one(`${META}.ObjectMeta`) } },
  [`${META}.APIGroupList`]: { numbers: "1 groups", properties: { groups: many(`${META}.APIGroup`) } },
  [`${META}.APIResourceList`]: {
    numbers: "1 groupVersion, 2 resources",
    properties: { groupVersion: TEXT, resources: many(`${META}.APIResource`) },
  },
  [`${META}.GroupVersionKind`]: {
    numbers: "1 group, 2 version, 3 kind",
    properties: { group: TEXT, version: TEXT, kind: TEXT },
  },
  [`${DISCOVERY}.APIGroupDiscoveryList`]: {
    numbers: "1 metadata, 2 items",
    properties: { metadata: one(`${META}.ListMeta`), items: many(`${DISCOVERY}.APIGroupDiscovery`) },
  },
  [`${DISCOVERY}.APIGroupDiscovery`]: {
    numbers: "1 metadata, 2 versions",
    properties: { metadata: one(`${META}.ObjectMeta`), versions: many(`${DISCOVERY}.APIVersionDiscovery`) },
  },
  [`${DISCOVERY}.APIVersionDiscovery`]: {
    numbers: "1 version, 2 resources, 3 freshness",
    properties: { version: TEXT, resources: many(`${DISCOVERY}.APIResourceDiscovery`), freshness: TEXT },
  },
  [`${DISCOVERY}.APIResourceDiscovery`]: {
    numbers:
      "1 resource, 2 responseKind, 3 scope, 4 singularResource, 5 verbs, 6 shortNames, 7 categories, 8 subresources",
    properties: {
      resource: TEXT,
      responseKind: one(`${META}.GroupVersionKind`),
      scope: TEXT,
      singularResource: TEXT,
      verbs: TEXTS,
      shortNames: TEXTS,
      categories: TEXTS,
      subresources: many(`${DISCOVERY}.APISubresourceDiscovery`),
    },
  },
  [`${DISCOVERY}.APISubresourceDiscovery`]: {
    numbers: "1 subresource, 2 responseKind, 3 acceptedTypes, 4 verbs",
    properties: {
      subresource: TEXT,
      responseKind: one(`${META}.GroupVersionKind`),
      acceptedTypes: many(`${META}.GroupVersionKind`),
      verbs: TEXTS,
    },
  },
};

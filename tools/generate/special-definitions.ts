// Definitions that client-node flattens away or types as `any`: what they are in JSON, written by hand.

import type { Schema } from "@atoll/api/schema";

export const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1";
const SCHEDULING = "io.k8s.api.scheduling.v1alpha2";

export const specialDefinitions: Readonly<Record<string, Schema>> = {
  "io.k8s.apimachinery.pkg.api.resource.Quantity": {
    description:
      'An exact number with an optional suffix, as in "500m", "2", "1.5Gi" or "1e3". Served in its canonical form.',
    type: "string",
    format: "quantity",
  },
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {
    description: "A 32-bit integer or a string, a port's number or its name for example.",
    type: "string",
    format: "int-or-string",
  },
  "io.k8s.apimachinery.pkg.runtime.RawExtension": {
    description: "Any JSON object, kept as it is.",
    type: "object",
  },
  [`${META}.Time`]: {
    description: "A time as RFC 3339 writes it, in whole seconds.",
    type: "string",
    format: "date-time",
  },
  [`${META}.MicroTime`]: {
    description: "A time as RFC 3339 writes it, in microseconds.",
    type: "string",
    format: "date-time-micro",
  },
  [`${META}.FieldsV1`]: {
    description:
      'A set of fields as a tree: "f:NAME" a field, "k:KEYS" a list item by its keys, "v:VALUE" one by its value, "." itself.',
    type: "object",
  },
  [`${META}.Patch`]: { description: "The body of a PATCH request.", type: "object" },
  [`${EXTENSIONS}.JSON`]: { description: "Any JSON value." },
  [`${EXTENSIONS}.JSONSchemaPropsOrArray`]: { description: "A schema, or a list of schemas." },
  [`${EXTENSIONS}.JSONSchemaPropsOrBool`]: { description: "A schema, or true or false." },
  [`${EXTENSIONS}.JSONSchemaPropsOrStringArray`]: { description: "A schema, or a list of property names." },
  [`${EXTENSIONS}.CustomResourceSubresourceStatus`]: {
    description: "Present: the custom resource has a status subresource.",
    type: "object",
  },
  "io.k8s.api.apiserverinternal.v1alpha1.StorageVersionSpec": { description: "Empty.", type: "object" },
  [`${SCHEDULING}.BasicSchedulingPolicy`]: { description: "Pods are placed one by one.", type: "object" },
};

/** Fields that client-node calls `any`, and what they refer to. */
export const specialFields: Readonly<Record<string, Schema>> = {
  [`${META}.ManagedFieldsEntry.fieldsV1`]: { ref: `${META}.FieldsV1` },
  [`${EXTENSIONS}.JSONSchemaProps.default`]: { ref: `${EXTENSIONS}.JSON` },
  [`${EXTENSIONS}.JSONSchemaProps.example`]: { ref: `${EXTENSIONS}.JSON` },
  [`${EXTENSIONS}.JSONSchemaProps.enum`]: { type: "array", items: { ref: `${EXTENSIONS}.JSON` } },
  [`${EXTENSIONS}.JSONSchemaProps.items`]: { ref: `${EXTENSIONS}.JSONSchemaPropsOrArray` },
  [`${EXTENSIONS}.JSONSchemaProps.additionalItems`]: { ref: `${EXTENSIONS}.JSONSchemaPropsOrBool` },
  [`${EXTENSIONS}.JSONSchemaProps.additionalProperties`]: { ref: `${EXTENSIONS}.JSONSchemaPropsOrBool` },
  [`${EXTENSIONS}.JSONSchemaProps.dependencies`]: {
    type: "object",
    additionalProperties: { ref: `${EXTENSIONS}.JSONSchemaPropsOrStringArray` },
  },
  "io.k8s.api.apiserverinternal.v1alpha1.StorageVersion.spec": {
    ref: "io.k8s.api.apiserverinternal.v1alpha1.StorageVersionSpec",
  },
  [`${SCHEDULING}.PodGroupSchedulingPolicy.basic`]: { ref: `${SCHEDULING}.BasicSchedulingPolicy` },
  [`${EXTENSIONS}.CustomResourceSubresources.status`]: { ref: `${EXTENSIONS}.CustomResourceSubresourceStatus` },
};

// Definitions for tests: crontabs that use most of what a schema can say, and simple ones beside them.

import assert from "node:assert/strict";
import type { Json, TestServer } from "../test-server.ts";

export const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
export const TABS = "/apis/stable.example.com/v1/namespaces/default/crontabs";

const SCHEMA = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      required: ["cronSpec"],
      properties: {
        cronSpec: { type: "string", pattern: "^(\\*|\\d+)( (\\*|\\d+)){4}$" },
        image: { type: "string", default: "busybox", enum: ["busybox", "nginx"] },
        replicas: { type: "integer", minimum: 1, maximum: 10 },
        port: { "x-kubernetes-int-or-string": true },
        note: { type: "string", nullable: true },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        tags: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
        ports: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
          items: {
            type: "object",
            required: ["name"],
            properties: { name: { type: "string" }, number: { type: "integer" } },
          },
        },
        inner: {
          type: "object",
          "x-kubernetes-embedded-resource": true,
          "x-kubernetes-preserve-unknown-fields": true,
        },
      },
    },
    status: {
      type: "object",
      properties: { replicas: { type: "integer" }, selector: { type: "string" } },
    },
  },
};

export function definitionOf(plural: string, kind: string, more: Json = {}): Json {
  const version = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: SCHEMA } };
  const { versions = [version], ...spec } = more;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.stable.example.com` },
    spec: {
      group: "stable.example.com",
      scope: "Namespaced",
      names: { plural, kind, shortNames: [plural.slice(0, 2)] },
      versions,
      ...spec,
    },
  };
}

/** What the controller of names does when nothing is in the way. */
export async function establish(server: TestServer, definition: Json): Promise<void> {
  const created = await server.call("POST", DEFINITIONS, { body: definition });
  assert.equal(created.status, 201, JSON.stringify(created.body));
  const { body } = created;
  const condition = { type: "Established", status: "True", reason: "InitialNamesAccepted" };
  const path = `${DEFINITIONS}/${body.metadata.name}/status`;
  const status = { ...body.status, acceptedNames: body.spec.names, conditions: [condition] };
  const answer = await server.call("PUT", path, { body: { ...body, status } });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
}

export const tabOf = (name: string, spec: Json = {}, more: Json = {}): Json => ({
  apiVersion: "stable.example.com/v1",
  kind: "CronTab",
  metadata: { name },
  spec: { cronSpec: "* * * * 5", ...spec },
  ...more,
});

export const CRONTABS: Json = definitionOf("crontabs", "CronTab", {
  versions: [
    {
      name: "v1",
      served: true,
      storage: true,
      schema: { openAPIV3Schema: SCHEMA },
      subresources: {
        status: {},
        scale: {
          specReplicasPath: ".spec.replicas",
          statusReplicasPath: ".status.replicas",
          labelSelectorPath: ".status.selector",
        },
      },
      selectableFields: [{ jsonPath: ".spec.image" }],
      additionalPrinterColumns: [
        { name: "Spec", type: "string", jsonPath: ".spec.cronSpec" },
        { name: "Replicas", type: "integer", jsonPath: ".spec.replicas", priority: 1 },
        { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
      ],
    },
    {
      name: "v1beta1",
      served: true,
      storage: false,
      deprecated: true,
      schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
    },
  ],
});

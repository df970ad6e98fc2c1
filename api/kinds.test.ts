import assert from "node:assert/strict";
import { test } from "node:test";
import { deploymentKind } from "./apps/deployment/kind.ts";
import { configMapKind } from "./core/config-map/kind.ts";
import { namespaceKind } from "./core/namespace/kind.ts";
import { nodeKind } from "./core/node/kind.ts";
import { secretKind } from "./core/secret/kind.ts";
import { serviceKind } from "./core/service/kind.ts";
import { schemaModel } from "./generated/schemas.js";
import type { Deployment, Secret, Service } from "./generated/types.ts";
import { imageDiskKind } from "./imagecontroller/image-disk/kind.ts";
import { kinds } from "./kinds.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "./meta/object-meta.ts";
import { formatDuration } from "./meta/age.ts";

test("every kind is whole: its schema and lists exist, its names are its own, its row fits its columns", () => {
  const owners = new Map<string, string>();
  for (const kind of kinds) {
    const { resource } = kind;
    for (const name of [kind.schema, `${kind.schema}List`]) {
      assert.equal(schemaModel.definitions[name]?.kinds?.[0]?.group, resource.group, name);
    }
    for (const name of [resource.plural, kind.singular, ...kind.shortNames]) {
      const qualified = `${resource.group}/${name}`;
      const owner = owners.get(qualified) ?? resource.kind;
      assert.equal(owner, resource.kind, `${qualified} is taken twice`);
      owners.set(qualified, owner);
    }
    const bare = { metadata: { name: "a" }, spec: { selector: {} }, involvedObject: {} };
    assert.equal(kind.printRow(bare, 0).length, kind.columns.length, resource.kind);
    for (const select of Object.values(kind.selectableFields)) assert.equal(typeof select(bare), "string");
    const ways = ["", ...kind.subresources.map(({ name }) => name)];
    for (const way of Object.keys(kind.resetFields ?? {}))
      assert.ok(ways.includes(way), `${resource.kind} has no ${way}`);
    const once = structuredClone(bare);
    kind.applyDefaults?.(once);
    const twice = structuredClone(once);
    kind.applyDefaults?.(twice);
    assert.deepEqual(twice, once, `${resource.kind} defaults are idempotent`);
  }
});

function deployment(change: (spec: Deployment["spec"]) => void = () => {}): Deployment {
  const object: Deployment = {
    metadata: { name: "web" },
    spec: {
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "x" }] } },
    },
  };
  change(object.spec);
  deploymentKind.applyDefaults?.(object);
  return object;
}

test("a Deployment gets upstream's defaults", () => {
  const { replicas, strategy, revisionHistoryLimit, progressDeadlineSeconds, template } = deployment().spec;
  assert.deepEqual(
    { replicas, strategy, revisionHistoryLimit, progressDeadlineSeconds },
    {
      replicas: 1,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    },
  );
  assert.equal(template.spec?.restartPolicy, "Always");
  // Requests are filled in on pods, not on templates, and so are service links.
  assert.equal(template.spec?.enableServiceLinks, undefined);
});

test("a Deployment's selector must match its template and never changes", () => {
  assert.deepEqual(deploymentKind.validateCreate?.(deployment()), []);
  const errorsOf = (change: (spec: Deployment["spec"]) => void) =>
    (deploymentKind.validateCreate?.(deployment(change)) ?? []).map(({ field, message }) => `${field}: ${message}`);
  assert.deepEqual(
    errorsOf((spec) => (spec.selector = { matchLabels: { app: "api" } })),
    ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
  );
  assert.deepEqual(
    errorsOf((spec) => (spec.replicas = -1)),
    ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
  );
  const changed = deployment((spec) => {
    spec.selector = { matchLabels: { app: "api" } };
    spec.template.metadata = { labels: { app: "api" } };
  });
  assert.deepEqual(
    (deploymentKind.validateUpdate?.(changed, deployment()) ?? []).map(({ field, message }) => `${field}: ${message}`),
    ['spec.selector: Invalid value: {"matchLabels":{"app":"api"}}: field is immutable'],
  );
});

test("a Secret folds stringData into data, knows its types and shows no value in an error", () => {
  const secret: Secret = { metadata: { name: "s" }, data: { a: "YQ==" }, stringData: { b: "ü" } };
  secretKind.applyDefaults?.(secret);
  assert.deepEqual(secret, { metadata: { name: "s" }, type: "Opaque", data: { a: "YQ==", b: "w7w=" } });
  const docker = {
    metadata: {},
    type: "kubernetes.io/dockerconfigjson",
    data: { ".dockerconfigjson": btoa("geheim") },
  };
  const errors = secretKind.validateCreate?.(docker) ?? [];
  assert.equal(errors.length, 1);
  assert.ok(!JSON.stringify(errors).includes("geheim"));
  const tls = { metadata: {}, type: "kubernetes.io/tls", data: { "tls.crt": "" } };
  assert.deepEqual(
    secretKind.validateCreate?.(tls)?.map(({ field }) => field),
    ["data[tls.key]"],
  );
});

test("what is immutable stays", () => {
  const old = { metadata: {}, immutable: true, data: { a: "1" } };
  const errors = configMapKind.validateUpdate?.({ metadata: {}, data: { a: "2" } }, old) ?? [];
  assert.deepEqual(
    errors.map(({ field }) => field),
    ["immutable", "data"],
  );
  assert.deepEqual(secretKind.validateUpdate?.({ metadata: {}, type: "a" }, { metadata: {}, type: "b" })?.length, 1);
});

test("a ConfigMap's keys are file names and its data at most a mebibyte", () => {
  const errors = configMapKind.validateCreate?.({ metadata: {}, data: { "a/b": "", "..": "" } }) ?? [];
  assert.deepEqual(
    errors.map(({ field }) => field),
    ["data[a/b]", "data[..]"],
  );
  const large = { metadata: {}, data: { a: "x".repeat(1_048_577) } };
  assert.equal(configMapKind.validateCreate?.(large)?.[0]?.message, "Too long: may not be more than 1048576 bytes");
});

test("a Service gets its type, target ports and policies", () => {
  const service: Service = { metadata: { name: "s" }, spec: { ports: [{ port: 80 }] } };
  serviceKind.applyDefaults?.(service);
  assert.deepEqual(service.spec, {
    type: "ClusterIP",
    sessionAffinity: "None",
    internalTrafficPolicy: "Cluster",
    ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
  });
  assert.deepEqual(serviceKind.validateCreate?.(service), []);
  const empty: Service = { metadata: {}, spec: {} };
  serviceKind.applyDefaults?.(empty);
  assert.deepEqual(
    serviceKind.validateCreate?.(empty)?.map(({ field }) => field),
    ["spec.ports"],
  );
});

test("a Namespace carries its name as a label and cannot drop its finalizer by an update", () => {
  const namespace = { metadata: { name: "a" }, spec: {} };
  namespaceKind.applyDefaults?.(namespace);
  namespaceKind.prepareForCreate?.(namespace);
  assert.deepEqual(namespace, {
    metadata: { name: "a", labels: { "kubernetes.io/metadata.name": "a" } },
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  });
  const changed = { metadata: { name: "a" }, spec: { finalizers: [] } };
  namespaceKind.prepareForUpdate?.(changed, namespace);
  assert.deepEqual(changed.spec.finalizers, ["kubernetes"]);
});

test("a Node shows its state and roles", () => {
  const node = {
    metadata: { name: "n", labels: { "node-role.kubernetes.io/agent": "" } },
    spec: { unschedulable: true },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  };
  assert.deepEqual(nodeKind.printRow(node, 0).slice(0, 3), ["n", "Ready,SchedulingDisabled", "agent"]);
});

test("an ImageDisk is named after its digest", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const named = (name: string) => imageDiskKind.validateCreate?.({ metadata: { name }, spec: { digest } }) ?? [];
  assert.deepEqual(named(`sha256-${"a".repeat(64)}`), []);
  assert.deepEqual(
    named("other").map(({ field }) => field),
    ["metadata.name"],
  );
});

test("metadata is checked for every kind alike", () => {
  const rule = {
    nameRule: "dns1123Subdomain",
    scope: "Namespaced",
    checksGenerateName: true,
    qualifiesFinalizers: true,
  } as const;
  assert.deepEqual(validateObjectMeta({ name: "a", namespace: "b", labels: { "x.y/z": "1" } }, rule), []);
  const bad = {
    name: "A",
    labels: { "-": "?" },
    annotations: { "a b": "" },
    finalizers: ["orphan", "foregroundDeletion"],
    ownerReferences: [{ apiVersion: "", kind: "", name: "", uid: "" }],
  };
  assert.deepEqual(
    [...new Set(validateObjectMeta(bad, rule).map(({ field }) => field))],
    [
      "metadata.name",
      "metadata.namespace",
      "metadata.labels",
      "metadata.annotations",
      "metadata.ownerReferences.apiVersion",
      "metadata.ownerReferences.kind",
      "metadata.ownerReferences.name",
      "metadata.ownerReferences.uid",
      "metadata.finalizers",
    ],
  );
  const owner = (name: string) => ({ apiVersion: "v1", kind: "K", name, uid: name, controller: true });
  assert.deepEqual(
    validateObjectMeta({ name: "a", namespace: "b", ownerReferences: ["a", "b", "c"].map(owner) }, rule).map(
      ({ message }) => message.slice(message.lastIndexOf(" for ")),
    ),
    [" for K/a and K/b", " for K/a and K/c"],
  );
  const address = {
    nameRule: "ipAddress",
    scope: "Cluster",
    checksGenerateName: true,
    qualifiesFinalizers: true,
  } as const;
  assert.deepEqual(validateObjectMeta({ name: "2001:db8::1" }, address), []);
  for (const name of ["2001:DB8::1", "10.0.0.01", "a"]) {
    assert.deepEqual(
      validateObjectMeta({ name }, address).map(({ field }) => field),
      ["metadata.name"],
    );
  }
  const deleted = { name: "a", deletionTimestamp: "2026-01-01T00:00:00Z" };
  assert.deepEqual(
    validateObjectMetaUpdate({ ...deleted, finalizers: ["x/y"], uid: "2" }, { ...deleted, uid: "1" }, rule).map(
      ({ field }) => field,
    ),
    ["metadata.finalizers", "metadata.uid"],
  );
});

test("finalizers of most kinds have a domain, and the start of a name keeps to the rule of names", () => {
  const rule = {
    nameRule: "dns1123Subdomain",
    scope: "Cluster",
    checksGenerateName: true,
    qualifiesFinalizers: true,
  } as const;
  const meta = { name: "a", generateName: "A-", finalizers: ["pods", "example.com/x", "kubernetes"] };
  const fieldsOf = (errors: readonly { readonly field: string }[]) => errors.map(({ field }) => field);
  assert.deepEqual(fieldsOf(validateObjectMeta(meta, rule)), ["metadata.generateName", "metadata.finalizers[0]"]);
  const updated = { ...rule, nameRule: "pathSegment" } as const;
  assert.deepEqual(fieldsOf(validateObjectMetaUpdate(meta, meta, updated)), ["metadata.finalizers[0]"]);
  const whole = fieldsOf(validateObjectMetaUpdate(meta, meta, rule));
  assert.deepEqual(whole, ["metadata.finalizers[0]", "metadata.generateName"]);
  const free = { ...rule, qualifiesFinalizers: false };
  assert.deepEqual(validateObjectMeta({ ...meta, generateName: "a-" }, free), []);
});

test("ages are short", () => {
  const table: readonly (readonly [number, string])[] = [
    [-5, "<invalid>"],
    [-1, "0s"],
    [119, "119s"],
    [120, "2m"],
    [125, "2m5s"],
    [600, "10m"],
    [3 * 3600, "3h"],
    [3 * 3600 + 60, "3h1m"],
    [47 * 3600, "47h"],
    [49 * 3600, "2d1h"],
    [30 * 86400, "30d"],
    [3 * 365 * 86400, "3y"],
    [10 * 365 * 86400, "10y"],
  ];
  for (const [seconds, text] of table) assert.equal(formatDuration(seconds), text);
});

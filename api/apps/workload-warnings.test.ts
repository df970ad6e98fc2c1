import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deployment } from "./deployment/kind.ts";
import { deploymentKind } from "./deployment/kind.ts";
import { cronJobKind } from "../batch/cron-job/kind.ts";
import { podTemplateKind } from "../core/pod-template/kind.ts";

const port = { name: "web", containerPort: 80, protocol: "TCP" };
const template = {
  metadata: { annotations: { "security.alpha.kubernetes.io/sysctls": "a=b" } },
  spec: { containers: ["a", "b"].map((name) => ({ name, image: "i", ports: [port] })) },
};
const deployment = (name: string, fields = {}): Deployment => ({
  metadata: { name },
  spec: { selector: {}, template, ...fields },
});

const expected = (path: string) => [
  `${path}.metadata.annotations[security.alpha.kubernetes.io/sysctls]: non-functional in v1.11+; use the "sysctls" field instead`,
  `${path}.spec.containers[1].ports[0]: duplicate port definition with ${path}.spec.containers[0].ports[0]`,
  `${path}.spec.containers[1].ports[0]: duplicate port name "web" with ${path}.spec.containers[0].ports[0], services and probes that select ports by name will use ${path}.spec.containers[0].ports[0]`,
];

test("warnings about pods are given for the templates of workloads, with the template's path", () => {
  assert.deepEqual(deploymentKind.warningsOf?.(deployment("a")), expected("spec.template"));
  assert.deepEqual(podTemplateKind.warningsOf?.({ metadata: {}, template }), expected("template"));
  const spec = { schedule: "@daily", jobTemplate: { spec: { template } } };
  assert.deepEqual(
    cronJobKind.warningsOf?.({ metadata: { name: "a" }, spec }),
    expected("spec.jobTemplate.spec.template"),
  );
});

test("a change that leaves the workload as it is, such as a label's, warns of nothing", () => {
  const old = deployment("a");
  assert.deepEqual(deploymentKind.warningsOf?.(deployment("a"), old), []);
  assert.deepEqual(deploymentKind.warningsOf?.(deployment("a", { replicas: 2 }), old), expected("spec.template"));
});

test("a name that pods' host names cannot be made of is told of once", () => {
  const text =
    "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]";
  assert.equal(deploymentKind.warningsOf?.(deployment("a.b"))[0], text);
  assert.ok(!deploymentKind.warningsOf?.(deployment("a.b", { replicas: 2 }), deployment("a.b")).includes(text));
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FieldError } from "../kind.ts";
import { jobKind } from "../batch/job/kind.ts";
import { daemonSetKind } from "./daemon-set/kind.ts";
import { controllerRevisionKind } from "./controller-revision/kind.ts";
import { deploymentKind } from "./deployment/kind.ts";
import { statefulSetKind } from "./stateful-set/kind.ts";

const metadata = { name: "w" };
const LABELS = { app: "w" };

function template(labels: Record<string, string> = LABELS) {
  return { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
}

/** Paths of what is wrong, after defaults. */
function faults<T>(
  kind: { applyDefaults?: (object: T) => void; validateCreate?: (object: T) => FieldError[] },
  object: T,
): string[] {
  kind.applyDefaults?.(object);
  return (kind.validateCreate?.(object) ?? []).map(({ field }) => field);
}

describe("a workload's selector", () => {
  test("with a mistake selects nothing in particular, and the template is not looked at", () => {
    const selector = { matchLabels: { app: "-w" } };
    assert.deepEqual(faults(deploymentKind, { metadata, spec: { selector, template: template({}) } }), [
      ...["spec.selector.matchLabels", "spec.selector"],
    ]);
    const set = { metadata, spec: { selector, serviceName: "s", template: template({ "": "" }) } };
    assert.deepEqual(faults(statefulSetKind, set), ["spec.selector.matchLabels", "spec.selector"]);
  });

  test("with a mistake is not held against the template of a DaemonSet or a Job, which is checked by itself", () => {
    const selector = { matchLabels: { app: "-w" } };
    assert.deepEqual(faults(daemonSetKind, { metadata, spec: { selector, template: template({ "-": "" }) } }), [
      ...["spec.selector.matchLabels", "spec.template.labels"],
    ]);
    const job = template();
    const spec = {
      manualSelector: true,
      selector,
      template: { ...job, spec: { ...job.spec, restartPolicy: "Never" } },
    };
    assert.deepEqual(faults(jobKind, { metadata: { name: "w" }, spec }), ["spec.selector.matchLabels"]);
  });

  test("that is missing matches no template; only of DaemonSets it is not said twice", () => {
    const without = { template: template() } as never; // refused by the schema of no client
    assert.deepEqual(faults(deploymentKind, { metadata, spec: without }), [
      ...["spec.selector", "spec.template.metadata.labels"],
    ]);
    assert.deepEqual(faults(daemonSetKind, { metadata: { name: "w" }, spec: without }), [
      ...["spec.template.metadata.labels"],
    ]);
  });
});

describe("a pod template", () => {
  test("has its labels where upstream's type has them", () => {
    const selector = { matchLabels: LABELS };
    const wrong = template({ ...LABELS, "-x": "" });
    assert.deepEqual(faults(deploymentKind, { metadata, spec: { selector, template: wrong } }), [
      "spec.template.labels",
    ]);
  });

  test("that was let in once with a mistake keeps no StatefulSet from being changed", () => {
    const set = (labels: Record<string, string>, replicas: number) => {
      const spec = { selector: { matchLabels: LABELS }, serviceName: "s", template: template(labels), replicas };
      const object = { metadata, spec };
      statefulSetKind.applyDefaults?.(object);
      object.spec.template.spec.containers = [];
      return object;
    };
    assert.deepEqual(statefulSetKind.validateUpdate?.(set(LABELS, 2), set(LABELS, 1)), []);
  });
});

describe("a DaemonSet", () => {
  const daemonSet = (annotations: Record<string, string> = {}) => {
    const set = {
      metadata: { name: "w", annotations },
      spec: { selector: { matchLabels: LABELS }, template: template() },
    };
    daemonSetKind.applyDefaults?.(set);
    return set;
  };
  const ANNOTATION = "deprecated.daemonset.template.generation";

  test("counts its templates from what it says itself, and then by itself", () => {
    const set = daemonSet({ [ANNOTATION]: "5" });
    daemonSetKind.prepareForCreate?.(set);
    assert.equal(set.metadata.annotations[ANNOTATION], "5");
    const update = daemonSet({ [ANNOTATION]: "9" });
    update.spec.template.metadata.labels = { ...LABELS, more: "x" };
    daemonSetKind.prepareForUpdate?.(update, set);
    assert.equal(update.metadata.annotations[ANNOTATION], "6");
    assert.deepEqual(daemonSetKind.metadataAlone?.(set.metadata), { name: "w" });
    const status = daemonSet();
    assert.equal(status.metadata.annotations[ANNOTATION], "0");
    daemonSetKind.prepareForStatusUpdate?.(status, set);
    assert.equal(status.metadata.annotations[ANNOTATION], "5");
  });
});

test("a Deployment's labels are not for whoever writes its status", () => {
  const spec = { selector: { matchLabels: LABELS }, template: template() };
  const written = { metadata: { name: "w", labels: { a: "b" } }, spec };
  deploymentKind.prepareForStatusUpdate?.(written, { metadata: { name: "w" }, spec });
  assert.deepEqual(written.metadata, { name: "w" });
});

test("a StatefulSet's pods are updated one by one before the gate is open", () => {
  const set = () => {
    const updateStrategy = { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 2 } };
    return {
      metadata,
      spec: { selector: { matchLabels: LABELS }, serviceName: "s", template: template(), updateStrategy },
    };
  };
  const created = set();
  statefulSetKind.prepareForCreate?.(created);
  assert.deepEqual(created.spec.updateStrategy.rollingUpdate, {});
  const updated = set();
  statefulSetKind.prepareForUpdate?.(updated, set());
  assert.deepEqual(updated.spec.updateStrategy, set().spec.updateStrategy);
});

test("a ControllerRevision holds an object", () => {
  const messages = (data: unknown) =>
    controllerRevisionKind
      .validateCreate?.({ metadata, revision: 1, data: data as Record<string, unknown> })
      .map(({ message }) => message);
  assert.deepEqual(messages({}), []);
  assert.deepEqual(messages(undefined), ["Required value: data is mandatory"]);
  for (const data of [true, "text", []]) {
    assert.deepEqual(messages(data), ["Required value: data must be a valid JSON object"]);
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "../../generated/types.ts";
import type { PartialUpdate } from "../../kind.ts";
import { applyPodDefaults } from "./defaults.ts";
import { ephemeralContainersUpdate } from "./ephemeral-containers.ts";
import { preparePodForCreate } from "./lifecycle.ts";
import { resizeUpdate } from "./resize.ts";
import { preparePodForStatusUpdate, validatePodStatusUpdate } from "./status-update.ts";

function running(): Pod {
  const resources = { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "2", memory: "1Gi" } };
  const pod: Pod = {
    metadata: { name: "p", namespace: "default", labels: { a: "b" } },
    spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i", resources }] },
  };
  applyPodDefaults(pod);
  preparePodForCreate(pod);
  return pod;
}

function write(update: PartialUpdate<Pod>, change: (pod: Pod) => void, old = running()) {
  const pod = structuredClone(old);
  change(pod);
  update.prepare(pod, old);
  return { pod, errors: update.validate(pod, old).map(({ field, message }) => `${field}: ${message}`) };
}

const container = (pod: Pod) => {
  const [first] = pod.spec.containers;
  assert.ok(first?.resources);
  return { ...first, resources: first.resources };
};

test("an ephemeral container joins, and nothing else changes with it", () => {
  const { pod, errors } = write(ephemeralContainersUpdate, (wanted) => {
    wanted.metadata.labels = { other: "x" };
    wanted.spec.hostname = "h";
    wanted.spec.ephemeralContainers = [{ name: "debug", image: "busybox", targetContainerName: "c" }];
  });
  assert.deepEqual(errors, []);
  assert.deepEqual([pod.metadata.labels, pod.spec.hostname], [{ a: "b" }, undefined]);
  assert.equal(pod.spec.ephemeralContainers?.[0]?.terminationMessagePolicy, "File");
  const changed = write(
    ephemeralContainersUpdate,
    (wanted) => {
      wanted.spec.ephemeralContainers = [{ name: "debug", image: "other", targetContainerName: "c" }];
    },
    pod,
  );
  assert.deepEqual(changed.errors, [
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be changed\n',
  ]);
  const removed = write(ephemeralContainersUpdate, (wanted) => delete wanted.spec.ephemeralContainers, pod);
  assert.match(removed.errors[0] ?? "", /"debug" may not be removed/);
});

test("a resize changes CPU and memory, and only these", () => {
  const { pod, errors } = write(resizeUpdate, (wanted) => {
    wanted.metadata.labels = {};
    container(wanted).resources.requests = { cpu: "500m", memory: "1Gi" };
    wanted.spec.terminationGracePeriodSeconds = 1;
  });
  assert.deepEqual(errors, []);
  assert.deepEqual(container(pod).resources.requests, { cpu: "500m", memory: "1Gi" });
  assert.deepEqual([pod.metadata.labels, pod.spec.terminationGracePeriodSeconds], [{ a: "b" }, 30]);
  const removed = write(resizeUpdate, (wanted) => {
    container(wanted).resources.limits = { cpu: "2" };
  });
  assert.deepEqual(removed.errors, [
    "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed",
  ]);
  const other = write(resizeUpdate, (wanted) => {
    container(wanted).resources.limits = { cpu: "2", memory: "1Gi", "ephemeral-storage": "1Gi" };
  });
  assert.deepEqual(other.errors, ["spec: Forbidden: only cpu and memory resources are mutable"]);
  const renamed = write(resizeUpdate, (wanted) => {
    wanted.spec.containers = [{ ...container(wanted), name: "d" }];
  });
  assert.deepEqual(renamed.errors, [
    "spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize",
  ]);
});

test("a resize that names no containers is refused", () => {
  for (const containers of [undefined, []] as Pod["spec"]["containers"][]) {
    const { errors } = write(resizeUpdate, (wanted) => {
      if (containers) wanted.spec.containers = containers;
      else delete (wanted.spec as Partial<Pod["spec"]>).containers;
    });
    const [missing, , lists] = errors;
    assert.equal(missing, "spec.containers: Required value");
    assert.equal(lists, "spec.containers: Forbidden: containers may not be added or removed on resize");
  }
});

test("a resize keeps the pod's class, and needs a host that can", () => {
  const guaranteed = write(resizeUpdate, (wanted) => {
    container(wanted).resources.requests = { cpu: "2", memory: "1Gi" };
  });
  assert.match(guaranteed.errors[0] ?? "", /Pod QOS Class may not change/);
  const old = running();
  const status = { name: "c", image: "i", imageID: "", ready: true, restartCount: 0, state: { running: {} } };
  old.status = { ...old.status, containerStatuses: [status] };
  const refused = write(resizeUpdate, () => {}, old);
  assert.deepEqual(refused.errors, ["spec: Forbidden: Pod running on node without support for resize"]);
});

test("a status keeps its class and generations, and what ended stays so", () => {
  const old = running();
  const ended = { name: "c", image: "i", imageID: "", ready: false, restartCount: 0 };
  old.status = {
    ...old.status,
    conditions: [{ type: "Ready", status: "True", observedGeneration: 3 }],
    containerStatuses: [{ ...ended, state: { terminated: { exitCode: 0 } } }],
  };
  const next: Pod = {
    ...structuredClone(old),
    status: {
      phase: "Running",
      conditions: [
        { type: "Ready", status: "False" },
        { type: "-bad-", status: "True" },
      ],
      containerStatuses: [{ ...ended, state: { running: {} } }],
      podIPs: [{ ip: "10.0.0.1" }, { ip: "10.0.0.2" }],
    },
  };
  preparePodForStatusUpdate(next, old);
  assert.deepEqual([next.status?.qosClass, next.status?.conditions?.[0]?.observedGeneration], ["Burstable", 3]);
  assert.deepEqual(
    [...new Set(validatePodStatusUpdate(next, old).map(({ field }) => field))],
    ["status.conditions[1].Type", "status.containerStatuses[0].state", "status.podIPs"],
  );
  old.spec.restartPolicy = "Always";
  assert.equal(
    validatePodStatusUpdate(next, old).some(({ field }) => field === "status.containerStatuses[0].state"),
    false,
  );
});

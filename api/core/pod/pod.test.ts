import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerStatus, Pod } from "../../generated/types.ts";
import { podKind } from "./kind.ts";
import { qosClassOf } from "./quality-of-service.ts";
import { defaultPullPolicy } from "./pull-policy.ts";

function makePod(spec: Partial<Pod["spec"]> = {}): Pod {
  const pod: Pod = {
    metadata: { name: "a", namespace: "default" },
    spec: { containers: [{ name: "c", image: "nginx:1" }], ...spec },
  };
  podKind.applyDefaults?.(pod);
  return pod;
}

function complaints(spec: Partial<Pod["spec"]>): string[] {
  return (podKind.validateCreate?.(makePod(spec)) ?? []).map(({ field, message }) => `${field}: ${message}`);
}

test("a pod without an account mounts no account's token", () => {
  const token = {
    name: "t",
    projected: { sources: [{ configMap: { name: "c" } }, { serviceAccountToken: { path: "token" } }] },
  };
  assert.deepEqual(complaints({ volumes: [token] }), [
    "spec.volumes[0].projected.sources[1].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set",
  ]);
  assert.deepEqual(complaints({ volumes: [token], serviceAccountName: "default" }), []);
});

test("fills in what upstream fills in", () => {
  const pod = makePod({
    containers: [
      {
        name: "c",
        image: "nginx",
        ports: [{ containerPort: 80 }],
        env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
        resources: { limits: { cpu: "1" }, requests: { memory: "1Mi" } },
        livenessProbe: { httpGet: { port: 80 } },
      },
    ],
    volumes: [{ name: "e" }, { name: "s", secret: { secretName: "x" } }],
  });
  assert.deepEqual(pod.spec, {
    containers: [
      {
        name: "c",
        image: "nginx",
        imagePullPolicy: "Always",
        terminationMessagePath: "/dev/termination-log",
        terminationMessagePolicy: "File",
        ports: [{ containerPort: 80, protocol: "TCP" }],
        env: [{ name: "A", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } }],
        resources: { limits: { cpu: "1" }, requests: { cpu: "1", memory: "1Mi" } },
        livenessProbe: {
          httpGet: { path: "/", port: 80, scheme: "HTTP" },
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
        },
      },
    ],
    volumes: [
      { name: "e", emptyDir: {} },
      { name: "s", secret: { secretName: "x", defaultMode: 420 } },
    ],
    dnsPolicy: "ClusterFirst",
    restartPolicy: "Always",
    schedulerName: "default-scheduler",
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    enableServiceLinks: true,
  });
});

test("fills in nothing the second time", () => {
  const pod = makePod();
  const once = structuredClone(pod);
  podKind.applyDefaults?.(pod);
  assert.deepEqual(pod, once);
});

test("a pod with scheduling gates says from the start that it waits", () => {
  const pod = makePod({ schedulingGates: [{ name: "example.com/gate" }] });
  podKind.prepareForCreate?.(pod);
  assert.deepEqual(
    pod.status?.conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [["PodScheduled", "False", "SchedulingGated"]],
  );
});

test("looks for the newest image only where the reference means it", () => {
  const table = {
    nginx: "Always",
    "nginx:latest": "Always",
    "nginx:1": "IfNotPresent",
    "host:5000/nginx": "Always",
    "host:5000/nginx:1": "IfNotPresent",
    [`nginx@sha256:${"a".repeat(64)}`]: "IfNotPresent",
    [`nginx:latest@sha256:${"a".repeat(64)}`]: "Always",
  };
  for (const [reference, policy] of Object.entries(table))
    assert.equal(defaultPullPolicy(reference), policy, reference);
});

test("accepts an ordinary pod", () => {
  assert.deepEqual(complaints({}), []);
  const spec: Partial<Pod["spec"]> = {
    initContainers: [{ name: "i", image: "x", restartPolicy: "Always", readinessProbe: { exec: { command: ["a"] } } }],
    containers: [
      {
        name: "c",
        image: "x",
        env: [{ name: "with.dots-and spaces" }],
        volumeMounts: [{ name: "v", mountPath: "/v", subPath: "a/b" }],
        resources: { requests: { cpu: "100m" }, limits: { cpu: "1", "example.com/gpu": "1" } },
      },
    ],
    volumes: [{ name: "v", configMap: { name: "m", items: [{ key: "k", path: "p/q" }] } }],
    tolerations: [{ operator: "Exists" }, { key: "k", effect: "NoExecute", tolerationSeconds: 5 }],
  };
  assert.deepEqual(complaints(spec), []);
});

test("says what is wrong in upstream's words", () => {
  const c = { name: "c", image: "x" };
  const label =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
  const table: readonly (readonly [Partial<Pod["spec"]>, string])[] = [
    [{ containers: [] }, "spec.containers: Required value"],
    [{ containers: [{ name: "C", image: "x" }] }, `spec.containers[0].name: Invalid value: "C": ${label}`],
    [{ containers: [c, c] }, 'spec.containers[1].name: Duplicate value: "c"'],
    [{ containers: [{ name: "c" }] }, "spec.containers[0].image: Required value"],
    [
      { containers: [{ ...c, ports: [{ containerPort: 70000 }] }] },
      "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
    ],
    [
      { containers: [{ ...c, volumeMounts: [{ name: "v", mountPath: "/v" }] }] },
      'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ],
    [
      { containers: [{ ...c, resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } }] },
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      { containers: [{ ...c, livenessProbe: { exec: { command: ["a"] }, successThreshold: 2 } }] },
      "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1",
    ],
    [
      { containers: [{ ...c, readinessProbe: {} }] },
      "spec.containers[0].readinessProbe: Required value: must specify a handler type",
    ],
    [
      { initContainers: [{ name: "i", image: "x", livenessProbe: { exec: { command: ["a"] } } }] },
      "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
    ],
    [
      { restartPolicy: "Sometimes" },
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
    ],
    [
      { volumes: [{ name: "v", emptyDir: {}, hostPath: { path: "/x" } }] },
      "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
    ],
    [
      {
        containers: [{ ...c, env: [{ name: "A", value: "x", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }] }],
      },
      'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
    ],
  ];
  for (const [spec, text] of table) assert.deepEqual(complaints(spec), [text]);
});

test("checks users, addresses and spreading", () => {
  const c = { name: "c", image: "x" };
  const table: readonly (readonly [Partial<Pod["spec"]>, string])[] = [
    [
      { containers: [{ ...c, securityContext: { runAsUser: -1 } }] },
      "spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
    ],
    [
      { securityContext: { seccompProfile: { type: "Localhost" } } },
      "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost",
    ],
    [
      { containers: [{ ...c, securityContext: { privileged: true, allowPrivilegeEscalation: false } }] },
      'spec.containers[0].securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
    ],
    [{ dnsPolicy: "None" }, "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"],
    [
      { hostAliases: [{ ip: "1.2.3" }] },
      'spec.hostAliases[0].ip: Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [
      { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }] },
      "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
    ],
  ];
  for (const [spec, text] of table) assert.deepEqual(complaints(spec), [text]);
  const dnsConfig = {
    nameservers: ["10.0.0.1", "fd00::1"],
    searches: ["a_b.example", "."],
    options: [{ name: "ndots" }],
  };
  assert.deepEqual(complaints({ dnsPolicy: "None", dnsConfig, hostAliases: [{ ip: "::1", hostnames: ["h"] }] }), []);
});

test("lets an image and a shorter deadline change, and nothing else", () => {
  const old = makePod({ activeDeadlineSeconds: 100 });
  const change = (spec: Partial<Pod["spec"]>) => {
    const pod = structuredClone(old);
    Object.assign(pod.spec, spec);
    return (podKind.validateUpdate?.(pod, old) ?? []).map(({ field }) => field);
  };
  const [container] = old.spec.containers;
  assert.ok(container);
  assert.deepEqual(change({ containers: [{ ...container, image: "nginx:2" }], activeDeadlineSeconds: 50 }), []);
  assert.deepEqual(change({ tolerations: [{ operator: "Exists" }] }), []);
  assert.deepEqual(change({ containers: [{ ...container, args: ["x"] }] }), ["spec"]);
  assert.deepEqual(change({ nodeName: "n" }), ["spec"]);
  assert.deepEqual(change({ containers: [container, { ...container, name: "d" }] }), ["spec.containers"]);
  assert.deepEqual(change({ activeDeadlineSeconds: 200 }), ["spec.activeDeadlineSeconds"]);
});

test("computes the quality of service class", () => {
  const classOf = (...resources: NonNullable<Pod["spec"]["containers"][number]["resources"]>[]) =>
    qosClassOf(makePod({ containers: resources.map((given, i) => ({ name: `c${i}`, image: "x", resources: given })) }));
  const full = { limits: { cpu: "1", memory: "1Gi" } };
  assert.equal(classOf({}), "BestEffort");
  assert.equal(classOf(full), "Guaranteed");
  assert.equal(classOf(full, {}), "Burstable");
  assert.equal(classOf({ requests: { cpu: "1" } }), "Burstable");
  assert.equal(classOf({ ...full, requests: { cpu: "500m" } }), "Burstable");
});

const now = Date.parse("2026-01-01T01:00:00Z");

function row(pod: Partial<Pod>): readonly unknown[] {
  const metadata = { name: "a", creationTimestamp: "2026-01-01T00:00:00Z" };
  return podKind.printRow({ metadata, spec: makePod().spec, ...pod }, now);
}

const container = (
  state: NonNullable<ContainerStatus["state"]>,
  rest: Partial<ContainerStatus> = {},
): ContainerStatus => ({
  name: "c",
  image: "x",
  imageID: "",
  ready: false,
  restartCount: 0,
  state,
  ...rest,
});

test("prints the pod as kubectl users know it", () => {
  const running = container({ running: {} }, { ready: true });
  const crashed = container(
    { waiting: { reason: "CrashLoopBackOff" } },
    { restartCount: 3, lastState: { terminated: { exitCode: 1, finishedAt: "2026-01-01T00:59:00Z" } } },
  );
  assert.deepEqual(row({ status: { phase: "Pending" } }), [
    "a",
    "0/1",
    "Pending",
    "0",
    "60m",
    "<none>",
    "<none>",
    "<none>",
    "<none>",
  ]);
  assert.deepEqual(
    row({ status: { phase: "Running", containerStatuses: [running], podIPs: [{ ip: "10.0.0.1" }] } }).slice(1, 6),
    ["1/1", "Running", "0", "60m", "10.0.0.1"],
  );
  assert.deepEqual(row({ status: { phase: "Running", containerStatuses: [crashed] } }).slice(1, 4), [
    "0/1",
    "CrashLoopBackOff",
    "3 (60s ago)",
  ]);
  const completed = container({ terminated: { exitCode: 0, reason: "Completed" } });
  assert.equal(row({ status: { phase: "Succeeded", containerStatuses: [completed] } })[2], "Completed");
  const initializing = container({ waiting: { reason: "PodInitializing" } });
  const init = { ...makePod().spec, initContainers: [{ name: "i", image: "x" }] };
  assert.equal(
    row({ spec: init, status: { phase: "Pending", initContainerStatuses: [{ ...initializing, name: "i" }] } })[2],
    "Init:0/1",
  );
  const deleted = { name: "a", deletionTimestamp: "2026-01-01T00:00:00Z" };
  assert.equal(
    row({ metadata: deleted, status: { phase: "Running", containerStatuses: [running] } })[2],
    "Terminating",
  );
});

test("a gated pod's place can be narrowed and not widened, and its host's marks stay", () => {
  const term = (...keys: string[]) => ({ matchExpressions: keys.map((key) => ({ key, operator: "Exists" })) });
  const affinity = (...terms: object[]) => ({
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
  });
  const gated = (fields: object) => makePod({ schedulingGates: [{ name: "g" }], ...fields });
  const old = gated({ nodeSelector: { a: "1" }, affinity: affinity(term("x")) });
  const refused = (pod: Pod) => (podKind.validateUpdate?.(pod, old) ?? []).map(({ field }) => field);
  const terms = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
  assert.deepEqual(refused(gated({ nodeSelector: { a: "1", b: "2" }, affinity: affinity(term("x", "y")) })), []);
  assert.deepEqual(refused(gated({ nodeSelector: { b: "2" }, affinity: affinity(term("y", "x")) })), [
    "spec.nodeSelector",
    `${terms}[0]`,
  ]);
  assert.deepEqual(refused(gated({ nodeSelector: { a: "1" }, affinity: affinity(term("x"), term("y")) })), [terms]);
  const marked = structuredClone(old);
  marked.metadata.annotations = { "kubernetes.io/config.mirror": "x" };
  const field = "metadata.annotations[kubernetes.io/config.mirror]";
  // It may not come later, and not without a host.
  assert.deepEqual(refused(marked), [field, field]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { schemaModel } from "@atoll/api/generated/schemas";
import { emptiesOf, holdsSaidEmpty, isSaidEmpty } from "@atoll/api/meta/said-empty";
import { isUnlikeStored } from "@atoll/api/meta/unlike-stored";
import { COMPLAINTS_MAX } from "./complaints.ts";
import { decodeInSteps, decodeObject } from "./decode-object.ts";

const POD = "io.k8s.api.core.v1.Pod";

test("keeps what the definition knows and reports what it does not", () => {
  const pod = {
    metadata: { name: "a", labels: { x: "y" }, lables: {} },
    spec: { containers: [{ name: "c", imag: "x" }], hostNetwrk: true },
  };
  const { object, errors, unknownFields } = decodeObject(schemaModel, POD, pod);
  assert.deepEqual(object, { metadata: { name: "a", labels: { x: "y" } }, spec: { containers: [{ name: "c" }] } });
  assert.deepEqual(errors, []);
  assert.deepEqual(unknownFields, ["metadata.lables", "spec.containers[0].imag", "spec.hostNetwrk"]);
});

test("names the field, the type given and the type wanted", () => {
  const { errors } = decodeObject(schemaModel, POD, {
    spec: {
      containers: [{ name: 1, ports: [{ containerPort: "80" }] }],
      hostNetwork: "yes",
      nodeSelector: ["a"],
      restartPolicy: 1,
      volumes: [{ emptyDir: 1 }],
    },
  });
  assert.deepEqual(
    errors.map(({ field, message }) => [field, message]),
    [
      [
        "spec.containers[0].name",
        "json: cannot unmarshal number into Go struct field Container.spec.containers.name of type string",
      ],
      [
        "spec.containers[0].ports[0].containerPort",
        "json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
      ],
      ["spec.hostNetwork", "json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool"],
      [
        "spec.nodeSelector",
        "json: cannot unmarshal array into Go struct field PodSpec.spec.nodeSelector of type map[string]string",
      ],
      [
        "spec.restartPolicy",
        "json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy",
      ],
      [
        "spec.volumes[0].emptyDir",
        "json: cannot unmarshal number into Go struct field Volume.spec.volumes.VolumeSource.emptyDir of type v1.EmptyDirVolumeSource",
      ],
    ],
  );
});

test("writes times, quantities and base64 in canonical form", () => {
  const pod = decodeObject(schemaModel, POD, {
    metadata: { creationTimestamp: "2026-01-02T03:04:05.678+01:00" },
    spec: { containers: [{ name: "c", resources: { limits: { cpu: 0.5, memory: "2048Mi" } } }] },
  }).object;
  assert.deepEqual(pod, {
    metadata: { creationTimestamp: "2026-01-02T02:04:05Z" },
    spec: { containers: [{ name: "c", resources: { limits: { cpu: "500m", memory: "2Gi" } } }] },
  });
  const lease = decodeObject(schemaModel, "io.k8s.api.coordination.v1.Lease", {
    spec: { renewTime: "2026-01-02T03:04:05.123456+01:00" },
  }).object;
  assert.deepEqual(lease, { spec: { renewTime: "2026-01-02T02:04:05.123456Z" } });
  const secret = decodeObject(schemaModel, "io.k8s.api.core.v1.Secret", { data: { a: "YQ=\n=" } });
  assert.deepEqual(secret.object, { data: { a: "YQ==" } });
});

test("refuses times, quantities, numbers and base64 that are none", () => {
  const values: readonly (readonly [string, unknown])[] = [
    [POD, { metadata: { creationTimestamp: "yesterday" } }],
    [POD, { spec: { containers: [{ name: "c", resources: { limits: { cpu: "lots" } } }] } }],
    [POD, { spec: { priority: 2 ** 31 } }],
    [POD, { spec: { priority: 1.5 } }],
    [POD, { spec: "x" }],
    ["io.k8s.api.core.v1.Secret", { data: { a: "?" } }],
    ["io.k8s.api.coordination.v1.Lease", { spec: { renewTime: "2026-01-02T03:04:05Z" } }],
    ["io.k8s.api.core.v1.Service", { spec: { ports: [{ port: 80, targetPort: true }] } }],
    [POD, 7],
  ];
  for (const [schema, value] of values) {
    assert.equal(decodeObject(schemaModel, schema, value).errors.length, 1, JSON.stringify(value));
  }
});

test("takes null for an absent field and for an empty value in a map", () => {
  const { object, errors } = decodeObject(schemaModel, "io.k8s.api.core.v1.ConfigMap", {
    metadata: { creationTimestamp: null },
    data: { a: null },
    binaryData: null,
  });
  assert.deepEqual(errors, []);
  assert.deepEqual(object, { metadata: {}, data: { a: "" } });
});

test("leaves out a zero that says the same as no field, and keeps one that is meant", () => {
  const spec = {
    ...{ hostname: "", hostNetwork: false, nodeSelector: {}, tolerations: [], securityContext: {} },
    ...{ automountServiceAccountToken: false, terminationGracePeriodSeconds: 0 },
    containers: [{ name: "", resources: { limits: {} }, command: [], stdin: false }],
  };
  const { object } = decodeObject(schemaModel, POD, { spec });
  assert.deepEqual(object, {
    spec: {
      ...{ securityContext: {}, automountServiceAccountToken: false, terminationGracePeriodSeconds: 0 },
      containers: [{ name: "", resources: {} }],
    },
  });
});

test("keeps a zero that is meant in a field that is null while nobody has set it", () => {
  const level = "io.k8s.api.flowcontrol.v1.LimitedPriorityLevelConfiguration";
  assert.deepEqual(decodeObject(schemaModel, level, { nominalConcurrencyShares: 0 }).object, {
    nominalConcurrencyShares: 0,
  });
});

test("keeps an empty list that is said where a list is always shown, and takes any JSON where upstream does", () => {
  const role = "io.k8s.api.rbac.v1.Role";
  assert.deepEqual(decodeObject(schemaModel, role, { metadata: { labels: {} }, rules: [] }).object, {
    metadata: {},
    rules: [],
  });
  for (const data of [true, 1, "text", [{}], { a: null }]) {
    const { object, errors } = decodeObject(schemaModel, "io.k8s.api.apps.v1.ControllerRevision", { data });
    assert.deepEqual([object, errors], [{ data }, []]);
  }
});

test("keeps a key called __proto__ as a key", () => {
  const configMap: unknown = JSON.parse('{"data":{"__proto__":"x"}}');
  const { object } = decodeObject(schemaModel, "io.k8s.api.core.v1.ConfigMap", configMap);
  assert.equal(JSON.stringify(object), '{"data":{"__proto__":"x"}}');
});

test("stops at a depth instead of at the end of the stack", () => {
  let schema: Record<string, unknown> = {};
  for (let i = 0; i < 5000; i += 1) schema = { not: schema };
  const definition = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";
  assert.equal(decodeObject(schemaModel, definition, schema).errors.length, 1);
});

test("does not change its input", () => {
  const input = { spec: { containers: [{ name: "c", resources: { limits: { cpu: "1000m" } } }] } };
  const copy = structuredClone(input);
  decodeObject(schemaModel, POD, input);
  assert.deepEqual(input, copy);
});

test("notes down what was said to be empty", () => {
  const claim = { spec: { devices: { requests: [], config: [{ requests: [] }] } }, metadata: { labels: {} } };
  const { object } = decodeObject(schemaModel, "io.k8s.api.resource.v1.ResourceClaim", claim);
  const devices = (object.spec as Record<string, Record<string, unknown>>).devices ?? {}; // as it was sent
  assert.deepEqual(devices, { requests: [], config: [{}] });
  assert.equal(isSaidEmpty(devices, "requests") && !isSaidEmpty(devices, "constraints"), true);
  assert.deepEqual(emptiesOf(object.metadata as object), new Map([["labels", {}]]));
  assert.equal(holdsSaidEmpty(object.spec) && !holdsSaidEmpty({ a: [{ b: {} }] }), true);
});

test("takes bytes as a list of numbers, and says of text or number in upstream's words", () => {
  const request = (value: unknown) =>
    decodeObject(schemaModel, "io.k8s.api.certificates.v1.CertificateSigningRequestSpec", { request: value });
  assert.equal(request([104, 105]).object.request, "aGk=");
  assert.deepEqual(
    request(["a", 300]).errors.map(({ message }) => message),
    ["string", "number 300"].map(
      (what) =>
        `json: cannot unmarshal ${what} into Go struct field CertificateSigningRequestSpec.request of type uint8`,
    ),
  );
  const budget = { minAvailable: { a: "b" } };
  assert.deepEqual(
    decodeObject(schemaModel, "io.k8s.api.policy.v1.PodDisruptionBudgetSpec", budget).errors[0]?.message,
    "json: cannot unmarshal object into Go struct field PodDisruptionBudgetSpec.minAvailable of type int32",
  );
});

test("keeps a default that is nothing, and a map without further values", () => {
  const schema = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";
  for (const value of [false, 0, ""]) {
    const sent = { type: "object", default: value, additionalProperties: false };
    assert.deepEqual(decodeObject(schemaModel, schema, sent).object, sent);
  }
});

test("reads long lists in steps, and as short ones", () => {
  const itemOf = (length: number) => (_: unknown, index: number) => ({
    name: `c${index}`,
    ...(index === 2 ? { imag: "x", ports: [{ containerPort: "x" }] } : {}),
    env: Array.from({ length }, (_, place) => ({
      name: `v${place}`,
      ...(place === length - 1 ? { value: index } : {}),
    })),
  });
  for (const [count, length] of [
    [3, 3],
    [3, 300],
    [300, 3],
    [300, 300],
  ] as const) {
    const containers = Array.from({ length: count }, itemOf(length));
    const json = { spec: { initContainers: [], containers, nodeName: 5, nodeNam: "x", volumes: [] } };
    const work = decodeInSteps(schemaModel, POD, json);
    let steps = 0;
    let next = work.next();
    for (; !next.done; next = work.next()) steps++;
    assert.ok(steps >= (count === 300 ? 300 : 0), `${steps} steps`);
    const { object, errors, unknownFields } = next.value;
    const fields = containers.flatMap((_, index) => [
      ...(index === 2 ? ["spec.containers[2].ports[0].containerPort"] : []),
      `spec.containers[${index}].env[${length - 1}].value`,
    ]);
    assert.deepEqual(
      errors.map(({ field }) => field),
      [...fields, "spec.nodeName"].slice(0, COMPLAINTS_MAX),
    );
    assert.deepEqual(unknownFields, ["spec.containers[2].imag", "spec.nodeNam"]);
    const { spec } = object as { spec: { containers: { name: string; env: { name: string }[] }[] } };
    assert.deepEqual(
      spec.containers.map(({ name, env }) => [name, env.length, env.at(-1)?.name]),
      containers.map(({ name }) => [name, length, `v${length - 1}`]),
    );
  }
});

test("counts amounts in thousandths at most, but for those that upstream leaves as they are", () => {
  const cpu = (definition: string, field: string) =>
    decodeObject(schemaModel, definition, { [field]: { cpu: "1.0001" } }).object[field];
  assert.deepEqual(cpu("io.k8s.api.core.v1.ResourceRequirements", "limits"), { cpu: "1001m" });
  assert.deepEqual(cpu("io.k8s.api.node.v1.Overhead", "podFixed"), { cpu: "1000100u" });
  assert.deepEqual(cpu("io.k8s.api.resource.v1.CapacityRequirements", "requests"), { cpu: "1000100u" });
});

test("notes that a list was read otherwise than it is stored, however long it is", () => {
  for (const length of [2, 300]) {
    const limits = Array.from({ length }, (_, index) => ({ type: "Pod", max: { cpu: index === 1 ? "1.5" : "1500m" } }));
    const { spec } = decodeObject(schemaModel, "io.k8s.api.core.v1.LimitRange", { spec: { limits } }).object;
    assert.ok(isUnlikeStored((spec as { limits: unknown }).limits), `${length} items`);
    const { spec: same } = decodeObject(schemaModel, "io.k8s.api.core.v1.LimitRange", { spec }).object;
    assert.ok(!isUnlikeStored((same as { limits: unknown }).limits), `${length} items as they are stored`);
  }
});

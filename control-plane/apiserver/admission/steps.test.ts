// The built-in steps as users meet them: on a whole server, through its API.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Json, podOf, TestServer } from "../test-server.ts";

const CORE = "/api/v1/namespaces/default";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

const post = (path: string, body: Json) => server.call("POST", path, { body });

async function create(path: string, body: Json): Promise<Json> {
  const { status, body: created } = await post(path, body);
  assert.equal(status, 201, JSON.stringify(created));
  return created;
}

/** As `create`, and waits until the server's own parts see it, too. */
async function settle(path: string, body: Json): Promise<void> {
  await create(path, body);
  await server.call("GET", path);
}

async function refuse(path: string, body: Json, status: number): Promise<string> {
  const answer = await post(path, body);
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body.message;
}

async function namespace(name: string): Promise<string> {
  await create("/api/v1/namespaces", { metadata: { name } });
  await create(`/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: "default" } });
  return `/api/v1/namespaces/${name}`;
}

test("a missing namespace is told before anything that is wrong with the object", async () => {
  const message = await refuse("/api/v1/namespaces/nowhere/pods", { metadata: { name: "UPPER" }, spec: {} }, 404);
  assert.equal(message, 'namespaces "nowhere" not found');
});

describe("priority", () => {
  const CLASSES = "/apis/scheduling.k8s.io/v1/priorityclasses";

  test("of the system's classes, which are there from the start", async () => {
    const { items } = (await server.call("GET", CLASSES)).body;
    assert.deepEqual(
      items.map(({ metadata, value }: Json) => [metadata.name, value]),
      [
        ["system-cluster-critical", 2_000_000_000],
        ["system-node-critical", 2_000_001_000],
      ],
    );
    const pod = await create(`${CORE}/pods`, podOf("critical", { priorityClassName: "system-node-critical" }));
    assert.equal(pod.spec.priority, 2_000_001_000);
  });

  test("of a class that is not there is refused", async () => {
    assert.equal(
      await refuse(`${CORE}/pods`, podOf("lost", { priorityClassName: "none" }), 403),
      'pods "lost" is forbidden: no PriorityClass with name none was found',
    );
  });

  test("of the default class goes to pods that name none, with its policy; a second default is refused", async () => {
    const plain = await create(`${CORE}/pods`, podOf("before-default"));
    assert.deepEqual([plain.spec.priority, plain.spec.preemptionPolicy], [0, "PreemptLowerPriority"]);
    const shy = { metadata: { name: "shy" }, value: 7, globalDefault: true, preemptionPolicy: "Never" };
    await settle(CLASSES, shy);
    const { spec } = await create(`${CORE}/pods`, podOf("after-default"));
    assert.deepEqual([spec.priorityClassName, spec.priority, spec.preemptionPolicy], ["shy", 7, "Never"]);
    assert.equal(
      await refuse(`${CORE}/pods`, podOf("proud", { preemptionPolicy: "PreemptLowerPriority" }), 403),
      'pods "proud" is forbidden: the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name',
    );
    assert.equal(
      await refuse(CLASSES, { metadata: { name: "other" }, value: 8, globalDefault: true }, 403),
      'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass shy is already marked as default. Only one default can exist',
    );
    assert.equal((await server.call("DELETE", `${CLASSES}/shy`)).status, 200);
  });
});

describe("runtime classes", () => {
  const CLASSES = "/apis/node.k8s.io/v1/runtimeclasses";

  test("that are not there keep a pod out", async () => {
    assert.equal(
      await refuse(`${CORE}/pods`, podOf("rt", { runtimeClassName: "none" }), 403),
      'pods "rt" is forbidden: pod rejected: RuntimeClass "none" not found',
    );
  });

  test("add overhead, node selector and tolerations, and refuse what contradicts them", async () => {
    const toleration = { key: "crx", operator: "Exists", effect: "NoSchedule" };
    await create(CLASSES, {
      metadata: { name: "crx" },
      handler: "crx",
      overhead: { podFixed: { memory: "64Mi" } },
      scheduling: { nodeSelector: { crx: "yes" }, tolerations: [toleration] },
    });
    const narrow = { key: "crx", operator: "Equal", value: "a", effect: "NoSchedule" };
    const wishes = { runtimeClassName: "crx", tolerations: [narrow], nodeSelector: { a: "b" } };
    const { spec } = await create(`${CORE}/pods`, podOf("with-class", wishes));
    assert.deepEqual(spec.overhead, { memory: "64Mi" });
    assert.deepEqual(spec.nodeSelector, { a: "b", crx: "yes" });
    assert.ok(spec.tolerations.some((each: Json) => each.key === "crx" && each.operator === "Exists"));
    assert.ok(!spec.tolerations.some((each: Json) => each.value === "a"), "the narrow one is covered");
    const conflicting = podOf("conflict", { runtimeClassName: "crx", nodeSelector: { crx: "no" } });
    assert.match(await refuse(`${CORE}/pods`, conflicting, 403), /nodeSelector\[crx\] = yes; .*\[crx\] = no$/);
    assert.match(
      await refuse(`${CORE}/pods`, podOf("heavy", { overhead: { cpu: "1" } }), 403),
      /Pod Overhead set without corresponding RuntimeClass defined Overhead/,
    );
    const other = podOf("other-overhead", { runtimeClassName: "crx", overhead: { memory: "1Mi" } });
    assert.match(await refuse(`${CORE}/pods`, other, 403), /doesn't match RuntimeClass's defined Overhead/);
  });
});

describe("limit ranges", () => {
  const amounts = (cpu: string, memory: string) => ({ cpu, memory });

  test("fill in what containers leave open and say so", async () => {
    const core = await namespace("limit-defaults");
    const item = { type: "Container", default: amounts("500m", "500Mi"), defaultRequest: amounts("100m", "200Mi") };
    await settle(`${core}/limitranges`, { metadata: { name: "l" }, spec: { limits: [item] } });
    const partial = { requests: { cpu: "300m" } };
    const pod = await create(`${core}/pods`, {
      metadata: { name: "p" },
      spec: {
        initContainers: [{ name: "i", image: "x" }],
        containers: [{ name: "c", image: "x", resources: partial }],
      },
    });
    assert.deepEqual(pod.spec.containers[0].resources, {
      requests: amounts("300m", "200Mi"),
      limits: amounts("500m", "500Mi"),
    });
    assert.equal(
      pod.metadata.annotations["kubernetes.io/limit-ranger"],
      "LimitRanger plugin set: memory request for container c; cpu, memory limit for container c; cpu, memory request for init container i; cpu, memory limit for init container i",
    );
  });

  test("refuse containers, pods and claims outside of them", async () => {
    const core = await namespace("limits");
    await settle(`${core}/limitranges`, {
      metadata: { name: "l" },
      spec: {
        limits: [
          { type: "Container", max: { cpu: "1" }, min: { cpu: "100m" }, maxLimitRequestRatio: { cpu: "2" } },
          { type: "Pod", max: { cpu: "1500m" } },
          { type: "PersistentVolumeClaim", min: { storage: "1Gi" }, max: { storage: "2Gi" } },
        ],
      },
    });
    const pod = (name: string, ...containers: (readonly [string, string])[]) => ({
      metadata: { name },
      spec: {
        containers: containers.map(([request, limit], index) => ({
          name: `c${index}`,
          image: "x",
          resources: { requests: { cpu: request }, limits: { cpu: limit } },
        })),
      },
    });
    await create(`${core}/pods`, pod("fits", ["500m", "1"]));
    const start = (name: string) => `pods "${name}" is forbidden: `;
    const cases: readonly (readonly [Json, string])[] = [
      [pod("low", ["50m", "100m"]), "minimum cpu usage per Container is 100m, but request is 50m"],
      [pod("high", ["1", "1200m"]), "maximum cpu usage per Container is 1, but limit is 1200m"],
      [
        pod("steep", ["200m", "1"]),
        "cpu max limit to request ratio per Container is 2, but provided ratio is 5.000000",
      ],
      [pod("sum", ["1", "1"], ["1", "1"]), "maximum cpu usage per Pod is 1500m, but limit is 2"],
    ];
    for (const [body, why] of cases) {
      assert.equal(await refuse(`${core}/pods`, body, 403), `${start(body.metadata.name)}${why}`);
    }
    const claim = (name: string, storage: string) => ({
      metadata: { name },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
    });
    await create(`${core}/persistentvolumeclaims`, claim("fits", "2Gi"));
    assert.match(
      await refuse(`${core}/persistentvolumeclaims`, claim("large", "3Gi"), 403),
      /maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi$/,
    );
  });
});

describe("tolerations", () => {
  test("that every pod is given stay when the pod is written as its file has it", async () => {
    const tolerations = [{ key: "own", operator: "Exists" }];
    const made = await create(`${CORE}/pods`, podOf("tolerant", { tolerations }));
    assert.equal(made.spec.tolerations.length, 3);
    const metadata = { ...made.metadata, labels: { changed: "yes" } };
    const body = { ...made, metadata, spec: { ...made.spec, tolerations } };
    const answer = await server.call("PUT", `${CORE}/pods/tolerant`, { body });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.deepEqual(answer.body.spec.tolerations, made.spec.tolerations);
  });
});

describe("jobs", () => {
  test("that are written without their selector are told of both that follows from it", async () => {
    const jobs = "/apis/batch/v1/namespaces/default/jobs";
    const { spec } = podOf("template", { restartPolicy: "Never" });
    const made = await create(jobs, { metadata: { name: "plain" }, spec: { suspend: true, template: { spec } } });
    const { selector: _selector, ...rest } = made.spec;
    const body = { ...made, spec: { ...rest, template: { spec } } };
    const answer = await server.call("PUT", `${jobs}/plain`, { body });
    assert.equal(answer.status, 422);
    assert.match(answer.body.message, /spec.selector: Required value, spec.template.metadata.labels: Invalid value/);
  });
});

describe("defaults of other objects", () => {
  test("a claim without a class gets the newest default one, and none where it says so", async () => {
    const classes = "/apis/storage.k8s.io/v1/storageclasses";
    const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
    await create(classes, { metadata: { name: "plain" }, provisioner: "p.test/x" });
    await create(classes, { metadata: { name: "usual", annotations }, provisioner: "p.test/x" });
    const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
    const claims = `${CORE}/persistentvolumeclaims`;
    assert.equal((await create(claims, { metadata: { name: "a" }, spec })).spec.storageClassName, "usual");
    const without = await create(claims, { metadata: { name: "b" }, spec: { ...spec, storageClassName: "" } });
    assert.equal(without.spec.storageClassName, "");
  });

  test("a bound claim grows only where its class lets it", async () => {
    const classes = "/apis/storage.k8s.io/v1/storageclasses";
    const claims = `${CORE}/persistentvolumeclaims`;
    const patch = (path: string, body: Json) =>
      server.call("PATCH", path, { body, contentType: "application/merge-patch+json" });
    await create(classes, { metadata: { name: "elastic" }, provisioner: "p.test/x", allowVolumeExpansion: true });
    for (const [name, storageClassName, status] of [
      ["stiff", "none", 403],
      ["growing", "elastic", 200],
    ] as const) {
      const resources = { requests: { storage: "1Gi" } };
      await create(claims, {
        metadata: { name },
        spec: { accessModes: ["ReadWriteOnce"], resources, storageClassName },
      });
      await patch(`${claims}/${name}/status`, { status: { phase: "Bound" } });
      const larger = await patch(`${claims}/${name}`, { spec: { resources: { requests: { storage: "2Gi" } } } });
      assert.equal(larger.status, status, JSON.stringify(larger.body));
      if (status === 403)
        assert.match(larger.body.message, /storageclass that provisions the pvc must support resize$/);
    }
  });

  test("an ingress without a class gets the default one", async () => {
    const annotations = { "ingressclass.kubernetes.io/is-default-class": "true" };
    await create("/apis/networking.k8s.io/v1/ingressclasses", {
      metadata: { name: "usual", annotations },
      spec: { controller: "c.test/x" },
    });
    const backend = { service: { name: "s", port: { number: 80 } } };
    const ingress = { metadata: { name: "i" }, spec: { defaultBackend: backend } };
    const made = await create("/apis/networking.k8s.io/v1/namespaces/default/ingresses", ingress);
    assert.equal(made.spec.ingressClassName, "usual");
  });

  test("a host says what it has as it comes", async () => {
    const status = { capacity: { cpu: "4" }, addresses: [{ type: "InternalIP", address: "192.0.2.9" }] };
    const node = await create("/api/v1/nodes", { metadata: { name: "told" }, spec: {}, status });
    assert.deepEqual(node.status.addresses, status.addresses);
    assert.deepEqual(node.status.capacity, status.capacity);
  });

  test("a host starts as not ready, and its pods carry its zone", async () => {
    const labels = { "topology.kubernetes.io/zone": "z1", "topology.kubernetes.io/region": "r1", other: "x" };
    const node = await create("/api/v1/nodes", { metadata: { name: "host", labels }, spec: {} });
    assert.deepEqual(node.spec.taints, [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }]);
    await server.call("GET", "/api/v1/nodes");
    const { other: _other, ...expected } = labels;
    const placed = await create(`${CORE}/pods`, podOf("placed", { nodeName: "host" }));
    assert.deepEqual(placed.metadata.labels, expected);
    await create(`${CORE}/pods`, podOf("bound"));
    await create(`${CORE}/pods/bound/binding`, {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name: "bound" },
      target: { kind: "Node", name: "host" },
    });
    const bound = await server.call("GET", `${CORE}/pods/bound`);
    assert.deepEqual(bound.body.metadata.labels, expected);
  });

  test("a volume that no virtual machine can have is taken with a warning", async () => {
    const spec = { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"] };
    const make = (name: string, source: Json) =>
      post("/api/v1/persistentvolumes", { metadata: { name }, spec: { ...spec, ...source } });
    const csi = await make("csi", { csi: { driver: "d.test", volumeHandle: "h" } });
    assert.deepEqual([csi.status, csi.headers.warning], [201, undefined]);
    assert.deepEqual(csi.body.metadata.finalizers, ["kubernetes.io/pv-protection"]);
    assert.match(csi.body.status.lastPhaseTransitionTime, /Z$/);
    const nfs = await make("nfs", { nfs: { server: "s", path: "/" } });
    assert.equal(nfs.status, 201);
    assert.match(nfs.headers.warning ?? "", /spec.nfs is in no pod: only volumes of CSI drivers/);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Deployment } from "@atoll/api/apps/deployment/kind";
import { ReplicaSet } from "@atoll/api/apps/replica-set/kind";
import { HOST_SETTINGS_NAME, HOST_SETTINGS_NAMESPACE, hostSettings } from "@atoll/api/config/host-settings";
import { ConfigMap } from "@atoll/api/core/config-map/kind";
import { Event } from "@atoll/api/core/event/kind";
import { Namespace } from "@atoll/api/core/namespace/kind";
import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { ServiceAccount } from "@atoll/api/core/service-account/kind";
import { Image } from "@atoll/api/imagecontroller/image/kind";
import { POD_INTERFACE_ANNOTATION } from "@atoll/api/network/annotations";
import { formatTime } from "@atoll/base/clock";
import type { LogFields, Logger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { kinds } from "@atoll/api/kinds";
import { MemoryApi } from "@atoll/machinery/client/memory-api";
import { startControllers } from "./controllers.ts";

const errorLogger = (errors: unknown[]): Logger => ({
  debug: () => {},
  info: () => {},
  error: (message: string, fields?: LogFields) => errors.push([message, fields]),
  with: () => errorLogger(errors),
});

function start(t: { after: (hook: () => void) => void }) {
  const clock = new VirtualClock();
  const random = seededRandom(42);
  const api = new MemoryApi({ clock, random });
  api.serve(kinds.map(({ resource }) => resource));
  const errors: unknown[] = [];
  const controller = new AbortController();
  t.after(() => controller.abort());
  const ended = startControllers({
    client: api,
    clock,
    random,
    log: errorLogger(errors),
    configuration: {
      api: { address: "192.0.2.1", port: 6443, certificateNames: ["supervisor.example"] },
      network: {
        clusterCidr: "10.244.0.0/16",
        hostPrefixLength: 24,
        serviceCidr: "10.96.0.0/16",
        serviceNodePorts: { first: 30_000, last: 32_767 },
        clusterDomain: "cluster.local",
        dnsServers: ["10.96.0.10"],
        managementCidrs: ["169.254.0.0/16"],
        podsReachHosts: false,
      },
      images: { defaultRegistry: "docker.io", plainHttpRegistries: [] },
    },
    certificateAuthority: "PEM",
    signCertificate: async () => "PEM",
    issueSecretToken: async () => "token",
    signal: controller.signal,
  });
  return { clock, api, errors, controller, ended };
}

function host(name: string, nowMs: number): Node {
  return {
    metadata: { name, labels: { "kubernetes.io/hostname": name } },
    spec: {},
    status: {
      allocatable: { cpu: "4", memory: "8Gi", pods: "110" },
      conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: formatTime(nowMs) }],
    },
  };
}

function web(replicas: number, image = "nginx:1.27"): Deployment {
  return {
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "web", image, resources: { requests: { cpu: "100m" } } }] },
      },
    },
  };
}

/** Plays the spherelet: every bound pod runs and is ready; every deleted one is gone. */
async function playHost(api: MemoryApi, nowMs: number): Promise<void> {
  for (const pod of (await api.list(Pod)).items) {
    const { name = "", namespace } = pod.metadata;
    if (pod.metadata.deletionTimestamp !== undefined)
      await api.delete(Pod, { name, namespace }, { gracePeriodSeconds: 0 });
    else if (pod.spec.nodeName && pod.status?.phase !== "Running") {
      const ready = { type: "Ready", status: "True", lastTransitionTime: formatTime(nowMs) };
      const conditions = [...(pod.status?.conditions ?? []), ready];
      await api.update(
        Pod,
        { ...pod, status: { ...pod.status, phase: "Running", conditions } },
        { subresource: "status" },
      );
    }
  }
}

async function settle(clock: VirtualClock, api: MemoryApi, rounds = 12): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await clock.advance(200);
    await playHost(api, clock.now());
  }
  await clock.advance(200);
}

test("a Deployment of three becomes three pods with host, address and image, and is complete", async (t) => {
  const { clock, api, errors } = start(t);
  await api.create(Namespace, { metadata: { name: "default" }, spec: { finalizers: ["kubernetes"] } });
  await api.create(Node, host("host-1", clock.now()));
  await api.create(Deployment, web(3));
  await settle(clock, api);
  const pods = (await api.list(Pod)).items;
  assert.deepEqual(
    pods.map((pod) => pod.spec.nodeName),
    ["host-1", "host-1", "host-1"],
  );
  const interfaces = pods.map((pod) => JSON.parse(pod.metadata.annotations?.[POD_INTERFACE_ANNOTATION] ?? "{}"));
  assert.deepEqual(interfaces.map(({ address }) => address).sort(), [
    "10.244.0.2/24",
    "10.244.0.3/24",
    "10.244.0.4/24",
  ]);
  assert.equal(interfaces[0]?.gateway, "10.244.0.1");
  const images = (await api.list(Image)).items;
  assert.deepEqual(
    images.map(({ spec }) => spec),
    [{ reference: "docker.io/library/nginx:1.27", hostName: "host-1" }],
  );
  const deployment = await api.get(Deployment, { name: "web", namespace: "default" });
  assert.equal(deployment.status?.availableReplicas, 3);
  const progressing = deployment.status?.conditions?.find(({ type }) => type === "Progressing");
  assert.equal(progressing?.reason, "NewReplicaSetAvailable");
  assert.equal(deployment.metadata.annotations?.["deployment.kubernetes.io/revision"], "1");
  const reasons = new Set((await api.list(Event)).items.map(({ reason }) => reason));
  for (const reason of ["ScalingReplicaSet", "SuccessfulCreate", "Scheduled", "NetworkReady"])
    assert.ok(reasons.has(reason), reason);
  assert.equal((await api.get(ServiceAccount, { name: "default", namespace: "default" })).metadata.name, "default");
  assert.equal((await api.get(ConfigMap, { name: "kube-root-ca.crt", namespace: "default" })).data?.["ca.crt"], "PEM");
  assert.deepEqual(errors, []);
});

test("a new image rolls out with enough pods available at every step, and back to the first ReplicaSet", async (t) => {
  const { clock, api, errors } = start(t);
  await api.create(Node, host("host-1", clock.now()));
  await api.create(Deployment, web(4));
  await settle(clock, api);
  const patchImage = (image: string) => {
    const body = { spec: web(4, image).spec };
    return api.patch(Deployment, { name: "web", namespace: "default" }, { type: "merge", body });
  };
  await patchImage("nginx:1.28");
  for (let round = 0; round < 30; round++) {
    await clock.advance(200);
    const pods = (await api.list(Pod)).items;
    const ready = pods.filter((pod) => !pod.metadata.deletionTimestamp && pod.status?.phase === "Running");
    assert.ok(ready.length >= 3, `${ready.length} of 4 available`);
    assert.ok(pods.filter((pod) => !pod.metadata.deletionTimestamp).length <= 5);
    await playHost(api, clock.now());
  }
  const images = (await api.list(Pod)).items.map((pod) => pod.spec.containers[0]?.image);
  assert.deepEqual(images, Array(4).fill("nginx:1.28"));
  await patchImage("nginx:1.27");
  await settle(clock, api, 30);
  const sets = (await api.list(ReplicaSet)).items;
  const revisions = sets.map((set) => [
    set.spec.replicas,
    set.metadata.annotations?.["deployment.kubernetes.io/revision"],
  ]);
  assert.deepEqual(revisions.sort(), [
    [0, "2"],
    [4, "3"],
  ]);
  assert.deepEqual(errors, []);
});

test("deleting the Deployment takes everything it made along", async (t) => {
  const { clock, api, errors } = start(t);
  await api.create(Node, host("host-1", clock.now()));
  await api.create(Deployment, web(2));
  await settle(clock, api);
  await api.delete(Deployment, { name: "web", namespace: "default" }, { propagationPolicy: "Foreground" });
  await settle(clock, api);
  const left = [await api.list(Deployment), await api.list(ReplicaSet), await api.list(Pod)];
  assert.deepEqual(
    left.map(({ items }) => items.length),
    [0, 0, 0],
  );
  await clock.advance(31 * 60_000);
  assert.equal((await api.list(Image)).items.length, 0);
  assert.deepEqual(errors, []);
});

test("deleting with orphans leaves the ReplicaSet, which goes on", async (t) => {
  const { clock, api } = start(t);
  await api.create(Node, host("host-1", clock.now()));
  await api.create(Deployment, web(2));
  await settle(clock, api);
  await api.delete(Deployment, { name: "web", namespace: "default" }, { propagationPolicy: "Orphan" });
  await settle(clock, api);
  const [set] = (await api.list(ReplicaSet)).items;
  assert.equal(set?.metadata.ownerReferences, undefined);
  assert.equal((await api.list(Pod)).items.length, 2);
});

test("a namespace goes when all in it is gone", async (t) => {
  const { clock, api } = start(t);
  await api.create(Namespace, { metadata: { name: "default" }, spec: { finalizers: ["kubernetes"] } });
  await api.create(Node, host("host-1", clock.now()));
  await api.create(Deployment, web(2));
  await settle(clock, api);
  await api.delete(Namespace, { name: "default" });
  await settle(clock, api, 30);
  assert.equal((await api.list(Namespace)).items.length, 0);
  assert.equal((await api.list(Pod)).items.length, 0);
  assert.equal((await api.list(ConfigMap, { namespace: "default" })).items.length, 0);
});

test("pods of a host that fell silent move to another one after the toleration", async (t) => {
  const { clock, api } = start(t);
  await api.create(Node, host("host-1", clock.now()));
  await api.create(Deployment, web(1));
  await settle(clock, api, 4);
  await clock.advance(50_000);
  const silent = await api.get(Node, { name: "host-1" });
  assert.equal(silent.status?.conditions?.find(({ type }) => type === "Ready")?.status, "Unknown");
  assert.deepEqual(
    silent.spec.taints?.map(({ key, effect }) => `${key}:${effect}`),
    ["node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"],
  );
  const nodes = [host("host-2", clock.now())];
  for (const node of nodes) await api.create(Node, node);
  for (let minute = 0; minute < 6 * 6; minute++) {
    const status = host("host-2", clock.now()).status;
    await api.patch(Node, { name: "host-2" }, { type: "merge", body: { status } }, { subresource: "status" });
    await clock.advance(10_000);
  }
  const moved = (await api.list(Pod)).items.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  assert.deepEqual(
    moved.map((pod) => pod.spec.nodeName),
    ["host-2"],
  );
  await api.delete(Node, { name: "host-1" });
  await clock.advance(60_000);
  assert.equal((await api.list(Pod)).items.length, 1);
});

test("says the configuration to the hosts, with the hosts' addresses, and mends what others write there", async (t) => {
  const { clock, api, errors } = start(t);
  const name = { namespace: HOST_SETTINGS_NAMESPACE, name: HOST_SETTINGS_NAME };
  const said = async () =>
    hostSettings.parse(JSON.parse((await api.get(ConfigMap, name)).data?.["settings.json"] ?? ""));
  await api.create(Namespace, { metadata: { name: "kube-system" }, spec: {} });
  await clock.advance(1000);
  assert.deepEqual(await said(), {
    network: {
      ...{ clusterCidr: "10.244.0.0/16", clusterDomain: "cluster.local", dnsServers: ["10.96.0.10"] },
      managementCidrs: ["169.254.0.0/16", "192.0.2.1/32"],
    },
    images: { defaultRegistry: "docker.io", plainHttpRegistries: [] },
  });
  const node = host("host-1", clock.now());
  const addresses = ["192.0.2.7", "127.0.0.1", "host-1"].map((address) => ({ type: "InternalIP", address }));
  await api.create(Node, { ...node, status: { ...node.status, addresses } });
  await clock.advance(1000);
  assert.deepEqual((await said()).network.managementCidrs, ["169.254.0.0/16", "192.0.2.1/32", "192.0.2.7/32"]);
  await api.patch(ConfigMap, name, { type: "merge", body: { data: { "settings.json": "mine now" } } });
  await clock.advance(1000);
  assert.equal((await said()).network.clusterDomain, "cluster.local");
  await api.delete(ConfigMap, name);
  await clock.advance(1000);
  assert.equal((await said()).network.clusterDomain, "cluster.local");
  assert.deepEqual(errors, []);
});

test("ends with its signal and leaves nothing on the clock", async (t) => {
  const { clock, api, controller, ended } = start(t);
  await api.create(Node, host("host-1", clock.now()));
  await api.create(Deployment, web(20));
  await clock.advance(1000);
  controller.abort();
  await ended;
  assert.equal(clock.pendingTimers, 0);
});

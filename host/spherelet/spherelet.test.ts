import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HOST_SETTINGS_KEY, HOST_SETTINGS_NAME, HOST_SETTINGS_NAMESPACE } from "@atoll/api/config/host-settings";
import { ConfigMap } from "@atoll/api/core/config-map/kind";
import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { Lease } from "@atoll/api/coordination/lease/kind";
import { FINISHED_LINGER_MS } from "./pods/pod-worker.ts";
import { World } from "./test-world.ts";

describe("spherelet", { timeout: 30_000 }, () => {
  it("registers its node, renews its lease and passes the pod network on", async () => {
    await using world = new World();
    world.hasSettings = false;
    world.startSpherelet();
    const node = await world.until("the node is there", async () =>
      (await world.api.list(Node)).items.find((one) => one.status?.capacity),
    );
    assert.equal(node.status?.capacity?.cpu, "4");
    assert.equal(node.status?.allocatable?.memory, `${7 * 1024 ** 2}Ki`);
    assert.equal(node.metadata.labels?.["node.atoll.dev/accelerator"], "tcg");
    assert.equal(node.status?.nodeInfo?.containerRuntimeVersion, "crx://0.1.0");
    assert.equal(node.status?.conditions?.find(({ type }) => type === "Ready")?.status, "False");
    await world.api.patch(Node, { name: "host-1" }, { type: "merge", body: { spec: { podCIDR: "10.244.1.0/24" } } });
    await world.clock.advance(5000);
    assert.equal(world.host.network, undefined, "the network waits for the Supervisor's word");
    await world.writeSettings();
    await world.until("the node is ready", async () => {
      const live = await world.api.get(Node, { name: "host-1" });
      return live.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
    });
    assert.deepEqual(world.host.network, {
      podCidr: "10.244.1.0/24",
      clusterCidr: "10.244.0.0/16",
      managementCidrs: ["169.254.0.0/16"],
    });
    const lease = await world.api.get(Lease, { name: "host-1", namespace: "kube-node-lease" });
    await world.clock.advance(11_000);
    const renewed = await world.api.get(Lease, { name: "host-1", namespace: "kube-node-lease" });
    assert.notEqual(renewed.spec.renewTime, lease.spec.renewTime);
  });

  it("follows the Supervisor's settings, and keeps the last good ones", async () => {
    await using world = new World();
    world.hasSettings = false;
    world.startSpherelet();
    await world.createImage();
    const pod = await world.createPod();
    await world.clock.advance(5000);
    assert.equal(world.host.crx.size, 0, "no pod starts before they are known");
    await world.writeSettings({ dnsServers: ["10.96.0.10"] });
    await world.podIn("Running");
    const dns = world.host.guestOf(pod.metadata.uid ?? "").prepared[0]?.dns;
    assert.deepEqual(dns?.nameservers, ["10.96.0.10"]);
    assert.deepEqual(dns?.searches, ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"]);
    assert.deepEqual(dns?.options, ["ndots:5"]);
    await world.api.patch(Node, { name: "host-1" }, { type: "merge", body: { spec: { podCIDR: "10.244.1.0/24" } } });
    const name = { namespace: HOST_SETTINGS_NAMESPACE, name: HOST_SETTINGS_NAME };
    await world.api.patch(ConfigMap, name, { type: "merge", body: { data: { [HOST_SETTINGS_KEY]: "nonsense" } } });
    await world.until("the network is applied", async () => world.host.network !== undefined);
    assert.deepEqual(world.host.network?.managementCidrs, ["169.254.0.0/16"]);
    await world.writeSettings({ managementCidrs: ["192.0.2.7/32"] });
    await world.until("a change is passed on", async () => world.host.network?.managementCidrs[0] === "192.0.2.7/32");
  });

  it("says NotReady while hostd is away and Ready again after it", async () => {
    await using world = new World();
    world.startSpherelet();
    const isReady = async (status: string) => {
      const node = (await world.api.list(Node)).items[0];
      return node?.status?.conditions?.find(({ type }) => type === "Ready")?.status === status;
    };
    await world.until("the node is there", async () => (await world.api.list(Node)).items[0]);
    await world.api.patch(Node, { name: "host-1" }, { type: "merge", body: { spec: { podCIDR: "10.244.1.0/24" } } });
    await world.until("the node is ready", () => isReady("True"));
    world.host.isUp = false;
    await world.until("the node is not ready", () => isReady("False"));
    world.host.isUp = true;
    await world.until("the node is ready again", () => isReady("True"));
  });

  it("pulls the image, starts the pod and reports it", async () => {
    await using world = new World();
    world.startSpherelet();
    const created = await world.createPod();
    await world.createImage();
    const pod = await world.podIn("Running");
    const [status] = pod.status?.containerStatuses ?? [];
    assert.equal(status?.ready, true);
    assert.equal(status?.containerID, "crx://main-0");
    assert.match(status?.imageID ?? "", /^docker\.io\/library\/busybox@sha256:/);
    assert.equal(pod.status?.podIP, "10.244.1.5");
    assert.equal(pod.status?.hostIP, "192.0.2.1");
    assert.equal(pod.status?.conditions?.find(({ type }) => type === "Ready")?.status, "True");
    const guest = world.host.guestOf(created.metadata.uid ?? "");
    assert.equal(guest.prepared[0]?.network?.address, "10.244.1.5/24");
    assert.equal(guest.started?.containers[0]?.imageDiskSerial, "image-0");
    await world.until("the Pulled event is written", async () => (await world.events("Pulled")).length > 0);
  });

  it("waits for the network and for a ConfigMap, and says for what", async () => {
    await using world = new World();
    world.startSpherelet();
    await world.createImage();
    const volumes = [{ name: "settings", configMap: { name: "settings" } }];
    const pod = await world.createPod({ volumes });
    await world.until("FailedMount is told", async () => (await world.events("FailedMount")).length > 0);
    const [event] = await world.events("FailedMount");
    assert.equal(event?.message, 'MountVolume.SetUp failed for volume "settings" : configmap "settings" not found');
    assert.equal(world.host.crx.size, 0);
    const metadata = { name: "settings", namespace: "default" };
    await world.api.create(ConfigMap, { metadata, data: { "a.conf": "1" } });
    await world.podIn("Running");
    const guest = world.host.guestOf(pod.metadata.uid ?? "");
    assert.equal(Buffer.from(guest.volumes.get("settings")?.files[0]?.content ?? []).toString(), "1");
    await world.api.patch(ConfigMap, metadata, { type: "merge", body: { data: { "a.conf": "2" } } });
    await world.until("the file follows its source", async () => {
      return Buffer.from(guest.volumes.get("settings")?.files[0]?.content ?? []).toString() === "2";
    });
  });

  it("reports a failed pull as ErrImagePull, then ImagePullBackOff, and starts no microVM", async () => {
    await using world = new World();
    world.host.pullResult = () => ({ state: "failed", reason: "ManifestUnknown", message: "manifest unknown" });
    world.startSpherelet();
    await world.createPod();
    await world.createImage();
    const waiting = (reason: string) =>
      world.until(`the container waits with ${reason}`, async () => {
        const status = (await world.pod())?.status?.containerStatuses?.[0];
        return status?.state?.waiting?.reason === reason;
      });
    await waiting("ErrImagePull");
    await waiting("ImagePullBackOff");
    assert.equal(world.host.crx.size, 0);
    world.host.pullResult = () => ({});
    await world.podIn("Running");
  });

  it("takes a running pod up after its own restart and touches nothing in it", async () => {
    await using world = new World();
    world.startSpherelet();
    const { metadata } = await world.createPod();
    await world.createImage();
    await world.podIn("Running");
    const guest = world.host.guestOf(metadata.uid ?? "");
    await world.stopSpherelet();
    guest.restartContainer("main");
    guest.cutLines();
    world.startSpherelet();
    const status = await world.until("the restart is counted", async () => {
      const [one] = (await world.pod())?.status?.containerStatuses ?? [];
      return one?.restartCount === 1 && one;
    });
    assert.equal(status.state?.running !== undefined, true);
    assert.equal(world.host.guestOf(metadata.uid ?? ""), guest);
    assert.equal(guest.startCount, 1);
    assert.deepEqual(guest.stops, []);
  });

  it("goes on when hostd comes back after the line broke", async () => {
    await using world = new World();
    world.startSpherelet();
    const { metadata } = await world.createPod();
    await world.createImage();
    await world.podIn("Running");
    const guest = world.host.guestOf(metadata.uid ?? "");
    world.host.isUp = false;
    guest.cutLines();
    await world.clock.advance(5000);
    world.host.isUp = true;
    guest.restartContainer("main");
    await world.until("the status follows the agent again", async () => {
      return (await world.pod())?.status?.containerStatuses?.[0]?.restartCount === 1;
    });
    assert.equal(guest.startCount, 1);
  });

  it("starts a new microVM when the guest's kernel ended, and keeps the count", async () => {
    await using world = new World();
    world.startSpherelet();
    const { metadata } = await world.createPod();
    await world.createImage();
    await world.podIn("Running");
    world.host.crash(metadata.uid ?? "", "Guest kernel ended");
    const status = await world.until("the container runs again", async () => {
      const [one] = (await world.pod())?.status?.containerStatuses ?? [];
      return one?.restartCount === 1 && one.state?.running && one;
    });
    assert.match(status.lastState?.terminated?.message ?? "", /Guest kernel ended/);
    assert.equal(status.lastState?.terminated?.exitCode, 137);
  });

  it("fails a pod that is never restarted when its microVM ended", async () => {
    await using world = new World();
    world.startSpherelet();
    const { metadata } = await world.createPod({ restartPolicy: "Never" });
    await world.createImage();
    await world.podIn("Running");
    world.host.crash(metadata.uid ?? "", "Guest kernel ended");
    const pod = await world.podIn("Failed");
    assert.equal(pod.status?.containerStatuses?.[0]?.state?.terminated?.exitCode, 137);
  });

  it("reports the end of a pod's containers, keeps its logs for a while and then gives the memory back", async () => {
    await using world = new World();
    world.startSpherelet();
    const { metadata } = await world.createPod({ restartPolicy: "Never" });
    await world.createImage();
    await world.podIn("Running");
    world.host.guestOf(metadata.uid ?? "").endContainer("main", 0);
    await world.podIn("Succeeded");
    assert.equal(world.host.crx.size, 1);
    await world.clock.advance(FINISHED_LINGER_MS + 1000);
    assert.equal(world.host.crx.size, 0);
  });

  it("stops a deleted pod with its grace, removes the microVM and then the object", async () => {
    await using world = new World();
    world.startSpherelet();
    const { metadata } = await world.createPod();
    await world.createImage();
    await world.podIn("Running");
    const guest = world.host.guestOf(metadata.uid ?? "");
    await world.api.delete(Pod, { name: "web", namespace: "default" }, { gracePeriodSeconds: 7 });
    await world.until("the pod is gone", async () => (await world.pod()) === undefined);
    assert.deepEqual(guest.stops, [7n]);
    assert.equal(world.host.crx.size, 0);
    await world.until("Killing is told", async () => (await world.events("Killing")).length > 0);
  });

  it("removes microVMs of pods that went away while it was not there", async () => {
    await using world = new World();
    world.startSpherelet();
    await world.createPod();
    await world.createImage();
    await world.podIn("Running");
    await world.stopSpherelet();
    await world.api.delete(Pod, { name: "web", namespace: "default" }, { gracePeriodSeconds: 0 });
    world.startSpherelet();
    await world.until("the microVM is gone", async () => world.host.crx.size === 0);
  });

  it("passes the agent's events on once", async () => {
    await using world = new World();
    world.startSpherelet();
    const { metadata } = await world.createPod();
    await world.createImage();
    await world.podIn("Running");
    const guest = world.host.guestOf(metadata.uid ?? "");
    guest.tell({ type: "Warning", reason: "Unhealthy", message: "Liveness probe failed: exit 1" });
    await world.until("the event is written", async () => (await world.events("Unhealthy")).length > 0);
    guest.cutLines();
    await world.clock.advance(5000);
    const events = await world.events("Unhealthy");
    assert.deepEqual(
      events.map(({ count }) => count),
      [1],
    );
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { Image } from "@atoll/api/imagecontroller/image/kind";
import { ImageDisk } from "@atoll/api/imagecontroller/image-disk/kind";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "@atoll/machinery/client/memory-api";
import { ControllerRunner } from "@atoll/machinery/controller/controller-runner";
import { InformerSet } from "@atoll/machinery/controller/informer-set";
import { imageDemand, UNUSED_GRACE_MS, UNUSED_SINCE_ANNOTATION } from "./image-demand.ts";
import { imageDiskUse } from "./image-disk-use.ts";

function start(t: { after: (hook: () => void) => void }) {
  const clock = new VirtualClock();
  const random = seededRandom(5);
  const api = new MemoryApi({ clock, random });
  const controller = new AbortController();
  t.after(() => controller.abort());
  const parts = { client: api, clock, random, log: silentLogger };
  const informers = new InformerSet(parts);
  const runner = new ControllerRunner({ ...parts, informers, eventsFor: () => ({ record: () => {} }) }, [
    imageDemand({ defaultRegistry: "docker.io" }),
    imageDiskUse,
  ]);
  void Promise.all([informers.run(controller.signal), runner.run(controller.signal)]);
  const images = async () => (await api.list(Image)).items;
  return { clock, api, images };
}

function pod(name: string, image: string, changes: { host?: string; policy?: string; secrets?: string[] } = {}): Pod {
  const { host = "h1", policy = "IfNotPresent", secrets = [] } = changes;
  return {
    metadata: { name, namespace: "default" },
    spec: {
      nodeName: host,
      containers: [{ name: "c", image, imagePullPolicy: policy }],
      imagePullSecrets: secrets.map((secret) => ({ name: secret })),
    },
  };
}

function node(name: string, isReady: boolean): Node {
  const conditions = [{ type: "Ready", status: isReady ? "True" : "Unknown" }];
  return { metadata: { name }, spec: {}, status: { conditions } };
}

test("makes one Image for all ways to write a reference, with all its pods' secrets", async (t) => {
  const { clock, api, images } = start(t);
  await api.create(Pod, pod("a", "nginx", { secrets: ["s2"] }));
  await api.create(Pod, pod("b", "docker.io/library/nginx:latest", { secrets: ["s1"] }));
  await api.create(Pod, { ...pod("unbound", "other"), spec: { containers: [{ name: "c", image: "other" }] } });
  await api.create(Pod, pod("bad", "UPPER/case::"));
  await clock.advance(100);
  const found = await images();
  assert.deepEqual(
    found.map(({ spec }) => spec),
    [{ reference: "docker.io/library/nginx:latest", pullSecrets: ["s1", "s2"], hostName: "h1" }],
  );
});

test("asks for a fresh resolution for each new pod that always pulls, and for nothing for one that never does", async (t) => {
  const { clock, api, images } = start(t);
  await api.create(Pod, pod("never", "nginx:1", { policy: "Never" }));
  await clock.advance(100);
  assert.deepEqual(await images(), []);
  const first = await api.create(Pod, pod("a", "nginx:1", { policy: "Always" }));
  await clock.advance(5000);
  assert.equal((await images())[0]?.spec.refreshTime, first.metadata.creationTimestamp);
  const second = await api.create(Pod, pod("b", "nginx:1", { policy: "Always" }));
  await clock.advance(100);
  assert.notEqual(first.metadata.creationTimestamp, second.metadata.creationTimestamp);
  assert.equal((await images())[0]?.spec.refreshTime, second.metadata.creationTimestamp);
});

test("names another pod's host when the one that pulls falls silent", async (t) => {
  const { clock, api, images } = start(t);
  await api.create(Node, node("h1", true));
  await api.create(Node, node("h2", true));
  await api.create(Pod, pod("a", "nginx"));
  await clock.advance(1000);
  await api.create(Pod, pod("b", "nginx", { host: "h2" }));
  await clock.advance(100);
  assert.equal((await images())[0]?.spec.hostName, "h1");
  await api.update(Node, node("h1", false), { subresource: "status" });
  await clock.advance(100);
  assert.equal((await images())[0]?.spec.hostName, "h2");
});

test("deletes an Image half an hour after its last pod, unless one comes back", async (t) => {
  const { clock, api, images } = start(t);
  const remove = () => api.delete(Pod, { name: "a", namespace: "default" }, { gracePeriodSeconds: 0 });
  await api.create(Pod, pod("a", "nginx"));
  await clock.advance(100);
  await remove();
  await clock.advance(UNUSED_GRACE_MS - 60_000);
  await api.create(Pod, pod("a", "nginx"));
  await clock.advance(100);
  assert.equal((await images())[0]?.metadata.annotations?.[UNUSED_SINCE_ANNOTATION], undefined);
  await clock.advance(UNUSED_GRACE_MS);
  assert.equal((await images()).length, 1);
  await remove();
  await clock.advance(UNUSED_GRACE_MS + 1000);
  assert.deepEqual(await images(), []);
});

test("marks a disk that no Image leads to, and takes the mark off again", async (t) => {
  const { clock, api } = start(t);
  const name = `sha256-${"a".repeat(64)}`;
  await api.create(ImageDisk, {
    metadata: { name },
    spec: { digest: name.replace("-", ":") },
    status: { phase: "Ready" },
  });
  await clock.advance(100);
  const mark = async () => (await api.get(ImageDisk, { name })).metadata.annotations?.[UNUSED_SINCE_ANNOTATION];
  assert.notEqual(await mark(), undefined);
  await api.create(Pod, pod("a", "nginx"));
  await clock.advance(100);
  const [image] = (await api.list(Image)).items;
  const body = { status: { phase: "Ready", disk: name } };
  await api.patch(
    Image,
    { name: image?.metadata.name ?? "", namespace: "default" },
    { type: "merge", body },
    { subresource: "status" },
  );
  await clock.advance(100);
  assert.equal(await mark(), undefined);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ConfigMap } from "@atoll/api/core/config-map/kind";
import { Secret } from "@atoll/api/core/secret/kind";
import { formatTime } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "@atoll/machinery/client/memory-api";
import { ControllerRunner } from "@atoll/machinery/controller/controller-runner";
import { InformerSet } from "@atoll/machinery/controller/informer-set";
import { compactVerify } from "jose";
import { bootstrapSigner } from "./bootstrap-signer.ts";
import { bootstrapTokenCleanup } from "./bootstrap-token-cleanup.ts";

const HOUR_MS = 3_600_000;
const TURNS_MAX = 1_000_000;
const INFO = { name: "cluster-info", namespace: "kube-public" };

function start(t: { after: (hook: () => void) => void }) {
  const clock = new VirtualClock();
  const random = seededRandom(7);
  const api = new MemoryApi({ clock, random });
  const stop = new AbortController();
  t.after(() => stop.abort());
  const parts = { client: api, clock, random, log: silentLogger };
  const informers = new InformerSet(parts);
  const runner = new ControllerRunner({ ...parts, informers, eventsFor: () => ({ record: () => {} }) }, [
    bootstrapSigner,
    bootstrapTokenCleanup,
  ]);
  void Promise.all([informers.run(stop.signal), runner.run(stop.signal)]);
  const makeToken = (id: string, more: Record<string, string> = {}) => {
    const fields = { "token-id": id, "token-secret": "0123456789abcdef", "usage-bootstrap-signing": "true", ...more };
    return api.create(Secret, {
      metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
      type: "bootstrap.kubernetes.io/token",
      data: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, btoa(value)])),
    });
  };
  return { clock, api, makeToken };
}

test("signs the cluster's kubeconfig with each token that may, and takes old signatures away", async (t) => {
  const { clock, api, makeToken } = start(t);
  await api.create(ConfigMap, { metadata: INFO, data: { kubeconfig: "k: v", "jws-kubeconfig-gone00": "old" } });
  await makeToken("abc123");
  await makeToken("nosign", { "usage-bootstrap-signing": "false" });
  await clock.advance(1000);
  const data = await signedData(api);
  assert.deepEqual(Object.keys(data).toSorted(), ["jws-kubeconfig-abc123", "kubeconfig"]);
  const [header, payload, signature] = (data["jws-kubeconfig-abc123"] ?? "").split(".");
  assert.equal(payload, "");
  const whole = `${header}.${btoa("k: v").replaceAll("=", "")}.${signature}`;
  const { protectedHeader } = await compactVerify(whole, new TextEncoder().encode("0123456789abcdef"));
  assert.deepEqual(protectedHeader, { alg: "HS256", kid: "abc123" });
});

/** Signing is the platform's work, in a thread of its own that no virtual clock moves. */
async function signedData(api: MemoryApi): Promise<Record<string, string>> {
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const { data = {} } = await api.get(ConfigMap, INFO);
    if ("jws-kubeconfig-abc123" in data) return data;
    await nextTurn();
  }
  assert.fail("the kubeconfig is not signed");
}

test("removes a token when its time is over, also one whose end cannot be read", async (t) => {
  const { clock, api, makeToken } = start(t);
  await makeToken("ending", { expiration: formatTime(clock.now() + HOUR_MS) });
  await makeToken("broken", { expiration: "tomorrow" });
  await makeToken("staysx");
  await clock.advance(1000);
  const names = async () => (await api.list(Secret)).items.map(({ metadata }) => metadata.name);
  assert.deepEqual(await names(), ["bootstrap-token-ending", "bootstrap-token-staysx"]);
  await clock.advance(HOUR_MS);
  assert.deepEqual(await names(), ["bootstrap-token-staysx"]);
});

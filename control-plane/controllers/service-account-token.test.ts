import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "@atoll/api/core/secret/kind";
import { SERVICE_ACCOUNT_TOKEN_TYPE } from "@atoll/api/core/secret/service-account-token";
import { ServiceAccount } from "@atoll/api/core/service-account/kind";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "@atoll/machinery/client/memory-api";
import { ControllerRunner } from "@atoll/machinery/controller/controller-runner";
import { InformerSet } from "@atoll/machinery/controller/informer-set";
import { serviceAccountTokens } from "./service-account-token.ts";

function start(t: { after: (hook: () => void) => void }) {
  const clock = new VirtualClock();
  const random = seededRandom(7);
  const api = new MemoryApi({ clock, random });
  const stop = new AbortController();
  t.after(() => stop.abort());
  const parts = { client: api, clock, random, log: silentLogger };
  const informers = new InformerSet(parts);
  const runner = new ControllerRunner({ ...parts, informers, eventsFor: () => ({ record: () => {} }) }, [
    serviceAccountTokens({
      certificateAuthority: "PEM",
      issue: async ({ namespace, account, secretName }) => `${namespace}/${account.name}/${secretName}`,
    }),
  ]);
  void Promise.all([informers.run(stop.signal), runner.run(stop.signal)]);
  const ask = (name: string, account: string) =>
    api.create(Secret, {
      metadata: { name, namespace: "team", annotations: { "kubernetes.io/service-account.name": account } },
      type: SERVICE_ACCOUNT_TOKEN_TYPE,
    });
  const secrets = async () => (await api.list(Secret)).items;
  return { clock, api, ask, secrets };
}

const builder = { name: "builder", namespace: "team" };

test("fills what asks for a token, once, and takes it along with the account", async (t) => {
  const { clock, api, ask, secrets } = start(t);
  const account = await api.create(ServiceAccount, { metadata: builder });
  await ask("wanted", "builder");
  await clock.advance(1000);
  const [filled] = await secrets();
  assert.deepEqual(filled?.data, {
    "ca.crt": btoa("PEM"),
    namespace: btoa("team"),
    token: btoa("team/builder/wanted"),
  });
  assert.equal(filled?.metadata.annotations?.["kubernetes.io/service-account.uid"], account.metadata.uid);
  const { length } = api.writes;
  await clock.advance(60_000);
  assert.equal(api.writes.length, length);
  await api.delete(ServiceAccount, builder);
  await clock.advance(1000);
  assert.deepEqual(await secrets(), []);
});

test("removes what asks for the token of an account that is not there, or is another one now", async (t) => {
  const { clock, api, ask, secrets } = start(t);
  await ask("early", "builder");
  await clock.advance(1000);
  assert.deepEqual(await secrets(), []);
  await api.create(ServiceAccount, { metadata: builder });
  await ask("wanted", "builder");
  await clock.advance(1000);
  await api.delete(ServiceAccount, builder);
  await api.create(ServiceAccount, { metadata: builder });
  await clock.advance(1000);
  assert.deepEqual(await secrets(), []);
});

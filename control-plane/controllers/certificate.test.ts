import "reflect-metadata";
import assert from "node:assert/strict";
import { test } from "node:test";
import { CertificateSigningRequest } from "@atoll/api/certificates/certificate-signing-request/kind";
import { SIGNER } from "@atoll/api/certificates/signer-name";
import type { KubeObject } from "@atoll/api/resource";
import { formatTime } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "@atoll/machinery/client/memory-api";
import { ControllerRunner } from "@atoll/machinery/controller/controller-runner";
import { InformerSet } from "@atoll/machinery/controller/informer-set";
import * as x509 from "@peculiar/x509";
import { certificateApproval } from "./certificate-approval.ts";
import { certificateCleanup } from "./certificate-cleanup.ts";
import { type SignCertificate, certificateSigning } from "./certificate-signing.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const CLIENT_USAGES = ["client auth", "digital signature"];

async function requestOf(organization: string, commonName: string): Promise<string> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ O: [organization] }, { CN: [commonName] }],
    keys: await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]),
    signingAlgorithm: ALGORITHM,
  });
  return btoa(request.toString("pem"));
}

function start(t: { after: (hook: () => void) => void }, allowed: readonly string[] = []) {
  const clock = new VirtualClock();
  const random = seededRandom(7);
  const api = new MemoryApi({ clock, random });
  const create = api.create.bind(api);
  // Stands in for the authorizer: who may create which subresource.
  api.create = async <T extends KubeObject>(...[resource, object, options]: Parameters<typeof create<T>>) => {
    if (resource.kind !== "SubjectAccessReview") return create(resource, object, options);
    const { user, resourceAttributes } =
      (object as { spec?: { user?: string; resourceAttributes?: { subresource?: string } } }).spec ?? {};
    return { ...object, status: { allowed: allowed.includes(`${user} ${resourceAttributes?.subresource}`) } };
  };
  const stop = new AbortController();
  t.after(() => stop.abort());
  const signed: Parameters<SignCertificate>[1][] = [];
  const sign: SignCertificate = async (_request, options) => {
    signed.push(options);
    return "CERTIFICATE";
  };
  const parts = { client: api, clock, random, log: silentLogger };
  const informers = new InformerSet(parts);
  const runner = new ControllerRunner({ ...parts, informers, eventsFor: () => ({ record: () => {} }) }, [
    certificateApproval,
    certificateSigning(sign),
    certificateCleanup,
  ]);
  void Promise.all([informers.run(stop.signal), runner.run(stop.signal)]);
  const ask = async (spec: Partial<CertificateSigningRequest["spec"]>, conditions: string[] = []) => {
    const request = await requestOf("system:nodes", "system:node:a");
    const status = {
      conditions: conditions.map((type) => ({ type, status: "True", lastUpdateTime: formatTime(clock.now()) })),
    };
    const full = { request, signerName: SIGNER.kubeletClient, usages: CLIENT_USAGES, username: "system:bootstrap:x" };
    await create(CertificateSigningRequest, { metadata: { name: "r" }, spec: { ...full, ...spec }, status });
    await clock.advance(1000);
  };
  const stateOf = async () => {
    const [found] = (await api.list(CertificateSigningRequest)).items;
    if (!found) return undefined;
    const { conditions = [], certificate } = found.status ?? {};
    return { conditions: conditions.map(({ type, message }) => message ?? type), certificate };
  };
  return { clock, ask, stateOf, signed };
}

const issued = btoa("CERTIFICATE");

test("approves and signs what a joining host may ask for", async (t) => {
  const { ask, stateOf, signed } = start(t, ["system:bootstrap:x nodeclient"]);
  await ask({ expirationSeconds: 3600 });
  assert.deepEqual(await stateOf(), {
    conditions: ["Auto approving kubelet client certificate after SubjectAccessReview."],
    certificate: issued,
  });
  assert.deepEqual(signed, [
    { keyUsages: ["digitalSignature"], extendedKeyUsages: ["1.3.6.1.5.5.7.3.2"], lifetimeMs: 3_600_000 },
  ]);
});

test("lets a host renew its own certificate, and no other's", async (t) => {
  const { ask, stateOf } = start(t, ["system:node:a selfnodeclient", "system:node:b selfnodeclient"]);
  await ask({ username: "system:node:b" });
  assert.deepEqual((await stateOf())?.conditions, []);
});

test("leaves to people what is not a host's client certificate", async (t) => {
  const { ask, stateOf } = start(t, ["system:bootstrap:x nodeclient"]);
  await ask({ request: await requestOf("system:masters", "root") });
  assert.deepEqual((await stateOf())?.conditions, []);
});

test("an approved request that breaks its signer's rules fails, with the reason", async (t) => {
  const { ask, stateOf } = start(t);
  await ask({ signerName: SIGNER.apiClient, usages: ["client auth", "server auth"] }, ["Approved"]);
  assert.deepEqual(await stateOf(), {
    conditions: ["Approved", "invalid usage for client certificate: server auth"],
    certificate: undefined,
  });
});

test("signs for nobody else's signer", async (t) => {
  const { ask, stateOf } = start(t);
  await ask({ signerName: "example.com/mine" }, ["Approved"]);
  assert.equal((await stateOf())?.certificate, undefined);
});

test("removes requests an hour after their decision, undecided ones after a day", async (t) => {
  const hour = 3_600_000;
  for (const [conditions, hours] of [
    [["Denied"], 1],
    [["Denied", "constructor"], 1],
    [[], 24],
  ] as const) {
    const { clock, ask, stateOf } = start(t);
    await ask({ signerName: "example.com/mine" }, [...conditions]);
    await clock.advance(hours * hour - 10_000);
    assert.notEqual(await stateOf(), undefined);
    await clock.advance(20_000);
    assert.equal(await stateOf(), undefined);
  }
});

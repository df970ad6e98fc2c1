import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { supervisorConfiguration } from "@atoll/api/config/supervisor";
import { systemClock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { systemRandom } from "@atoll/base/random";
import { CertificateAuthority } from "@atoll/control-plane/certificates/certificate-authority";
import {
  administratorCertificate,
  apiServerCertificate,
} from "@atoll/control-plane/certificates/supervisor-certificates";
import { EtcdProcess } from "@atoll/control-plane/store/etcd/etcd-process";
import { openStore } from "./open-store.ts";

const environment = { clock: systemClock, random: systemRandom, log: silentLogger };

test("the configured store on etcd shows its certificate and refuses a stranger's", async () => {
  await using files = await makeFiles();
  const { authorityFile, certificateFile, keyFile } = files.server;
  await using etcd = await EtcdProcess.start({
    isDurable: false,
    tls: { authority: authorityFile, certificate: certificateFile, key: keyFile },
  });
  const configuration = (tls: object | undefined) =>
    supervisorConfiguration.parse({
      apiVersion: "config.atoll.dev/v1alpha1",
      kind: "SupervisorConfiguration",
      dataDirectory: files.directory,
      store: { type: "etcd", endpoints: [etcd.endpoint], ...(tls && { tls }) },
    });
  await using store = await openStore(configuration(files.client), environment);
  assert.equal(await store.currentRevision(), 1);
  await assert.rejects(openStore(configuration(undefined), environment), { code: "Unavailable" });
  await assert.rejects(openStore(configuration(files.stranger), environment), { code: "Unavailable" });
});

async function makeFiles() {
  const directory = await mkdtemp(join(tmpdir(), "store-etcd-tls-"));
  const openAuthority = (name: string) =>
    CertificateAuthority.open({ directory: join(directory, name), clock: systemClock, random: systemRandom });
  const own = await openAuthority("own");
  const other = await openAuthority("other");
  const write = async (name: string, pair: { certificate: string; key: string }) => {
    const names = { authorityFile: "own.crt", certificateFile: `${name}.crt`, keyFile: `${name}.key` };
    const paths = Object.fromEntries(Object.entries(names).map(([key, file]) => [key, join(directory, file)]));
    await writeFile(join(directory, names.authorityFile), own.certificatePem);
    await writeFile(join(directory, names.certificateFile), pair.certificate);
    await writeFile(join(directory, names.keyFile), pair.key);
    return paths as typeof names; // the same keys
  };
  const address = { address: "127.0.0.1", clusterDomain: "cluster.local", more: [] };
  return {
    directory,
    server: await write("server", await apiServerCertificate(own, address)),
    client: await write("client", await administratorCertificate(own)),
    stranger: await write("stranger", await administratorCertificate(other)),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

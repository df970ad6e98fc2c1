// Audit events on their way to a receiver that wants to know who sends them, from the settings that a user writes.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { test } from "node:test";
import { supervisorConfiguration } from "@atoll/api/config/supervisor";
import { systemClock as clock } from "@atoll/base/clock";
import { silentLogger as log } from "@atoll/base/log";
import { systemRandom as random } from "@atoll/base/random";
import { CertificateAuthority } from "@atoll/control-plane/certificates/certificate-authority";
import {
  administratorCertificate,
  apiServerCertificate,
} from "@atoll/control-plane/certificates/supervisor-certificates";
import { stringify } from "yaml";
import { openAudit } from "./open-audit.ts";

const DOCUMENT = { apiVersion: "config.atoll.dev/v1alpha1", kind: "SupervisorConfiguration", dataDirectory: "unused" };
const POLICY = { apiVersion: "audit.k8s.io/v1", kind: "Policy", rules: [{ level: "Metadata" }] };

test("events go to the file and to the webhook, which sees the certificate of the kubeconfig", async () => {
  const directory = await mkdtemp(join(tmpdir(), "open-audit-"));
  const authority = await CertificateAuthority.open({ directory, clock, random });
  const served = await apiServerCertificate(authority, {
    address: "127.0.0.1",
    clusterDomain: "cluster.local",
    more: [],
  });
  const received: unknown[] = [];
  const server = createServer(
    { key: served.key, cert: served.certificate, ca: authority.certificatePem, requestCert: true },
    async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      const { subject } = (request.socket as TLSSocket).getPeerCertificate(); // the server is one of TLS
      received.push([subject.CN, JSON.parse(text).items]);
      response.end();
    },
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo; // it listens on a port
    const client = await administratorCertificate(authority);
    await writeFile(join(directory, "authority.pem"), authority.certificatePem);
    const kubeconfig = {
      "current-context": "x",
      contexts: [{ name: "x", context: { cluster: "receiver", user: "sender" } }],
      clusters: [
        {
          name: "receiver",
          cluster: { server: `https://127.0.0.1:${port}`, "certificate-authority": "authority.pem" },
        },
      ],
      users: [
        {
          name: "sender",
          user: {
            "client-certificate-data": Buffer.from(client.certificate).toString("base64"),
            "client-key-data": Buffer.from(client.key).toString("base64"),
          },
        },
      ],
    };
    const policyFile = join(directory, "policy.yaml");
    const configFile = join(directory, "webhook.yaml");
    const logFile = join(directory, "audit.log");
    await writeFile(policyFile, stringify(POLICY));
    await writeFile(configFile, stringify(kubeconfig));
    const { audit } = settingsOf({ policyFile, logFile, webhook: { configFile } });
    assert.ok(audit);
    {
      await using running = new AsyncDisposableStack();
      const { sinks } = await openAudit(audit, running, { clock, random, log });
      for (const sink of sinks) sink.write('{"verb":"get"}');
    }
    assert.deepEqual(received, [["kubernetes-admin", [{ verb: "get" }]]]);
    assert.equal(await readFile(logFile, "utf8"), '{"verb":"get"}\n');
  } finally {
    server.close();
    await rm(directory, { recursive: true });
  }
});

test("an audit that goes nowhere is refused", () => {
  assert.throws(() => settingsOf({ policyFile: "policy.yaml" }), /needs a logFile, a webhook or both/);
});

function settingsOf(audit: object) {
  return supervisorConfiguration.parse({ ...DOCUMENT, api: { audit } }).api;
}

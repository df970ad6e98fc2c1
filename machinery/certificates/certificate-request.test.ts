import "reflect-metadata";
import assert from "node:assert/strict";
import { test } from "node:test";
import * as x509 from "@peculiar/x509";
import { CertificateRequestError, readCertificateRequest, verifyCertificateRequest } from "./certificate-request.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

async function makeRequest(): Promise<x509.Pkcs10CertificateRequest> {
  const names = [
    new x509.GeneralName("dns", "host-1"),
    new x509.GeneralName("ip", "192.0.2.1"),
    new x509.GeneralName("email", "a@example.com"),
    new x509.GeneralName("url", "https://example.com/"),
  ];
  return x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ O: ["system:nodes"] }, { CN: ["system:node:host-1"] }],
    keys: await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]),
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.SubjectAlternativeNameExtension(names)],
  });
}

test("reads who asks for what", async () => {
  const request = await makeRequest();
  const base64 = btoa(request.toString("pem"));
  const { bytes, ...read } = readCertificateRequest(base64);
  assert.deepEqual(read, {
    commonName: "system:node:host-1",
    organizations: ["system:nodes"],
    dnsNames: ["host-1"],
    ipAddresses: ["192.0.2.1"],
    emailAddresses: ["a@example.com"],
    uris: ["https://example.com/"],
  });
  assert.deepEqual(bytes, new Uint8Array(request.rawData));
  await verifyCertificateRequest(base64);
});

test("refuses what is no request, and what its key has not signed", async () => {
  const raw = new Uint8Array((await makeRequest()).rawData);
  const pem = (type: string, bytes: Uint8Array) => btoa(x509.PemConverter.encode(bytes, type));
  const forged = Uint8Array.from(raw);
  // Somewhere within the name.
  forged.set([forged.at(30)! ^ 1], 30);
  assert.throws(() => readCertificateRequest(btoa("hello")), CertificateRequestError);
  assert.throws(() => readCertificateRequest(pem("CERTIFICATE", raw)), CertificateRequestError);
  assert.throws(() => readCertificateRequest(pem("CERTIFICATE REQUEST", raw.subarray(9))), CertificateRequestError);
  await assert.rejects(verifyCertificateRequest(pem("CERTIFICATE REQUEST", forged)), CertificateRequestError);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { allowDial, isPublic } from "./dial-policy.ts";
import { parseReference } from "./reference.ts";

const names: Record<string, string> = {
  "registry.example": "10.0.0.5",
  "auth.example": "93.184.216.34",
  "inside.example": "192.168.1.1",
  "127.0.0.1": "127.0.0.1",
};
const resolve = async (host: string) => (names[host] ? [{ address: names[host], family: 4 }] : []);
const pull = { registry: "registry.example:5000", plainHttp: false, resolve };

test("the registry of the reference is reached wherever it stands, at its port only", async () => {
  assert.equal((await allowDial({ host: "registry.example", port: 5000 }, pull)).address, "10.0.0.5");
  await assert.rejects(allowDial({ host: "registry.example", port: 22 }, pull), { code: "FAILED_PRECONDITION" });
  await assert.rejects(allowDial({ host: "registry.example", port: 443 }, pull), { code: "FAILED_PRECONDITION" });
  const local = { registry: "127.0.0.1:5000", plainHttp: true, resolve };
  assert.equal((await allowDial({ host: "127.0.0.1", port: 5000 }, local)).address, "127.0.0.1");
});

test("what a registry points to must be public", async () => {
  assert.equal((await allowDial({ host: "auth.example", port: 443 }, pull)).address, "93.184.216.34");
  await assert.rejects(allowDial({ host: "inside.example", port: 443 }, pull), /not a public address/);
  await assert.rejects(allowDial({ host: "127.0.0.1", port: 443 }, pull), /not a public address/);
  await assert.rejects(allowDial({ host: "auth.example", port: 80 }, pull), /only the registry itself/);
});

test("tells public addresses from all others", () => {
  const expected: [string, boolean][] = [
    ["8.8.8.8", true],
    ["127.0.0.1", false],
    ["169.254.169.254", false],
    ["100.100.0.1", false],
    ["172.31.255.255", false],
    ["172.32.0.1", true],
    ["255.255.255.255", false],
    ["2606:4700::1111", true],
    ["::1", false],
    ["fd00::1", false],
    ["fe80::1", false],
    ["::ffff:127.0.0.1", false],
    ["2002:7f00:1::", false],
    ["not an address", false],
  ];
  for (const [address, isExpected] of expected) assert.equal(isPublic(address), isExpected, address);
});

test("takes references apart, and refuses what is none", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  assert.deepEqual(parseReference("docker.io/library/busybox:1.36"), {
    registry: "registry-1.docker.io",
    repository: "library/busybox",
    tag: "1.36",
    digest: "",
  });
  assert.equal(parseReference("127.0.0.1:5000/a/b").tag, "latest");
  assert.equal(parseReference("constructor/a").registry, "constructor");
  assert.deepEqual(parseReference(`r.example/a@${digest}`), {
    registry: "r.example",
    repository: "a",
    tag: "",
    digest,
  });
  for (const text of ["busybox", "r.example/A", "r.example/a@sha256:1", "r.example/a b", "http://r.example/a"]) {
    assert.throws(() => parseReference(text), { code: "InvalidRequest" }, text);
  }
});

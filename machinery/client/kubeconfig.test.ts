import assert from "node:assert/strict";
import { test } from "node:test";
import { serverAccess } from "./kubeconfig.ts";

const document = {
  "current-context": "admin",
  contexts: [{ name: "admin", context: { cluster: "here", user: "admin", namespace: "team" } }],
  clusters: [{ name: "here", cluster: { server: "https://127.0.0.1:6443", "certificate-authority": "ca.crt" } }],
  users: [{ name: "admin", user: { "client-certificate-data": btoa("CERT"), "client-key-data": btoa("KEY") } }],
};
const readFile = (path: string) => new TextEncoder().encode(`content of ${path}`);
const text = (value: string | Uint8Array | undefined) =>
  typeof value === "string" ? value : new TextDecoder().decode(value);

test("reads server, authority and certificate of the current context", () => {
  const access = serverAccess(document, { readFile });
  assert.equal(access.server, "https://127.0.0.1:6443");
  assert.equal(access.namespace, "team");
  assert.deepEqual(
    [text(access.certificateAuthority), text(access.clientCertificate), text(access.clientKey)],
    ["content of ca.crt", "CERT", "KEY"],
  );
});

test("reads a token file at each use", () => {
  let token = "one\n";
  const withFile = { ...document, users: [{ name: "admin", user: { tokenFile: "token" } }] };
  const access = serverAccess(withFile, {
    readFile: (path) => new TextEncoder().encode(path === "token" ? token : "ca"),
  });
  assert.equal(access.token?.(), "one");
  token = "two\n";
  assert.equal(access.token?.(), "two");
});

test("refuses by name what it cannot use", () => {
  const withUser = (user: object) => ({ ...document, users: [{ name: "admin", user }] });
  assert.throws(() => serverAccess(withUser({ exec: {} }), { readFile }), /"exec" is not supported/);
  assert.throws(() => serverAccess(document, { readFile, context: "other" }), /no context "other"/);
  assert.throws(() => serverAccess({}, { readFile }), /names no current context/);
  assert.throws(() => serverAccess("text", { readFile }), /not an object/);
});

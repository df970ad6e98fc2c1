// What hosts may do, on a whole server, through its API.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { User } from "./request/request.ts";
import { userOf } from "./test-roles.ts";
import { type Json, podOf, TestServer } from "./test-server.ts";

const CORE = "/api/v1/namespaces/default";
const PODS = `${CORE}/pods`;
const ACCOUNTS = `${CORE}/serviceaccounts`;

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

const call = (method: string, path: string, user?: User, body?: Json) => server.call(method, path, { user, body });
const hostOf = (name: string) => userOf(`system:node:${name}`, "system:nodes");
const bind = (pod: string, node: string) =>
  call("POST", `${PODS}/${pod}/binding`, undefined, {
    metadata: { name: pod },
    target: { kind: "Node", name: node },
  });

describe("a host", () => {
  test("changes its own node and the pods it carries, and no others", async () => {
    const host = hostOf("n1");
    const node = (name: string) => ({ metadata: { name } });
    assert.equal((await server.call("POST", "/api/v1/nodes", { user: host, body: node("n1") })).status, 201);
    assert.equal((await server.call("POST", "/api/v1/nodes", { user: host, body: node("n2") })).status, 403);
    const merge = { contentType: "application/merge-patch+json", body: { status: { phase: "Running" } } };
    for (const name of ["mine", "other"]) {
      await server.call("POST", PODS, { body: podOf(name) });
      await bind(name, name === "mine" ? "n1" : "n2");
    }
    assert.equal((await server.call("PATCH", `${PODS}/mine/status`, { user: host, ...merge })).status, 200);
    assert.equal((await server.call("PATCH", `${PODS}/other/status`, { user: host, ...merge })).status, 403);
    assert.equal((await server.call("DELETE", `${PODS}/other`, { user: host })).status, 403);
    assert.equal((await server.call("POST", PODS, { user: host, body: podOf("new") })).status, 403);
  });

  test("gets tokens for the pods it carries only", async () => {
    const host = hostOf("n1");
    await server.call("POST", PODS, { body: podOf("here") });
    await bind("here", "n1");
    const request = (name: string) => ({ spec: { boundObjectRef: { kind: "Pod", apiVersion: "v1", name } } });
    await server.call("POST", PODS, { body: podOf("there") });
    assert.equal(
      (await server.call("POST", `${ACCOUNTS}/default/token`, { user: host, body: request("here") })).status,
      201,
    );
    assert.equal(
      (await server.call("POST", `${ACCOUNTS}/default/token`, { user: host, body: request("there") })).status,
      403,
    );
    assert.equal((await server.call("POST", `${ACCOUNTS}/default/token`, { user: host, body: {} })).status, 403);
  });

  test("reads what its pods refer to while it carries them, and nothing else", async () => {
    const host = hostOf("h1");
    for (const name of ["mounted", "in-env", "pulled", "other"]) {
      await call("POST", `${CORE}/secrets`, undefined, { metadata: { name } });
    }
    const spec = {
      containers: [
        { name: "c", image: "i", env: [{ name: "E", valueFrom: { secretKeyRef: { name: "in-env", key: "k" } } }] },
      ],
      volumes: [{ name: "v", secret: { secretName: "mounted" } }],
      imagePullSecrets: [{ name: "pulled" }],
    };
    await call("POST", `${CORE}/pods`, undefined, { ...podOf("carried"), spec });
    const read = async (path: string) => (await call("GET", `${CORE}/${path}`, host)).status;
    assert.equal(await read("secrets/mounted"), 403, "before it carries the pod");
    await bind("carried", "h1");
    for (const name of ["mounted", "in-env", "pulled"]) assert.equal(await read(`secrets/${name}`), 200, name);
    assert.equal(await read("secrets?fieldSelector=metadata.name%3Dmounted"), 200);
    assert.equal(await read("serviceaccounts/default"), 200);
    assert.equal(await read("pods/carried"), 200);
    for (const path of [
      "secrets/other",
      "secrets",
      "secrets?fieldSelector=metadata.name%3Dother",
      "configmaps",
      "pods",
    ]) {
      assert.equal(await read(path), 403, path);
    }
    const pods = (node: string) => call("GET", `/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`, host);
    assert.equal((await pods("h1")).status, 200);
    assert.equal((await pods("h2")).status, 403);
    await call("DELETE", `${CORE}/pods/carried?gracePeriodSeconds=0`, undefined);
    await call("GET", `${CORE}/pods`, undefined);
    assert.equal(await read("secrets/mounted"), 403, "after the pod is gone");
  });

  test("sees its own node only, and cannot label or taint itself to draw pods", async () => {
    const host = hostOf("h1");
    assert.equal((await call("POST", "/api/v1/nodes", host, { metadata: { name: "h1" } })).status, 201);
    assert.equal((await call("GET", "/api/v1/nodes/h1", host)).status, 200);
    for (const path of ["nodes", "nodes/h2"]) assert.equal((await call("GET", `/api/v1/${path}`, host)).status, 403);
    const patch = (body: Json) =>
      server.call("PATCH", "/api/v1/nodes/h1", { user: host, body, contentType: "application/merge-patch+json" });
    assert.equal((await patch({ metadata: { labels: { "kubernetes.io/os": "linux", mine: "1" } } })).status, 200);
    const labelled = await patch({ metadata: { labels: { "node-restriction.kubernetes.io/x": "1" } } });
    assert.match(labelled.body.message, /is not allowed to modify labels: node-restriction.kubernetes.io\/x$/);
    assert.match(
      (await patch({ spec: { taints: [{ key: "a", effect: "NoSchedule" }] } })).body.message,
      /modify taints/,
    );
  });

  test("writes the status of images it pulls, and makes disks in its own name", async () => {
    const host = hostOf("h1");
    const IMAGES = "/apis/imagecontroller.vmware.com/v1";
    for (const [name, hostName] of [
      ["mine", "h1"],
      ["theirs", "h2"],
    ]) {
      const spec = { reference: "registry.test/a:1", hostName };
      assert.equal(
        (await call("POST", `${IMAGES}/namespaces/default/images`, undefined, { metadata: { name }, spec })).status,
        201,
      );
    }
    const report = async (name: string) => {
      const path = `${IMAGES}/namespaces/default/images/${name}/status`;
      const body = { status: { phase: "Pulling" } };
      return (await server.call("PATCH", path, { user: host, body, contentType: "application/merge-patch+json" }))
        .status;
    };
    assert.equal(await report("mine"), 200);
    assert.equal(await report("theirs"), 403);
    const disk = (hostName: string, digit: string) => {
      const hex = digit.repeat(64);
      const spec = { digest: `sha256:${hex}`, reference: "registry.test/a:1", hostName };
      return call("POST", `${IMAGES}/imagedisks`, host, { metadata: { name: `sha256-${hex}` }, spec });
    };
    assert.equal((await disk("h1", "a")).status, 201);
    assert.equal((await disk("h2", "b")).status, 403);
  });
});

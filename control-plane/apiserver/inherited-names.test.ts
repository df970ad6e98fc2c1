// Names that every object of JavaScript answers to, wherever they may stand in a request: they are names like all others.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Answer, type Json, podOf, TestServer } from "./test-server.ts";

const NAMES = ["constructor", "toString", "__proto__", "hasOwnProperty"];
/** Those of them that a label may have. */
const KEYS = NAMES.filter((name) => name !== "__proto__");

const CORE = "/api/v1/namespaces/default";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

/** Computed, so that "__proto__" is a field. */
const fieldOf = (name: string, value: unknown): Json => ({ [name]: value });

async function create(path: string, body: Json): Promise<Answer> {
  return await server.call("POST", path, { body: { ...body, metadata: { generateName: "x-", ...body.metadata } } });
}

async function createFine(path: string, body: Json): Promise<void> {
  const { status, headers, body: answer } = await create(path, body);
  assert.equal(status, 201, JSON.stringify(answer));
  assert.equal(headers.warning, undefined);
}

async function refusalOf(path: string, body: Json): Promise<string> {
  const answer = await create(path, body);
  return `${answer.status} ${answer.body.message?.replace(/^\w+ "" is invalid: /, "")}`;
}

describe("kinds", () => {
  test("secrets have any type", async () => {
    for (const type of NAMES) await createFine(`${CORE}/secrets`, { type, data: fieldOf(type, "YQ==") });
  });

  test("only the server's own priority classes cannot be deleted", async () => {
    const classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
    await createFine(classes, { metadata: { name: "constructor" }, value: 1 });
    assert.equal((await server.call("DELETE", `${classes}/constructor`)).status, 200);
    assert.equal((await server.call("DELETE", `${classes}/system-node-critical`)).status, 403);
  });

  test("labels of hosts are warned of by their own names", async () => {
    for (const key of KEYS) {
      const labelSelector = { matchLabels: { a: "b" } };
      const spread = { maxSkew: 1, topologyKey: key, whenUnsatisfiable: "DoNotSchedule", labelSelector };
      const spec = { nodeSelector: fieldOf(key, "x"), topologySpreadConstraints: [spread] };
      await createFine(`${CORE}/pods`, podOf("", spec));
      const allowedTopologies = [{ matchLabelExpressions: [{ key, values: ["x"] }] }];
      await createFine("/apis/storage.k8s.io/v1/storageclasses", { provisioner: "p", allowedTopologies });
    }
  });

  test("a profile of no known type is compared with no annotation", async () => {
    const annotation = "container.apparmor.security.beta.kubernetes.io/c";
    for (const type of NAMES) {
      const container = { name: "c", image: "i", securityContext: { appArmorProfile: { type } } };
      const message = await refusalOf(`${CORE}/pods`, {
        metadata: { annotations: { [annotation]: "runtime/default" } },
        spec: { containers: [container] },
      });
      assert.match(message, /^422 .*appArmorProfile.type: Unsupported value/);
    }
  });

  test("a container asks for the resources that it names", async () => {
    const resources = { requests: { cpu: "1" } };
    const made = await create(`${CORE}/pods`, podOf("asking", { containers: [{ name: "c", image: "i", resources }] }));
    assert.equal(made.status, 201, JSON.stringify(made.body));
    for (const resourceName of NAMES) {
      const requestMappings = [{ containerName: "c", resourceName, requestName: "r" }];
      const answer = await server.call("PATCH", `${CORE}/pods/asking/status`, {
        body: { status: { extendedResourceClaimStatus: { resourceClaimName: "x", requestMappings } } },
        contentType: "application/merge-patch+json",
      });
      assert.equal(answer.status, 422, JSON.stringify(answer.body));
      assert.match(answer.body.message, /must match the extended resource name of an entry/);
    }
  });

  test("a selector's operator is one of those that there are", async () => {
    for (const name of NAMES) {
      const text = encodeURIComponent(`a ${name} (b)`);
      const { status, body } = await server.call("GET", `${CORE}/pods?labelSelector=${text}`);
      assert.equal(status, 400);
      assert.match(body.message, new RegExp(`found '${name}', expected: in, notin`));
    }
  });
});

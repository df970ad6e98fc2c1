// Names that every object of JavaScript answers to, wherever they may stand in a request: they are names like all others.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { builtInPriority } from "./aggregation/priorities.ts";
import { DEFINITIONS, establish } from "./custom-resources/test-definitions.ts";
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

describe("the server", () => {
  test("a pod has no subresources but those that there are", async () => {
    await create(`${CORE}/pods`, podOf("parts"));
    for (const name of NAMES) {
      for (const method of ["GET", "PUT"]) {
        const body = method === "GET" ? undefined : podOf("parts");
        assert.equal(
          (await server.call(method, `${CORE}/pods/parts/${name}`, { body })).status,
          404,
          `${method} ${name}`,
        );
      }
    }
  });

  test("a runtime class contradicts what a pod says of its hosts, and nothing else", async () => {
    for (const key of KEYS) {
      const runtimeClassName = `of-${key.toLowerCase()}`;
      const scheduling = { nodeSelector: fieldOf(key, "x") };
      const made = { metadata: { name: runtimeClassName }, handler: "h", scheduling };
      await createFine("/apis/node.k8s.io/v1/runtimeclasses", made);
      await createFine(`${CORE}/pods`, podOf("", { runtimeClassName, nodeSelector: { a: "b" } }));
      const other = podOf("", { runtimeClassName, nodeSelector: fieldOf(key, "y") });
      assert.match(await refusalOf(`${CORE}/pods`, other), /^403 .*conflict: runtimeClass.scheduling.nodeSelector/);
    }
  });

  test("a group that is built in has the versions that it has", () => {
    assert.deepEqual(builtInPriority("batch", "v1"), { group: 17_400, version: 15 });
    for (const name of NAMES) {
      assert.equal(builtInPriority("batch", name), undefined);
      assert.equal(builtInPriority(name, name), undefined);
    }
  });

  test("custom resources, their fields and the formats of these have any name", async () => {
    const plural = "constructor";
    const things = `/apis/example.com/v1/namespaces/default/${plural}`;
    const properties = Object.fromEntries(NAMES.map((name) => [name, { type: "integer", format: name }]));
    const text = { type: "string" };
    const openAPIV3Schema = {
      type: "object",
      properties: { spec: { type: "object", properties }, map: { type: "object", additionalProperties: text } },
    };
    const definition = {
      metadata: { name: `${plural}.example.com` },
      spec: {
        group: "example.com",
        scope: "Namespaced",
        names: { plural, kind: "Constructor" },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
      },
    };
    await establish(server, definition);
    const [spec, map] = [
      Object.fromEntries(NAMES.map((name) => [name, 1])),
      Object.fromEntries(NAMES.map((name) => [name, "x"])),
    ];
    const body = { apiVersion: "example.com/v1", kind: "Constructor", metadata: { name: plural }, spec, map };
    const made = await server.call("POST", things, { body });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { body: found } = await server.call("GET", `${things}/${plural}`);
    assert.deepEqual([found.spec, found.map], [spec, map]);
    const empty = await server.call("POST", things, {
      body: { ...body, metadata: { name: "empty" }, spec: {}, map: {} },
    });
    assert.deepEqual([empty.status, empty.body.spec], [201, {}]);
    const { body: group } = await server.call("GET", "/apis/example.com/v1");
    assert.deepEqual(
      group.resources.map(({ name }: Json) => name),
      [plural],
    );
    assert.equal((await server.call("DELETE", `${DEFINITIONS}/${plural}.example.com`)).status, 200);
  });
});

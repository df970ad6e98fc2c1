import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { mandatoryFlowSchemas, suggestedFlowSchemas } from "@atoll/api/flowcontrol/bootstrap";
import { parseRequestInfo } from "../request/request-info.ts";
import { type Json, TestServer } from "../test-server.ts";
import { matchesSchema, sortSchemas } from "./flow-classes.ts";

const SCHEMAS = "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas";
const LEVELS = "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations";

const schemas = sortSchemas(
  [...mandatoryFlowSchemas, ...suggestedFlowSchemas].map(({ name, spec }) => ({ metadata: { name }, spec })),
);

const CASES: readonly (readonly [string, readonly string[], string, string])[] = [
  ["admin", ["system:masters"], "GET /api/v1/pods", "exempt"],
  ["u", ["system:authenticated"], "GET /livez", "probes"],
  ["u", ["system:authenticated"], "GET /api/v1/pods", "global-default"],
  ["u", [], "GET /api/v1/pods", "none"],
  ["system:node:a", ["system:nodes"], "PATCH /api/v1/nodes/a/status", "system-node-high"],
  ["system:node:a", ["system:nodes"], "GET /api/v1/pods", "system-nodes"],
  ["system:kube-scheduler", [], "PUT /apis/coordination.k8s.io/v1/namespaces/x/leases/l", "system-leader-election"],
  ["system:kube-scheduler", [], "GET /api/v1/pods", "kube-scheduler"],
  [
    "system:serviceaccount:kube-system:a",
    ["system:serviceaccounts"],
    "GET /api/v1/pods",
    "kube-system-service-accounts",
  ],
  ["system:serviceaccount:default:a", ["system:serviceaccounts"], "GET /api/v1/pods", "service-accounts"],
];

describe("classification by the built-in schemas", () => {
  for (const [name, groups, request, expected] of CASES) {
    test(`${request} of ${name} is ${expected}`, () => {
      const [method = "", path = ""] = request.split(" ");
      const info = parseRequestInfo(method, path);
      const found = schemas.find((schema) => matchesSchema(schema, { name, groups }, info));
      assert.equal(found?.metadata.name ?? "none", expected);
    });
  }
});

describe("a server with flow control", () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server[Symbol.asyncDispose]());

  const user = { name: "u", groups: ["system:authenticated", "team"] };

  async function until(path: string, isSo: (body: Json) => boolean): Promise<Json> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const { body } = await server.call("GET", path);
      if (isSo(body)) return body;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`${path} never came to be as it should`);
  }

  test("has the built-in objects and says that their levels are there", async () => {
    const { body } = await server.call("GET", LEVELS);
    assert.equal(body.items.length, 8);
    const schema = await until(`${SCHEMAS}/global-default`, ({ status }) => status?.conditions?.length > 0);
    assert.equal(schema.status.conditions[0].status, "False");
    assert.equal(schema.status.conditions[0].reason, "Found");
  });

  test("tells the flow and the level of a request, of a refused one, too", async () => {
    const level = (await server.call("GET", `${LEVELS}/global-default`)).body;
    const answer = await server.call("GET", "/api/v1/pods", { user });
    assert.equal(answer.status, 403);
    assert.equal(answer.headers["x-kubernetes-pf-prioritylevel-uid"], level.metadata.uid);
  });

  test("refuses what finds no seat in a level without queues, and goes on afterwards", async () => {
    const limited = { nominalConcurrencyShares: 0, borrowingLimitPercent: 0, limitResponse: { type: "Reject" } };
    await server.call("POST", LEVELS, { body: { metadata: { name: "tight" }, spec: { type: "Limited", limited } } });
    await server.call("POST", SCHEMAS, {
      body: {
        metadata: { name: "team" },
        spec: {
          priorityLevelConfiguration: { name: "tight" },
          matchingPrecedence: 50,
          rules: [
            {
              subjects: [{ kind: "Group", group: { name: "team" } }],
              resourceRules: [
                { verbs: ["*"], apiGroups: ["*"], resources: ["selfsubjectreviews"], clusterScope: true },
              ],
            },
          ],
        },
      },
    });
    // Requests are classified by what the cache has; a list is as new as the writes before it.
    for (const path of [LEVELS, SCHEMAS]) await server.call("GET", path);
    const ask = () => server.call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", { user, body: {} });
    const answers = await Promise.all([ask(), ask(), ask()]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 429, 429]);
    const refused = answers.find(({ status }) => status === 429);
    assert.equal(refused?.headers["retry-after"], "1");
    assert.equal((await ask()).status, 201);
  });

  test("makes a mandatory object again, and marks a schema whose level is missing", async () => {
    const first = (await server.call("GET", `${SCHEMAS}/catch-all`)).body;
    await server.call("DELETE", `${SCHEMAS}/catch-all`);
    await until(`${SCHEMAS}/catch-all`, ({ metadata }) => metadata?.uid && metadata.uid !== first.metadata.uid);
    await server.call("DELETE", `${LEVELS}/tight`);
    await until(`${SCHEMAS}/team`, ({ status }) => status?.conditions?.[0]?.status === "True");
  });

  test("keeps the fixed spec of the mandatory ones", async () => {
    const { status } = await server.call("PATCH", `${SCHEMAS}/exempt`, {
      body: { spec: { matchingPrecedence: 7 } },
      contentType: "application/merge-patch+json",
    });
    assert.equal(status, 422);
  });
});

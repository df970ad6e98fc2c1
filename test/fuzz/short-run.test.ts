// A few of the inputs of each sort that needs no connection, sent to a server in this process: what `run.ts` does at length.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { readBody } from "@atoll/machinery/client/transport";
import { TestServer } from "@atoll/control-plane/apiserver/test-server";
import type { Outcome } from "./answer-reader.ts";
import { inputRandom } from "./input-random.ts";
import type { FuzzRequest } from "./http-lane.ts";
import { faultOf } from "./judge.ts";
import { type Exchange, type InputContext, NAMESPACE, type TargetSetup } from "./target.ts";
import { bodies } from "./targets/bodies.ts";
import { cel } from "./targets/cel.ts";
import { patches } from "./targets/patches.ts";
import { protobuf } from "./targets/protobuf.ts";
import { selectors } from "./targets/selectors.ts";

const SEED = Number(process.env.ATOLL_TEST_SEED ?? 36);
const INPUTS = 100;

const server = await TestServer.start();
after(() => server[Symbol.asyncDispose]());

async function send({ method, target, headers = {}, body }: FuzzRequest): Promise<Outcome> {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const single = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  const answer = await server.api.handle({
    ...{ method, path: target, headers: Object.fromEntries(single) },
    ...(bytes ? { body: bytes } : {}),
  });
  const text = Buffer.from(await readBody(answer.body)).toString();
  return { type: "answer", status: answer.status, headers: new Map(), text, isCut: false };
}

async function make(method: string, path: string, object?: object): Promise<unknown> {
  const headers = { "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json" };
  const outcome = await send({ method, target: path, headers, body: object && JSON.stringify(object) });
  assert.ok(outcome.type === "answer" && outcome.status < 300, JSON.stringify(outcome));
  return undefined;
}

await make("POST", "/api/v1/namespaces", { metadata: { name: NAMESPACE } });
await make("POST", `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, { metadata: { name: "default" } });

const setup: TargetSetup = {
  ...{
    server: { url: "https://127.0.0.1", token: "" },
    kubeconfig: "",
    configurationFile: "",
    directory: "",
    lanes: 1,
  },
  make,
};

for (const target of [bodies, patches, selectors, cel, protobuf]) {
  test(`${target.name} are answered, and never with a fault of the server`, { timeout: 60_000 }, async () => {
    await using opened = await target.open(setup);
    for (let index = 0; index < INPUTS; index++) {
      const exchanges: Exchange[] = [];
      const call = async (request: FuzzRequest) => {
        const outcome = await send(request);
        exchanges.push({ sent: `${request.method} ${request.target}`, outcome, mayClose: false });
        return outcome;
      };
      const context: Omit<InputContext, "callRaw"> = {
        ...{ random: inputRandom(SEED, target.name, index), index, laneNumber: 0, call },
        lane: { send, render: () => Buffer.alloc(0) },
        note: (exchange) => void exchanges.push(exchange),
      };
      await opened.send(context as InputContext); // bytes that are no request are sent by other targets
      for (const exchange of exchanges) {
        const fault = faultOf(exchange);
        assert.equal(fault, undefined, `input ${index}, ATOLL_TEST_SEED=${SEED}: ${exchange.sent}`);
      }
    }
  });
}

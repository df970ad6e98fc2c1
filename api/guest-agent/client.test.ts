import assert from "node:assert/strict";
import { test } from "node:test";
import { createLinePair } from "@atoll/base/multiplex/byte-line";
import { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import { StreamError } from "@atoll/base/multiplex/stream-status";
import { AgentCallError, agentSchemas, callBidirectional, callServerStream, callUnary } from "./client.ts";
import { agentMethods } from "./methods.ts";
import { type AgentHandlers, firstRequest, serveAgent } from "./server.ts";

const never = new AbortController().signal;

async function connect(handlers: AgentHandlers): Promise<Multiplexer> {
  const [hostLine, guestLine] = createLinePair();
  Multiplexer.serve(guestLine, serveAgent(handlers));
  return await Multiplexer.connect(hostLine, { epoch: 1n, signal: never });
}

test("the table of schemas names the same messages as the table of methods", () => {
  for (const [name, { request, response }] of Object.entries(agentMethods)) {
    const schemas = agentSchemas[name as keyof typeof agentSchemas];
    assert.deepEqual([schemas.request.name, schemas.response.name], [request, response]);
  }
});

test("a unary call gives its answer, or the agent's error", async () => {
  using line = await connect({
    hello: async (call) => call.respond({ agentVersion: "1", personality: "pod" }),
    startPod: async (call) => {
      const request = await firstRequest(call);
      throw new StreamError("INVALID_ARGUMENT", `Pod "${request.podName}" is odd`);
    },
  });
  assert.equal((await callUnary(line, "hello", {}, never)).personality, "pod");
  await assert.rejects(callUnary(line, "startPod", { podName: "x" }, never), (error) => {
    assert(error instanceof AgentCallError);
    assert.deepEqual([error.code, error.method], ["INVALID_ARGUMENT", "startPod"]);
    return /Pod "x" is odd/.test(error.message);
  });
  await assert.rejects(callUnary(line, "stats", {}, never), { code: "UNIMPLEMENTED" });
});

test("leaving a server stream cancels it in the guest", async () => {
  const cancelled = Promise.withResolvers<void>();
  using line = await connect({
    watchPod: async (call) => {
      call.signal.addEventListener("abort", () => cancelled.resolve(), { once: true });
      for (let sequence = 1n; !call.signal.aborted; sequence++) await call.respond({ sequence });
    },
  });
  for await (const status of callServerStream(line, "watchPod", {}, never)) if (status.sequence === 3n) break;
  await cancelled.promise;
});

test("an aborted signal ends a waiting call with its reason", async () => {
  using line = await connect({
    watchPod: (call) =>
      new Promise((_, reject) => {
        call.signal.addEventListener("abort", () => reject(call.signal.reason), { once: true });
      }),
  });
  const abort = new AbortController();
  const waiting = callServerStream(line, "watchPod", {}, abort.signal).next();
  setImmediate(() => abort.abort(new Error("Enough")));
  await assert.rejects(waiting, /Enough/);
});

test("a call whose signal aborts while it is being opened is cancelled in the guest", async () => {
  using line = await connect({
    exec: async (call) => {
      for await (const _ of call.requests);
    },
  });
  const abort = new AbortController();
  const start = { input: { case: "start" as const, value: { container: "a" } } };
  const opening = callBidirectional(line, "exec", start, abort.signal);
  abort.abort(new Error("Enough"));
  await using call = await opening;
  await assert.rejects(Array.fromAsync(call.responses()), /Enough/);
  assert.equal(line.openStreams, 0);
});

test("a bidirectional call carries input and output side by side", async () => {
  using line = await connect({
    exec: async (call) => {
      for await (const { input } of call.requests) {
        if (input.case === "stdin") await call.respond({ output: { case: "stdout", value: input.value } });
      }
      await call.respond({ output: { case: "exit", value: { exitCode: 3 } } });
    },
  });
  await using call = await callBidirectional(
    line,
    "exec",
    { input: { case: "start", value: { container: "a" } } },
    never,
  );
  await call.send({ input: { case: "stdin", value: Uint8Array.of(1, 2) } });
  await call.end();
  const outputs = (await Array.fromAsync(call.responses())).map(({ output }) => output.case);
  assert.deepEqual(outputs, ["stdout", "exit"]);
});

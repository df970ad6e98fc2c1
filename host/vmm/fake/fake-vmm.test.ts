import assert from "node:assert/strict";
import { test } from "node:test";
import { callBidirectional, callServerStream, callUnary } from "@atoll/api/guest-agent/client";
import { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import { duplexLine } from "@atoll/base/node/duplex-line";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { describeVmm } from "../vmm-suite.ts";
import type { MicroVmSpec } from "../vmm.ts";
import { FakeVmm } from "./fake-vmm.ts";

const never = new AbortController().signal;

const spec = (id: string): MicroVmSpec => ({
  ...{ id, kernelPath: "", systemDiskPath: "", kernelArguments: [], vcpus: 1, memoryBytes: 0, disks: [], userId: 1 },
});

describeVmm("fake", async () => {
  const vmm = new FakeVmm({ clock: new VirtualClock() });
  return { vmm, spec, reopen: async () => vmm };
});

test("a fake pod runs, ends and starts again after its back-off", async () => {
  const clock = new VirtualClock();
  const microVm = await new FakeVmm({ clock }).start(spec("pod"), never);
  using line = await Multiplexer.connect(duplexLine(await microVm.connectAgent(never)), { epoch: 1n, signal: never });
  await callUnary(line, "prepare", { hostname: "web" }, never);
  const containers = [{ name: "main" }, { name: "once", command: ["log", "hello"] }];
  const pod = { podUid: "u1", containers, restartBackoffInitialMs: 1000, restartBackoffMaxMs: 5000 };
  await callUnary(line, "startPod", pod, never);
  assert.equal((await callUnary(line, "hello", {}, never)).podUid, "u1");
  const statuses = callServerStream(line, "watchPod", {}, never);
  const first = (await statuses.next()).value;
  assert.deepEqual(
    first?.containers.map(({ state }) => state?.state.case),
    ["running", "terminated"],
  );
  await clock.advance(1000);
  const second = (await statuses.next()).value;
  assert.equal(second?.containers[1]?.restartCount, 1);
  const log = await Array.fromAsync(callServerStream(line, "readLog", { container: "once" }, never));
  assert.equal(Buffer.from(log[0]?.content ?? []).toString(), "hello\nhello\n");
  await statuses.return();
  await microVm.stop();
});

test("exec in a fake pod echoes and ends with the code asked for", async () => {
  const microVm = await new FakeVmm({ clock: new VirtualClock() }).start(spec("exec"), never);
  using line = await Multiplexer.connect(duplexLine(await microVm.connectAgent(never)), { epoch: 1n, signal: never });
  await callUnary(line, "prepare", {}, never);
  await callUnary(line, "startPod", { podUid: "u", containers: [{ name: "main" }] }, never);
  const start = { container: "main", command: ["exit", "4"] };
  await using call = await callBidirectional(line, "exec", { input: { case: "start", value: start } }, never);
  const outputs = await Array.fromAsync(call.responses());
  const exit = outputs.at(-1)?.output;
  assert(exit?.case === "exit");
  assert.equal(exit.value.exitCode, 4);
  await microVm.stop();
});

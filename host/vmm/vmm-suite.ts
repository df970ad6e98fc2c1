// What every maker of microVMs promises, as one suite: the fake passes it in the unit tests, QEMU in a test that needs root.

import assert from "node:assert/strict";
import { test } from "node:test";
import { callUnary } from "@atoll/api/guest-agent/client";
import { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import { duplexLine } from "@atoll/base/node/duplex-line";
import type { MicroVm, MicroVmSpec, Vmm } from "./vmm.ts";

export interface VmmUnderTest {
  readonly vmm: Vmm;
  /** A microVM with the pod personality, without disks and network. */
  spec(id: string): MicroVmSpec;
  /** The same host, seen by a program that was just started. */
  reopen(): Promise<Vmm>;
}

const GUEST_START_MS_MAX = 20_000;

export function describeVmm(name: string, open: () => Promise<VmmUnderTest>): void {
  const limit = () => AbortSignal.timeout(GUEST_START_MS_MAX);
  let epoch = 0n;
  const connect = async (microVm: MicroVm) =>
    await Multiplexer.connect(duplexLine(await microVm.connectAgent(limit())), { epoch: ++epoch, signal: limit() });

  test(`${name}: a started guest answers, and stops when told`, async () => {
    const { vmm, spec } = await open();
    const microVm = await vmm.start(spec("answers"), limit());
    using line = await connect(microVm);
    assert.equal((await callUnary(line, "hello", {}, limit())).personality, "pod");
    await microVm.stop();
    assert.equal((await microVm.exited).cause, "stopped");
    await microVm.stop();
    await line.closed;
    assert.deepEqual(await vmm.findAll(), []);
  });

  test(`${name}: a second microVM of one id is refused and harms nothing`, async () => {
    const { vmm, spec } = await open();
    const microVm = await vmm.start(spec("twice"), limit());
    await assert.rejects(vmm.start(spec("twice"), limit()), { code: "AlreadyExists" });
    using line = await connect(microVm);
    await callUnary(line, "hello", {}, limit());
    await microVm.stop();
  });

  test(`${name}: a new connection ends the one before and starts clean`, async () => {
    const { vmm, spec } = await open();
    const microVm = await vmm.start(spec("again"), limit());
    const first = await connect(microVm);
    using second = await connect(microVm);
    await first.closed;
    await callUnary(second, "hello", {}, limit());
    await microVm.stop();
  });

  test(`${name}: a guest that shuts down is told from one that was stopped`, async () => {
    const { vmm, spec } = await open();
    const microVm = await vmm.start(spec("ends"), limit());
    using line = await connect(microVm);
    // The guest may be gone before its answer is.
    await callUnary(line, "shutdown", {}, limit()).catch(() => {});
    assert.equal((await microVm.exited).cause, "guest");
  });

  test(`${name}: a program that was just started finds what runs`, async () => {
    const { vmm, spec, reopen } = await open();
    await vmm.start(spec("found"), limit());
    const [found] = await (await reopen()).findAll();
    assert.equal(found?.spec.id, "found");
    assert(found);
    using line = await connect(found);
    await callUnary(line, "hello", {}, limit());
    await found.stop();
    assert.equal((await found.exited).cause, "stopped");
  });
}

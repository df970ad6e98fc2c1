import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { atoll, kubectl, qemuProcesses } from "../harness/machine.ts";

test("atoll demo ends with a pod that runs on our own kernel", () => {
  const done = atoll("demo");
  assert.equal(done.code, 0, done.stdout + done.stderr);
  const kernel = /uname -r in the pod: (\S+)/.exec(done.stdout)?.[1];
  const host = readFileSync("/proc/sys/kernel/osrelease", "utf8").trim();
  assert.match(kernel ?? "", /-crx$/, done.stdout);
  assert.notEqual(kernel, host);
  assert.match(done.stdout, new RegExp(`hello from pod \\S+, kernel ${kernel}`));
});

test("atoll demo runs again on what is there, in seconds", () => {
  const started = Date.now();
  const done = atoll("demo");
  assert.equal(done.code, 0, done.stdout + done.stderr);
  assert.ok(Date.now() - started < 20_000, `took ${Date.now() - started} ms`);
});

test("each pod is one QEMU process that is not root and has no privileges", () => {
  const pods = JSON.parse(kubectl(["get", "pods", "-A", "-o", "json"])).items;
  // The host's own short-lived guests (its probe, an image pull) come and go beside them.
  const machines = qemuProcesses();
  for (const { metadata } of pods) {
    const own = machines.filter(({ command }) => command.includes(metadata.uid));
    assert.equal(own.length, 1, `pod ${metadata.name} has ${own.length} QEMU processes`);
  }
  for (const { pid } of machines) {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    assert.doesNotMatch(status, /^Uid:\s+0\s/m);
    assert.match(status, /^CapEff:\s+0000000000000000$/m);
    assert.match(status, /^CapBnd:\s+0000000000000000$/m);
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.match(status, /^Seccomp:\s+2$/m);
  }
});

test("atoll status says that everything runs, also as JSON", () => {
  const done = atoll("status", "-o", "json");
  assert.equal(done.code, 0, done.stdout + done.stderr);
  const report = JSON.parse(done.stdout);
  assert.equal(report.api.ready, true);
  assert.ok(report.services.every((service: { running: boolean }) => service.running));
  assert.equal(report.nodes.length, 1);
});

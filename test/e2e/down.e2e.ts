import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { atoll, ensureUp, processesWith, qemuProcesses, runDirectory, stateDirectory } from "../harness/machine.ts";

function output(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: "utf8" });
}

test("atoll down leaves no process, device, rule, namespace or mount behind", () => {
  ensureUp();
  const done = atoll("down");
  assert.equal(done.code, 0, done.stdout + done.stderr);
  assert.deepEqual(qemuProcesses(), []);
  assert.deepEqual(processesWith(runDirectory), []);
  assert.deepEqual(
    processesWith(`${stateDirectory}/`).filter(({ pid }) => pid !== process.pid),
    [],
  );
  const links = output("ip", "-brief", "link").trim().split("\n");
  assert.deepEqual(
    links.filter((line) => !line.startsWith("lo ")),
    [],
  );
  assert.equal(output("nft", "list", "ruleset").trim(), "");
  assert.equal(output("ip", "netns", "list").trim(), "");
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  assert.deepEqual(
    mounts.filter((line) => line.includes(runDirectory) || line.includes(stateDirectory)),
    [],
  );
  assert.equal(existsSync(runDirectory), false);
});

test("atoll up goes on with the data, and down --purge deletes it", () => {
  ensureUp();
  const kept = atoll("status", "-o", "json");
  assert.equal(JSON.parse(kept.stdout).api.ready, true);
  const done = atoll("down", "--purge");
  assert.equal(done.code, 0, done.stdout + done.stderr);
  assert.equal(existsSync(stateDirectory), false);
});

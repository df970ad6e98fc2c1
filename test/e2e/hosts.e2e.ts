// The host's own suites on real microVMs (`host/**/*.root-test.ts`), each in network and mount namespaces of its own beside the
// Supervisor under test, with its guest bundle. Alone: `node test/e2e/run.ts hosts`.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { pushBusybox, startRegistry } from "../harness/images.ts";
import {
  atoll,
  checkout,
  ensureUp,
  getObject,
  kubectl,
  makeNamespace,
  qemuProcesses,
  runDirectory,
  stateDirectory,
  waitReady,
} from "../harness/machine.ts";
import { bundleOf } from "../performance/floor.ts";

/** Network namespaces with names are mounts below /run/netns: the suite's own must not be the Supervisor's. */
const SET_UP = 'mkdir -p /run/netns; mount -t tmpfs none /run/netns; ip link set lo up; exec "$@"';
/** On two busy cores; 3 s on idle ones. */
const DOWN_MS_MAX = 15_000;
const SUITE_TIMEOUT_MS = 120_000;

before(() => ensureUp());

test("atoll down takes seconds when the VM manager was killed and a monitor does not answer", async () => {
  const stopRegistry = await startRegistry();
  try {
    const namespace = makeNamespace("hosts");
    kubectl(["-n", namespace, "run", "still", `--image=${pushBusybox()}`, "--", "sleep", "1000"]);
    waitReady(namespace, "still");
    const { uid } = getObject(namespace, "pod", "still").metadata;
    const monitor = qemuProcesses().find(({ command }) => command.includes(uid));
    assert.ok(monitor);
    process.kill(monitor.pid, "SIGSTOP");
    process.kill(Number(readFileSync(join(runDirectory, "pids/hostd-host-1.pid.child"), "utf8")), "SIGKILL");
    const startMs = Date.now();
    const done = atoll("down");
    assert.equal(done.code, 0, done.stdout + done.stderr);
    assert.ok(Date.now() - startMs < DOWN_MS_MAX, `atoll down took ${Date.now() - startMs} ms`);
    assert.deepEqual(qemuProcesses(), []);
  } finally {
    stopRegistry();
  }
});

for (const file of globSync("host/**/*.root-test.ts", { cwd: checkout }).toSorted()) {
  test(file, () => {
    // The variable would make the runner inside take itself for a part of this one.
    const { NODE_TEST_CONTEXT: _context, ...environment } = process.env;
    const bundle = bundleOf(join(stateDirectory, "hosts/host-1/hostd.yaml"));
    const unshare = ["--net", "--mount", "--propagation", "private", "sh", "-c", SET_UP, "sh"];
    const done = spawnSync("unshare", [...unshare, process.execPath, "--test", file], {
      ...{ cwd: checkout, encoding: "utf8", timeout: SUITE_TIMEOUT_MS },
      env: { ...environment, ATOLL_TEST_BUNDLE: bundle },
    });
    assert.equal(done.status, 0, `${done.stdout}${done.stderr}`);
    assert.match(done.stdout, /pass [1-9]/);
  });
}

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pushBusybox, startRegistry } from "../harness/images.ts";
import {
  apply,
  ensureUp,
  kubectl,
  makeNamespace,
  qemuProcesses,
  runDirectory,
  startKubectl,
  tryKubectl,
  until,
  waitReady,
} from "../harness/machine.ts";

const PODS = 10;
/** The second program is killed this much later in each round than in the one before, so that it is hit in other states. */
const KILL_GAP_STEP_MS = 50;
const PROGRAMS = ["supervisor", "hostd-host-1", "spherelet-host-1"] as const;

let stopRegistry = () => {};
let namespace = "";

before(async () => {
  ensureUp();
  stopRegistry = await startRegistry();
  const image = pushBusybox();
  namespace = makeNamespace("restarts");
  apply(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: many, namespace: ${namespace}}
spec:
  replicas: ${PODS}
  selector: {matchLabels: {app: many}}
  template:
    metadata: {labels: {app: many}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: main
        image: ${image}
        command: [sh, -c, "while :; do sleep 3600; done"]
        resources: {requests: {memory: 96Mi}, limits: {memory: 96Mi}}
`);
  kubectl(["-n", namespace, "rollout", "status", "deployment/many", "--timeout=240s"]);
  waitReady(namespace);
});
after(() => {
  tryKubectl(["delete", "namespace", namespace, "--wait=false"]);
  stopRegistry();
});

interface ContainerRun {
  readonly pod: string;
  readonly uid: string;
  readonly containerId: string;
  readonly restarts: number;
}

function containerRuns(): ContainerRun[] {
  const list = JSON.parse(kubectl(["-n", namespace, "get", "pods", "-o", "json"]));
  return list.items
    .map(
      (pod: {
        metadata: { name: string; uid: string };
        status: { containerStatuses: { containerID: string; restartCount: number }[] };
      }) => ({
        pod: pod.metadata.name,
        uid: pod.metadata.uid,
        containerId: pod.status.containerStatuses[0]?.containerID ?? "",
        restarts: pod.status.containerStatuses[0]?.restartCount ?? 0,
      }),
    )
    .sort((a: ContainerRun, b: ContainerRun) => a.pod.localeCompare(b.pod));
}

/** The QEMU of each pod, by the pod's UID in its name; image pulls come and go beside them. */
function machinesOf(runs: readonly ContainerRun[]): (number | undefined)[] {
  const machines = qemuProcesses();
  return runs.map(({ uid }) => machines.find(({ command }) => command.includes(uid))?.pid);
}

function programPid(program: string): number {
  return Number(readFileSync(join(runDirectory, "pids", `${program}.pid.child`), "utf8"));
}

test("kill -9 of every program in any order loses no write and touches no container", async () => {
  const before = containerRuns();
  const machinesBefore = machinesOf(before);
  assert.ok(
    machinesBefore.every((pid) => pid !== undefined),
    "every pod has its QEMU",
  );
  const writer = startWriter();
  let killGapMs = 0;
  const untilApiAnswers = () =>
    until("the API to answer", () => tryKubectl(["get", "--raw", "/readyz"]).code === 0, 60_000);
  const untilOneMoreIsAcknowledged = (already: number) =>
    until("an acknowledged write", () => writer.acknowledged.length > already, 60_000);
  try {
    // Each program alone, and every order of two different ones, while writes are under way all the time.
    for (const first of PROGRAMS) {
      for (const second of PROGRAMS) {
        // On a slow machine the API is not back as soon as its process is; each round starts from one that works.
        await untilApiAnswers();
        await untilOneMoreIsAcknowledged(writer.acknowledged.length);
        process.kill(programPid(first), "SIGKILL");
        await sleep(killGapMs);
        killGapMs += KILL_GAP_STEP_MS;
        if (second !== first) process.kill(programPid(second), "SIGKILL");
        const already = writer.acknowledged.length;
        await until("the programs to be back", () => PROGRAMS.every((program) => isAlive(programPid(program))), 30_000);
        await untilOneMoreIsAcknowledged(already);
      }
    }
  } finally {
    await writer.stop();
  }
  await untilApiAnswers();
  await until(
    "the node to be Ready",
    () => tryKubectl(["wait", "--for=condition=Ready", "node/host-1", "--timeout=1s"]).code === 0,
    90_000,
  );
  waitReady(namespace);
  const present = new Set(kubectl(["-n", namespace, "get", "configmaps", "-o", "name"]).split("\n"));
  for (const name of writer.acknowledged)
    assert.ok(present.has(`configmap/${name}`), `acknowledged write ${name} is lost`);
  assert.deepEqual(containerRuns(), before);
  assert.deepEqual(machinesOf(before), machinesBefore);
});

test("logs and exec work again after the restarts", () => {
  const pod = containerRuns()[0]?.pod ?? "";
  assert.match(kubectl(["-n", namespace, "exec", pod, "--", "uname", "-r"]), /-crx/);
});

/** A client that never stops writing, one object after the other; remembers what it was told is written. */
function startWriter(): { readonly acknowledged: readonly string[]; stop(): Promise<void> } {
  const acknowledged: string[] = [];
  let isStopped = false;
  const work = async () => {
    for (let count = 0; !isStopped; count++) {
      const name = `write-${count}`;
      const args = ["-n", namespace, "create", "configmap", name, `--from-literal=n=${count}`, "--request-timeout=10s"];
      const write = startKubectl(args);
      // Nobody reads them: unread, they would hold the process back.
      for (const output of [write.stdout, write.stderr]) output.resume();
      const [code] = await once(write, "close");
      if (code === 0) acknowledged.push(name);
    }
  };
  const working = work();
  return {
    acknowledged,
    stop: () => {
      isStopped = true;
      return working;
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

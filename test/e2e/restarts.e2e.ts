import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pushBusybox, startRegistry } from "../harness/images.ts";
import {
  apply,
  ensureUp,
  kubectl,
  makeNamespace,
  qemuProcesses,
  runDirectory,
  tryKubectl,
  until,
  waitReady,
} from "../harness/machine.ts";

const PODS = 10;
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
  const acknowledged: string[] = [];
  let attempts = 0;
  const write = () => {
    const name = `write-${attempts++}`;
    const done = tryKubectl(["-n", namespace, "create", "configmap", name, `--from-literal=n=${attempts}`], {
      timeoutMs: 10_000,
    });
    if (done.code === 0) acknowledged.push(name);
  };
  const untilApiAnswers = () =>
    until("the API to answer", () => tryKubectl(["get", "--raw", "/readyz"]).code === 0, 60_000);
  // Every order of two different programs, one shortly after the other, with writes before, between and after.
  for (const first of PROGRAMS) {
    for (const second of PROGRAMS) {
      // On a slow machine the API is not back as soon as its process is; each round starts from one that works.
      await untilApiAnswers();
      write();
      process.kill(programPid(first), "SIGKILL");
      write();
      if (second !== first) process.kill(programPid(second), "SIGKILL");
      write();
      await until("the programs to be back", () => PROGRAMS.every((program) => isAlive(programPid(program))), 30_000);
    }
  }
  await untilApiAnswers();
  await until(
    "the node to be Ready",
    () => tryKubectl(["wait", "--for=condition=Ready", "node/host-1", "--timeout=1s"]).code === 0,
    90_000,
  );
  waitReady(namespace);
  assert.ok(acknowledged.length >= attempts / 3, `only ${acknowledged.length} of ${attempts} writes were acknowledged`);
  const present = new Set(kubectl(["-n", namespace, "get", "configmaps", "-o", "name"]).split("\n"));
  for (const name of acknowledged) assert.ok(present.has(`configmap/${name}`), `acknowledged write ${name} is lost`);
  assert.deepEqual(containerRuns(), before);
  assert.deepEqual(machinesOf(before), machinesBefore);
});

test("logs and exec work again after the restarts", () => {
  const pod = containerRuns()[0]?.pod ?? "";
  assert.match(kubectl(["-n", namespace, "exec", pod, "--", "uname", "-r"]), /-crx/);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

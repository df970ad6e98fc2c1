import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pushBusybox, startRegistry } from "../harness/images.ts";
import {
  ensureUp,
  getObject,
  kubectl,
  kubectlEnvironment,
  kubectlPath,
  makeNamespace,
  qemuProcesses,
  startKubectl,
  stateDirectory,
  tryKubectl,
  until,
  untilPrinted,
  waitReady,
} from "../harness/machine.ts";

let stopRegistry = () => {};
let image = "";
let namespace = "";

const SCRIPT =
  "echo started on $(uname -r); mkdir -p /www; echo hello >/www/index.html; httpd -p 8080 -h /www; n=0; while :; do n=$((n+1)); echo line $n; sleep 1; done";

before(async () => {
  ensureUp();
  stopRegistry = await startRegistry();
  image = pushBusybox();
  namespace = makeNamespace("pods");
});
after(() => stopRegistry());

test("kubectl run starts a pod in a microVM with its own kernel", () => {
  kubectl(["-n", namespace, "run", "web", `--image=${image}`, "--", "sh", "-c", SCRIPT]);
  waitReady(namespace, "web");
  assert.match(kubectl(["-n", namespace, "exec", "web", "--", "uname", "-r"]), /-crx\n$/);
  const listed = kubectl(["-n", namespace, "get", "pods", "-o", "wide"]);
  assert.match(listed, /web\s+1\/1\s+Running\s+0/);
});

test("kubectl logs -f follows", async () => {
  const logs = startKubectl(["-n", namespace, "logs", "-f", "web"]);
  const text = await untilPrinted(logs, /line 6\n/);
  logs.kill();
  assert.match(text, /^started on \S+-crx\nline 1\nline 2\n/);
});

test("kubectl exec passes output, errors and the exit code on", () => {
  const done = tryKubectl(["-n", namespace, "exec", "web", "--", "sh", "-c", "echo out; echo err >&2; exit 7"]);
  assert.equal(done.code, 7);
  assert.equal(done.stdout, "out\n");
  assert.match(done.stderr, /^err\n/);
});

test("kubectl exec -it gives a terminal with the size of the caller's", async () => {
  // script(1) gives kubectl a terminal of its own, as a user's shell would.
  const command = `stty rows 33 cols 111; exec ${kubectlPath()} -n ${namespace} exec -it web -- sh`;
  const session = spawn("script", ["-qec", command, "/dev/null"], {
    env: kubectlEnvironment(),
    stdio: ["pipe", "pipe", "pipe"],
  });
  let shown = "";
  session.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });
  await until("a prompt", () => /[#$] /.test(shown));
  session.stdin.write("tty; stty size; exit 3\n");
  const code = await new Promise((resolve) => session.once("close", resolve));
  assert.match(shown, /\/dev\/pts\/\d+/);
  assert.match(shown, /33 111/);
  assert.equal(code, 3);
});

test("kubectl attach shows what the container prints", async () => {
  const attached = startKubectl(["-n", namespace, "attach", "web"]);
  await untilPrinted(attached, /line \d+\n[\s\S]*line \d+\n/);
  attached.kill();
});

test("kubectl cp brings 20 MB there and back byte for byte", () => {
  const source = join(stateDirectory, "cp-source");
  const back = join(stateDirectory, "cp-back");
  writeFileSync(source, randomBytes(20 * 1024 * 1024));
  kubectl(["-n", namespace, "cp", source, "web:/tmp/copied"]);
  kubectl(["-n", namespace, "cp", "web:/tmp/copied", back]);
  assert.ok(readFileSync(source).equals(readFileSync(back)));
});

test("kubectl port-forward reaches a web server in the pod", async () => {
  const forward = startKubectl(["-n", namespace, "port-forward", "pod/web", "18080:8080"]);
  await untilPrinted(forward, /Forwarding from 127.0.0.1:18080/);
  for (let call = 0; call < 20; call++) {
    const response = await fetch("http://127.0.0.1:18080/index.html");
    assert.equal(await response.text(), "hello\n");
  }
  forward.kill();
});

test("kubectl describe tells the pod's story in events", () => {
  const text = kubectl(["-n", namespace, "describe", "pod", "web"]);
  for (const reason of ["Scheduled", "Pulled", "Created", "Started"])
    assert.match(text, new RegExp(`Normal\\s+${reason}\\s`));
});

test("kubectl explain and wait work on the pod's kind", () => {
  assert.match(kubectl(["explain", "pod.spec.containers.image"]), /FIELD: image <string>/);
  kubectl(["-n", namespace, "wait", "--for=jsonpath={.status.phase}=Running", "pod/web", "--timeout=10s"]);
});

test("deleting a pod removes its microVM and its ephemeral disk", async () => {
  const { uid } = getObject(namespace, "pod", "web").metadata;
  const before = qemuProcesses().length;
  const disks = () => filesBelow(join(stateDirectory, "datastore")).filter((file) => file.includes(uid));
  assert.ok(disks().length > 0, "the pod has an ephemeral disk named by its UID");
  kubectl(["-n", namespace, "delete", "pod", "web", "--grace-period=1"]);
  await until("the microVM to end", () => qemuProcesses().length === before - 1);
  assert.deepEqual(disks(), []);
});

function filesBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: "utf8" });
}

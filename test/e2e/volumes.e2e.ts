import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pushBusybox, startRegistry } from "../harness/images.ts";
import {
  apply,
  cacheDirectory,
  ensureUp,
  getObject,
  kubectl,
  makeNamespace,
  runDirectory,
  stateDirectory,
  until,
  waitReady,
} from "../harness/machine.ts";

let stopRegistry = () => {};
let image = "";
let namespace = "";
// Never written anywhere by the test itself but into kubectl's standard input.
const marker = `marker${randomBytes(16).toString("hex")}`;

before(async () => {
  ensureUp();
  stopRegistry = await startRegistry();
  image = pushBusybox();
  namespace = makeNamespace("volumes");
});
after(() => stopRegistry());

function exec(container: string, script: string): string {
  return kubectl(["-n", namespace, "exec", "both", "-c", container, "--", "sh", "-c", script]);
}

test("a pod with an init container, two containers, volumes and variables from both sources runs", () => {
  apply(`
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: ${namespace}}
data: {colour: blue, "app.conf": "level = 3\\n"}
---
apiVersion: v1
kind: Secret
metadata: {name: credentials, namespace: ${namespace}}
stringData: {password: ${marker}}
---
apiVersion: v1
kind: Pod
metadata: {name: both, namespace: ${namespace}}
spec:
  terminationGracePeriodSeconds: 1
  initContainers:
  - name: first
    image: ${image}
    command: [sh, -c, "echo made by init >/shared/from-init"]
    volumeMounts: [{name: shared, mountPath: /shared}]
  containers:
  - name: left
    image: ${image}
    command: [sh, -c, "echo left >/shared/left; httpd -f -p 8081 -h /shared"]
    env:
    - {name: COLOUR, valueFrom: {configMapKeyRef: {name: settings, key: colour}}}
    - {name: PASSWORD, valueFrom: {secretKeyRef: {name: credentials, key: password}}}
    - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: GREETING, value: "$(COLOUR) $(POD)"}
    volumeMounts:
    - {name: shared, mountPath: /shared}
    - {name: settings, mountPath: /etc/settings}
    - {name: credentials, mountPath: /etc/credentials, readOnly: true}
  - name: right
    image: ${image}
    command: [sh, -c, "sleep 100000"]
    volumeMounts:
    - {name: shared, mountPath: /shared}
  volumes:
  - {name: shared, emptyDir: {}}
  - {name: settings, configMap: {name: settings}}
  - {name: credentials, secret: {secretName: credentials}}
`);
  waitReady(namespace, "both");
  assert.equal(exec("right", "cat /shared/from-init /shared/left"), "made by init\nleft\n");
  assert.equal(exec("right", "wget -qO- http://127.0.0.1:8081/left"), "left\n");
  assert.equal(exec("left", 'echo "$GREETING"'), "blue both\n");
  assert.equal(
    exec("left", 'cat /etc/settings/app.conf; printf %s "$PASSWORD"; cat /etc/credentials/password'),
    `level = 3\n${marker}${marker}`,
  );
  const { status } = getObject(namespace, "pod", "both");
  assert.equal(status.initContainerStatuses[0].state.terminated.reason, "Completed");
  assert.equal(status.containerStatuses.length, 2);
});

test("Secrets and tokens are on a memory file system, ConfigMaps on the ephemeral disk", () => {
  const mounts = exec("left", "cat /proc/mounts");
  assert.match(mounts, /^\S+ \/etc\/credentials tmpfs /m);
  assert.match(mounts, /^\S+ \/var\/run\/secrets\/kubernetes.io\/serviceaccount tmpfs /m);
  assert.match(mounts, /^\S+ \/etc\/settings ext4 /m);
});

test("a changed ConfigMap reaches the running container", async () => {
  kubectl([
    "-n",
    namespace,
    "patch",
    "configmap",
    "settings",
    "--type=merge",
    "-p",
    '{"data":{"app.conf":"level = 4\\n"}}',
  ]);
  await until("the new file in the pod", () => exec("left", "cat /etc/settings/app.conf") === "level = 4\n");
});

test("the Secret's bytes are in no file on any disk", () => {
  // The pod's whole disk is a file of the datastore, the store is in the state directory, logs too. tar passes over the holes
  // of sparse disks, which would take minutes to read.
  const places = [stateDirectory, runDirectory, cacheDirectory, "/tmp", "/var/log"];
  const search = 'tar --sparse --ignore-failed-read -cf - "$@" 2>/dev/null | grep -caF "$MARKER"';
  const options = { encoding: "utf8", env: { ...process.env, MARKER: marker } } as const;
  const count = (directories: readonly string[]) =>
    spawnSync("sh", ["-c", search, "sh", ...directories], options).stdout.trim();
  const witness = join(stateDirectory, "witness");
  writeFileSync(witness, `before${marker}after`);
  assert.equal(count([witness]), "1", "the search finds what is there");
  rmSync(witness);
  assert.equal(count(places), "0");
});

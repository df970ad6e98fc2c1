import assert from "node:assert/strict";
import { chmodSync, chownSync, linkSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { randomBytes, createHash } from "node:crypto";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { busyboxLayer, pushLayers, REGISTRY, startRegistry, tarOf } from "../harness/images.ts";
import {
  apply,
  ensureUp,
  getObject,
  kubectl,
  makeNamespace,
  qemuProcesses,
  until,
  waitReady,
} from "../harness/machine.ts";

let stopRegistry = () => {};
let namespace = "";

before(async () => {
  ensureUp();
  stopRegistry = await startRegistry();
  namespace = makeNamespace("images");
});
after(() => stopRegistry());

const CONFIG = { Env: ["PATH=/bin"], Cmd: ["sleep", "100000"], User: "1000" };

test("an image of several layers with whiteouts, links, owners, modes and 50 MB runs with the right files", () => {
  const big = randomBytes(50 * 1024 * 1024);
  const second = tarOf((root) => {
    mkdirSync(join(root, "data/kept"), { recursive: true });
    mkdirSync(join(root, "data/hidden"), { recursive: true });
    mkdirSync(join(root, "data/opaque"), { recursive: true });
    writeFileSync(join(root, "data/big"), big);
    writeFileSync(join(root, "data/removed"), "must not be seen");
    writeFileSync(join(root, "data/hidden/inside"), "must not be seen");
    writeFileSync(join(root, "data/opaque/old"), "must not be seen");
    writeFileSync(join(root, "data/kept/original"), "linked");
    linkSync(join(root, "data/kept/original"), join(root, "data/kept/hard"));
    symlinkSync("original", join(root, "data/kept/soft"));
    writeFileSync(join(root, "data/kept/setuid"), "x");
    chownSync(join(root, "data/kept/setuid"), 1000, 1000);
    chmodSync(join(root, "data/kept/setuid"), 0o4750);
    lutimesSync(join(root, "data/kept/setuid"), 1_000_000_000, 1_000_000_000);
    mkdirSync(join(root, "data/sticky"));
    chmodSync(join(root, "data/sticky"), 0o1777);
  });
  const third = tarOf((root) => {
    mkdirSync(join(root, "data/opaque"), { recursive: true });
    writeFileSync(join(root, "data/.wh.removed"), "");
    writeFileSync(join(root, "data/.wh.hidden"), "");
    writeFileSync(join(root, "data/opaque/.wh..wh..opq"), "");
    writeFileSync(join(root, "data/opaque/new"), "new");
  });
  const image = pushLayers(
    "test/layers",
    [
      { tar: busyboxLayer(), compression: "gzip" },
      { tar: second, compression: "zstd" },
      { tar: third, compression: "gzip" },
    ],
    CONFIG,
  );
  kubectl(["-n", namespace, "run", "layers", `--image=${image}`]);
  waitReady(namespace, "layers", 240);
  const exec = (script: string) => kubectl(["-n", namespace, "exec", "layers", "--", "sh", "-c", script]);
  assert.equal(exec("id -u; cd /data; ls -A; ls -A opaque"), "1000\nbig\nkept\nopaque\nsticky\nnew\n");
  assert.equal(exec("sha256sum </data/big").split(" ")[0], createHash("sha256").update(big).digest("hex"));
  assert.equal(
    exec("cd /data/kept; stat -c '%a %u %g %Y' setuid; stat -c %h hard; readlink soft; cat soft; stat -c %a ../sticky"),
    "4750 1000 1000 1000000000\n2\noriginal\nlinked1777\n",
  );
  const status = getObject(namespace, "pod", "layers").status.containerStatuses[0];
  assert.match(status.imageID, /@sha256:[0-9a-f]{64}$/);
});

interface BadImage {
  readonly what: string;
  readonly image: () => string;
  readonly message: RegExp;
}

/** An archive whose one entry is named by hand, which tar itself would refuse to write. */
function entryLayer(name: string, flags: readonly string[] = []): Buffer {
  return tarOf(
    (root) => writeFileSync(join(root, "victim"), "x"),
    "--transform",
    `s#^\\./victim#${name}#`,
    "-P",
    ...flags,
  );
}

const bad: readonly BadImage[] = [
  { what: "a name that is none", image: () => "UPPER//case", message: /InvalidImageName/ },
  {
    what: "a repository that does not exist",
    image: () => `${REGISTRY}/no/such:1`,
    message: /ErrImagePull|ImagePullBackOff/,
  },
  {
    what: "a digest that does not exist",
    image: () => `${REGISTRY}/test/layers@sha256:${"0".repeat(64)}`,
    message: /ErrImagePull|ImagePullBackOff/,
  },
  {
    what: "an archive that climbs out of its root",
    image: () => pushLayers("test/climbs", [{ tar: entryLayer("../../etc/evil"), compression: "none" }], CONFIG),
    message: /ErrImagePull|ImagePullBackOff/,
  },
  {
    what: "a registry that does not answer",
    image: () => "127.0.0.1:1/none/none:1",
    message: /ErrImagePull|ImagePullBackOff/,
  },
];

for (const [index, { what, image, message }] of bad.entries()) {
  test(`${what} is reported on the pod with its reason, and no microVM of the pod starts`, async () => {
    const name = `bad-${index}`;
    const reference = image();
    const machines = qemuProcesses().length;
    apply(`
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}}
spec: {containers: [{name: c, image: "${reference}"}]}
`);
    const waiting = await until(
      "the reason in the pod's status",
      () => {
        const state = getObject(namespace, "pod", name).status.containerStatuses?.[0]?.state?.waiting;
        return state && message.test(state.reason) ? state : undefined;
      },
      120_000,
    );
    assert.ok(waiting.message?.length > 0, "there is a message");
    await until("an event", () =>
      /Warning\s+(Failed|InspectFailed)/.test(kubectl(["-n", namespace, "describe", "pod", name])),
    );
    kubectl(["-n", namespace, "delete", "pod", name, "--grace-period=0", "--force"]);
    await until("no other microVM", () => qemuProcesses().length <= machines, 60_000);
  });
}

test("image objects show what was pulled", () => {
  const listed = kubectl(["-n", namespace, "get", "images"]);
  assert.match(listed, /test\/layers/);
  assert.match(kubectl(["get", "imagedisks"]), /sha256-[0-9a-f]+/);
});

// What a pod reaches and what it does not, tried from inside by root with every capability. Beside the host stands a network
// of its own, the "outside": it has a web server and no way to pods' addresses, so that an answer proves the masquerade.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import { after, before, test } from "node:test";
import { pushBusybox, startRegistry } from "../harness/images.ts";
import {
  apply,
  ensureUp,
  getObject,
  kubectl,
  makeNamespace,
  tryKubectl,
  until,
  waitReady,
} from "../harness/machine.ts";

const UPLINK = "203.0.113.1";
const OUTSIDE = "203.0.113.2";
/** Another host of the cluster, as far as its address goes. */
const OTHER_HOST = "198.51.100.7";
const OTHER_HOST_NAME = "elsewhere";
const OUTSIDE_NAMESPACE = "outside";
/** Answers with the caller's address. */
const SERVE_CALLER = "require('http').createServer((q, s) => s.end(q.socket.remoteAddress)).listen(80, '0.0.0.0')";
/** A server of the machine itself, on every address it has. */
const HOST_PORT = 18_099;
/** hostd, spherelet, API server. */
const SYSTEM_PORTS = [9444, 10_250, 6443];
const ANSWER_SECONDS_MAX = 2;

interface PodNetwork {
  readonly address: string;
  readonly mac: string;
  readonly gateway: string;
}

let stopRegistry = () => {};
let namespace = "";
let outside: ChildProcess | undefined;
let hostServer: Server | undefined;

function ip(...words: string[]): void {
  execFileSync("ip", words);
}

function networkOf(pod: string): PodNetwork {
  const text = getObject(namespace, "pod", pod).metadata.annotations["network.atoll.dev/interface"];
  const { address, ...rest } = JSON.parse(text);
  return { ...rest, address: address.split("/")[0] };
}

/** Standard output of a shell script in the pod; undefined when it fails. */
function inPod(pod: string, script: string): string | undefined {
  const done = tryKubectl(["-n", namespace, "exec", pod, "--", "sh", "-c", script]);
  return done.code === 0 ? done.stdout.trim() : undefined;
}

function fetchFrom(pod: string, address: string, port = 80): string | undefined {
  // Debian's static busybox has a wget that crashes.
  const ask = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | timeout ${2 * ANSWER_SECONDS_MAX} nc -w ${ANSWER_SECONDS_MAX} ${address} ${port}`;
  return inPod(pod, ask)?.split("\r\n\r\n")[1];
}

/** Those of the addresses that answer, all asked at once. */
function pinged(pod: string, ...addresses: string[]): string[] {
  const asks = addresses.map(
    (address) => `(ping -c 1 -W ${ANSWER_SECONDS_MAX} ${address} >/dev/null && echo ${address}) &`,
  );
  return (inPod(pod, `${asks.join("\n")}\nwait`) ?? "no ping was sent").split("\n").filter((line) => line !== "");
}

function pings(pod: string, address: string): boolean {
  return pinged(pod, address).includes(address);
}

before(async () => {
  ensureUp();
  ip("netns", "add", OUTSIDE_NAMESPACE);
  ip("link", "add", "uplink", "type", "veth", "peer", "name", "eth0", "netns", OUTSIDE_NAMESPACE);
  ip("address", "add", `${UPLINK}/24`, "dev", "uplink");
  ip("link", "set", "uplink", "up");
  ip("route", "add", `${OTHER_HOST}/32`, "via", OUTSIDE);
  for (const address of [`${OUTSIDE}/24`, `${OTHER_HOST}/32`])
    ip("-n", OUTSIDE_NAMESPACE, "address", "add", address, "dev", "eth0");
  ip("-n", OUTSIDE_NAMESPACE, "link", "set", "eth0", "up");
  outside = spawn("ip", ["netns", "exec", OUTSIDE_NAMESPACE, process.execPath, "-e", SERVE_CALLER], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  hostServer = createServer((_request, response) => response.end("host")).listen(HOST_PORT, "0.0.0.0");
  stopRegistry = await startRegistry();
  const image = pushBusybox();
  namespace = makeNamespace("network");
  for (const name of ["left", "right", "forger"]) {
    apply(`
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: ${image}
    command: [sh, -c, "mkdir /www; echo ${name} >/www/index.html; exec httpd -f -p 80 -h /www"]
    securityContext: {privileged: ${name === "forger"}}
    resources: {limits: {memory: 96Mi}}
`);
  }
  waitReady(namespace);
});

after(() => {
  tryKubectl(["delete", "node", OTHER_HOST_NAME, "--ignore-not-found"]);
  tryKubectl(["delete", "namespace", namespace, "--wait=false"]);
  stopRegistry();
  hostServer?.close();
  outside?.kill();
  ip("link", "delete", "uplink");
  ip("netns", "delete", OUTSIDE_NAMESPACE);
});

test("pods reach each other by address", () => {
  const [left, right] = [networkOf("left"), networkOf("right")];
  assert.equal(fetchFrom("left", right.address), "right");
  assert.equal(fetchFrom("right", left.address), "left");
  assert.ok(pings("left", right.address));
});

test("a pod reaches the outside, where it is seen with the host's address", () => {
  assert.equal(fetchFrom("left", OUTSIDE), UPLINK);
  assert.ok(pings("left", OUTSIDE));
});

test("a pod reaches no port of any address of its host", async () => {
  const { gateway } = networkOf("left");
  // What pods are kept from is there, for everybody else.
  assert.equal(await (await fetch(`http://${gateway}:${HOST_PORT}/`)).text(), "host");
  assert.ok(pings("left", gateway), "the gateway answers a ping");
  assert.equal(pings("left", UPLINK), false);
  const targets = [gateway, UPLINK].flatMap((address) => [HOST_PORT, ...SYSTEM_PORTS].map((port) => [address, port]));
  const tries = targets.map(
    ([address, port]) =>
      `(nc -w ${ANSWER_SECONDS_MAX} ${address} ${port} </dev/null 2>&1 && echo reached ${address}:${port}) &`,
  );
  const said = inPod("left", `${tries.join("\n")}\nwait`);
  assert.doesNotMatch(said ?? "the script failed", /reached|the script failed|refused/);
});

test("a pod reaches another host's address only while that is no host of the cluster", async () => {
  assert.equal(fetchFrom("left", OTHER_HOST), UPLINK);
  apply(`{apiVersion: v1, kind: Node, metadata: {name: ${OTHER_HOST_NAME}}, spec: {unschedulable: true}}`);
  const status = { addresses: [{ type: "InternalIP", address: OTHER_HOST }] };
  const patch = ["--type=merge", "-p", JSON.stringify({ status })];
  kubectl(["patch", "node", OTHER_HOST_NAME, "--subresource=status", ...patch]);
  await until("the new host to be out of reach", () => fetchFrom("left", OTHER_HOST) === undefined);
  assert.equal(fetchFrom("left", OUTSIDE), UPLINK);
  kubectl(["delete", "node", OTHER_HOST_NAME]);
  await until("the address to be like any other again", () => fetchFrom("left", OTHER_HOST) === UPLINK);
});

test("a pod with another address or MAC than its own is not heard", () => {
  const right = networkOf("right");
  const own = networkOf("forger");
  const free = own.address.replace(/\d+$/, "250");
  const use = (address: string, mac: string) =>
    inPod(
      "forger",
      `set -e; ip link set eth0 down; ip link set eth0 address ${mac}; ip address flush dev eth0;
      ip address add ${address}/24 dev eth0; ip link set eth0 up; ip route replace default via ${own.gateway} dev eth0; echo done`,
    );
  assert.ok(pings("forger", right.address), "its own address works");
  for (const [address, mac, what] of [
    [free, own.mac, "a free address"],
    [right.address, own.mac, "another pod's address"],
    [own.gateway, own.mac, "the gateway's address"],
    [own.address, "02:00:00:00:00:99", "another MAC"],
    [own.address, right.mac, "another pod's MAC"],
  ] as const) {
    assert.equal(use(address, mac), "done", what);
    const target = address === right.address ? networkOf("left").address : right.address;
    assert.deepEqual(pinged("forger", target, OUTSIDE), [], `${what} reaches another pod or the outside`);
    // Nor does anybody lose the way to the one whose address was taken.
    assert.equal(fetchFrom("left", right.address), "right", `${what} hides another pod`);
  }
  assert.equal(use(own.address, own.mac), "done");
  assert.ok(pings("forger", right.address), "its own address works again");
});

test("forged ARP changes nobody's way", () => {
  const [left, right, own] = [networkOf("left"), networkOf("right"), networkOf("forger")];
  assert.ok(pings("left", right.address));
  const claim = (address: string) => {
    // The address must be the interface's own for arping to send it; the rules outside see no difference.
    const send = `ip address add ${address}/32 dev eth0; arping -U -c 2 -I eth0 -s ${address} ${address}; arping -A -c 2 -I eth0 -s ${address} ${left.address}; ip address del ${address}/32 dev eth0; echo sent`;
    assert.match(inPod("forger", send) ?? "", /sent$/);
  };
  claim(right.address);
  claim(own.gateway);
  const table = inPod("left", "ip neigh show; cat /proc/net/arp") ?? "";
  assert.doesNotMatch(table, new RegExp(own.mac), "the forger's MAC is in nobody's table");
  assert.match(table, new RegExp(`${right.address}.*${right.mac}`));
  assert.equal(fetchFrom("left", right.address), "right");
  assert.equal(fetchFrom("left", OUTSIDE), UPLINK);
});

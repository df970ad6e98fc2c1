// The whole VM manager on real microVMs. Needs root, QEMU, bubblewrap and a guest bundle, and runs in namespaces of its own, so
// that nothing of the machine's network is touched; `node test/e2e/run.ts hosts` gives it both.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { after, before, test } from "node:test";
import { callUnary } from "@atoll/api/guest-agent/client";
import { AGENT_UPGRADE_PROTOCOL, type CrxSpec, type CrxStatus } from "@atoll/api/hostd/hostd";
import { systemClock } from "@atoll/base/clock";
import { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import { duplexLine } from "@atoll/base/node/duplex-line";
import { runCommand } from "@atoll/base/node/run-command";

const PORT = 19_445;
const HOST_NAME = "roottest";
const START_MS_MAX = 60_000;
const POLL_MS = 50;
const bundleDirectory = process.env.ATOLL_TEST_BUNDLE;
const skip = bundleDirectory ? false : "ATOLL_TEST_BUNDLE names no bundle";

let directory = "";
let hostd: ChildProcess | undefined;
let token = "";
let epoch = 0n;

const limit = () => AbortSignal.timeout(START_MS_MAX);
const run = (program: string, ...programArguments: string[]) =>
  runCommand(program, programArguments, { signal: limit() });
const configFile = () => join(directory, "hostd.yaml");

const spec = (number: number): CrxSpec => ({
  ...{ displayName: `test/pod-${number}`, vcpus: 1, memoryBytes: 134_217_728 },
  ...{ imageDigests: [], ephemeralBytes: 268_435_456 },
  network: { mac: `02:00:00:00:00:1${number}`, address: `10.98.1.1${number}/24`, gateway: "10.98.1.1" },
});

async function startHostd(): Promise<void> {
  hostd = spawn(process.execPath, ["bin/hostd.ts", "--config", configFile()], { stdio: "inherit" });
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    try {
      await login();
      return;
    } catch (error) {
      if (waitedMs > START_MS_MAX) throw error;
      await systemClock.sleep(POLL_MS);
    }
  }
}

async function endHostd(signal: NodeJS.Signals): Promise<void> {
  const ended = new Promise((resolve) => hostd?.once("exit", resolve));
  hostd?.kill(signal);
  await ended;
}

async function login(): Promise<void> {
  const { secretFile } = (await call("POST", "/v1/tickets", { user: "root" })).body as { secretFile: string };
  const secret = await readFile(secretFile, "utf8");
  ({ token } = (await call("POST", "/v1/sessions", { secret })).body as { token: string });
}

async function options(path: string) {
  const ca = await readFile(join(directory, "run", "hostd.crt"));
  return { host: "127.0.0.1", port: PORT, path, ca, headers: { authorization: `Bearer ${token}` } };
}

async function call(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const answered = Promise.withResolvers<{ status: number; body: unknown }>();
  const sent = request({ ...(await options(path)), method }, (response) => {
    let text = "";
    response.on("data", (chunk) => {
      text += chunk;
    });
    response.on("end", () => answered.resolve({ status: response.statusCode ?? 0, body: text && JSON.parse(text) }));
  });
  sent.once("error", answered.reject).end(body && JSON.stringify(body));
  return await answered.promise;
}

async function connectAgent(id: string): Promise<Multiplexer> {
  const upgraded = Promise.withResolvers<Duplex>();
  const { headers, ...rest } = await options(`/v1/crx/${id}/agent`);
  const sent = request({ ...rest, headers: { ...headers, connection: "upgrade", upgrade: AGENT_UPGRADE_PROTOCOL } });
  sent.once("upgrade", (_response, socket) => upgraded.resolve(socket));
  sent.once("response", (response) => upgraded.reject(new Error(`Status ${response.statusCode}`)));
  sent.once("error", upgraded.reject).end();
  return await Multiplexer.connect(duplexLine(await upgraded.promise), { epoch: ++epoch, signal: limit() });
}

async function prepare(line: Multiplexer, number: number): Promise<void> {
  const { mac, address, gateway } = spec(number).network;
  const identity = { hostname: `pod-${number}`, network: { mac, address, gateway, mtu: 1500 } };
  const world = { entropy: new Uint8Array(64), timeUnixNs: 1_700_000_000_000_000_000n };
  await callUnary(line, "prepare", { ...identity, ...world, ephemeralDiskSerial: "ephemeral" }, limit());
}

/** "refused" is an answer of the pod's own TCP: the way there and back is open. */
async function probePort(address: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ host: address, port: 81, timeout: 3000 });
  socket.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
  socket.once("timeout", () => resolve("timeout"));
  const result = await promise;
  socket.destroy();
  return result;
}

before(async () => {
  if (skip) return;
  directory = await mkdtemp(join(tmpdir(), "hostd-"));
  await run("ip", "link", "set", "lo", "up");
  await writeFile(
    configFile(),
    JSON.stringify({
      ...{ apiVersion: "config.atoll.dev/v1alpha1", kind: "HostdConfiguration", hostName: HOST_NAME, port: PORT },
      ...{ runDirectory: join(directory, "run"), dataDirectory: join(directory, "data"), bundleDirectory },
      ...{ datastoreDirectory: join(directory, "datastore"), ticketUsers: ["root"], userIdBase: 2_100_000 },
    }),
  );
  await startHostd();
  await call("PUT", "/v1/network", { podCidr: "10.98.1.0/24", clusterCidr: "10.98.0.0/16" });
});

after(async () => {
  if (skip) return;
  if (hostd?.exitCode === null) await endHostd("SIGTERM");
  await run(process.execPath, "bin/hostd.ts", "remove-all", "--config", configFile());
  await rm(directory, { recursive: true, force: true });
});

test("a CRX starts, its agent answers, and its address is reached over the bridge", { skip }, async () => {
  const { status, body } = await call("PUT", "/v1/crx/one", spec(1));
  assert.equal(status, 200, JSON.stringify(body));
  using line = await connectAgent("one");
  assert.equal((await callUnary(line, "hello", {}, limit())).personality, "pod");
  await prepare(line, 1);
  assert.equal(await probePort("10.98.1.11"), "ECONNREFUSED");
});

test("the monitor runs as its own user, without capabilities, in namespaces of its own", { skip }, async () => {
  const { pid } = (await call("GET", "/v1/crx/one")).body as CrxStatus;
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  assert.match(status, /^Uid:\t21\d{5}\t/m);
  assert.match(status, /^CapEff:\t0{16}$/m);
  assert.match(status, /^CapBnd:\t0{16}$/m);
  assert.match(status, /^NoNewPrivs:\t1$/m);
  assert.match(status, /^Seccomp:\t2$/m);
  for (const kind of ["mnt", "net", "pid", "ipc", "uts"]) {
    const [own, monitors] = await Promise.all([
      run("readlink", `/proc/self/ns/${kind}`),
      run("readlink", `/proc/${pid}/ns/${kind}`),
    ]);
    assert.notEqual(own, monitors, kind);
  }
  const view = await run("nsenter", "-t", String(pid), "-m", "ls", "/");
  assert.doesNotMatch(view, /\b(home|root|etc-|var)\b/);
});

test("after kill -9 the VM manager finds the CRX, untouched", { skip }, async () => {
  const beforeKill = (await call("GET", "/v1/crx/one")).body as CrxStatus;
  await endHostd("SIGKILL");
  await startHostd();
  const found = (await call("GET", "/v1/crx/one")).body as CrxStatus;
  assert.deepEqual([found.pid, found.state], [beforeKill.pid, "running"]);
  using line = await connectAgent("one");
  await callUnary(line, "hello", {}, limit());
  assert.equal(await probePort("10.98.1.11"), "ECONNREFUSED");
});

test("the same request changes nothing, another one of this id is refused", { skip }, async () => {
  assert.equal((await call("PUT", "/v1/crx/one", spec(1))).status, 200);
  assert.equal((await call("PUT", "/v1/crx/one", spec(2))).status, 409);
  assert.equal(
    (await call("PUT", "/v1/crx/two", { ...spec(2), imageDigests: [`sha256:${"0".repeat(64)}`] })).status,
    422,
  );
  assert.equal((await call("PUT", "/v1/crx/two", { ...spec(2), vcpus: 0 })).status, 400);
});

test("a guest that ends leaves a stopped CRX that says so", { skip }, async () => {
  await call("PUT", "/v1/crx/ends", spec(3));
  using line = await connectAgent("ends");
  await callUnary(line, "shutdown", {}, limit()).catch(() => {});
  await line.closed;
  for (;;) {
    const { state, message } = (await call("GET", "/v1/crx/ends")).body as CrxStatus;
    if (state === "stopped") {
      assert.match(message, /^Guest ended/);
      return;
    }
    await systemClock.sleep(POLL_MS);
  }
});

/** Command lines of all monitors of this host, zombies left out. */
async function monitors(): Promise<string[]> {
  const list = await run("sh", "-c", `ps -eo stat,args | grep '[a]toll-${HOST_NAME}-' | grep -v '^Z' || true`);
  return list.split("\n").filter((line) => line !== "");
}

test("deleted CRX leave nothing: no process, tap, namespace, rule or disk", { skip }, async () => {
  for (const id of ["one", "ends", "never-was"]) assert.equal((await call("DELETE", `/v1/crx/${id}`)).status, 204);
  assert.deepEqual((await call("GET", "/v1/crx")).body, []);
  const isProbe = (line: string) => line.includes(`atoll-${HOST_NAME}-probe-`);
  assert.deepEqual(
    (await monitors()).filter((line) => !isProbe(line)),
    [],
  );
  // The VM manager measures the time stamp counter in a guest of its own after its start; that one ends by itself.
  const deadline = limit();
  while ((await monitors()).length > 0) await systemClock.sleep(POLL_MS, deadline);
  assert.match(await run("ip", "-br", "link"), /^lo\s.*\nat-roottest\s[^\n]*\n$/);
  assert.doesNotMatch(await run("nft", "list", "ruleset"), /02:00:00:00:00:1/);
  assert.equal(await run("ls", join(directory, "datastore", "ephemeral", HOST_NAME)), "");
});

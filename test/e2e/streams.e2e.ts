// What people and programs stream through a pod's microVM: bytes both ways at once, much of it, on one line.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pushBusybox, startRegistry } from "../harness/images.ts";
import {
  apply,
  ensureUp,
  kubectl,
  kubectlEnvironment,
  kubectlPath,
  makeNamespace,
  startKubectl,
  stateDirectory,
  until,
  untilPrinted,
  waitReady,
} from "../harness/machine.ts";

const MUCH_BYTES = 20 * 1024 * 1024;
const STREAM_MS_MAX = 120_000;
const FORWARD_PORT = 19_000;
const ECHO_PORT = 9000;
const CONNECTIONS = 30;

const much = randomBytes(MUCH_BYTES);
let stopRegistry = () => {};
let namespace = "";

before(async () => {
  ensureUp();
  stopRegistry = await startRegistry();
  const image = pushBusybox();
  namespace = makeNamespace("streams");
  // One prints and echoes what is sent to its port, the other one is a shell that somebody can attach to. As many connections
  // as there are letters l may wait for this nc at once.
  apply(`
apiVersion: v1
kind: Pod
metadata: {name: echo, namespace: ${namespace}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: main
      image: ${image}
      command: [sh, -c, "nc -${"l".repeat(CONNECTIONS)} -p ${ECHO_PORT} -e cat & n=0; while :; do n=$((n+1)); echo line $n; sleep 0.2; done"]
---
apiVersion: v1
kind: Pod
metadata: {name: shell, namespace: ${namespace}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - {name: main, image: "${image}", command: [sh], stdin: true, tty: true}
`);
  waitReady(namespace);
});
after(() => stopRegistry());

for (const protocol of ["WebSocket", "SPDY"] as const) {
  test(`${protocol}: exec -i ends when its input ends`, async () => {
    speak(protocol);
    const done = await stream(["exec", "-i", "echo", "--", "cat"], Buffer.from("hi\n"));
    assert.deepEqual(done, { code: 0, stdout: Buffer.from("hi\n"), stderr: "" });
  });

  test(`${protocol}: exec -i carries 20 MB in and the same 20 MB out`, async () => {
    speak(protocol);
    const done = await stream(["exec", "-i", "echo", "--", "cat"], much);
    assert.equal(done.code, 0, done.stderr);
    assert.ok(done.stdout.equals(much));
  });

  test(`${protocol}: four execs carry bytes both ways at once while logs -f goes on`, async () => {
    speak(protocol);
    const logs = startKubectl(["-n", namespace, "logs", "-f", "--tail=1", "echo"]);
    let lines = 0;
    logs.stdout.on("data", (chunk: Buffer) => {
      lines += chunk.toString().split("\n").length - 1;
    });
    const input = much.subarray(0, MUCH_BYTES / 4);
    const all = await Promise.all(Array.from({ length: 4 }, () => stream(["exec", "-i", "echo", "--", "cat"], input)));
    for (const done of all) {
      assert.equal(done.code, 0, done.stderr);
      assert.ok(done.stdout.equals(input));
    }
    const linesSoFar = lines;
    assert.ok(linesSoFar > 0, "lines come during the streams");
    await until("lines after the streams", () => lines > linesSoFar);
    logs.kill();
  });

  test(`${protocol}: a command that does not read its input holds up nobody else`, async () => {
    speak(protocol);
    const stuck = startKubectl(["-n", namespace, "exec", "-i", "echo", "--", "sleep", "600"]);
    stuck.stdin.on("error", () => {});
    stuck.stdin.write(much);
    const done = await stream(["exec", "-i", "echo", "--", "cat"], much.subarray(0, 1_000_000));
    stuck.kill();
    assert.equal(done.code, 0, done.stderr);
    assert.equal(done.stdout.length, 1_000_000);
  });

  test(`${protocol}: kubectl cp brings 20 MB there and back`, () => {
    speak(protocol);
    const [source, back] = [join(stateDirectory, "streams-source"), join(stateDirectory, "streams-back")];
    writeFileSync(source, much);
    kubectl(["-n", namespace, "cp", source, "echo:/tmp/copied"]);
    kubectl(["-n", namespace, "cp", "echo:/tmp/copied", back]);
    assert.ok(readFileSync(back).equals(much));
  });

  test(`${protocol}: port-forward carries 30 connections, some at once, and 20 MB each way`, async () => {
    speak(protocol);
    const forward = startKubectl(["-n", namespace, "port-forward", "pod/echo", `${FORWARD_PORT}:${ECHO_PORT}`]);
    try {
      await untilPrinted(forward, new RegExp(`Forwarding from 127.0.0.1:${FORWARD_PORT}`));
      for (let number = 0; number < CONNECTIONS; number++) {
        const text = Buffer.from(`connection ${number}\n`);
        assert.deepEqual(await echo(text), text);
      }
      const together = Array.from({ length: CONNECTIONS }, (_, number) => much.subarray(number, number + 300_000));
      for (const [number, back] of (await Promise.all(together.map(echo))).entries()) {
        assert.ok(together[number]?.equals(back), `connection ${number}`);
      }
      assert.ok((await echo(much)).equals(much));
    } finally {
      forward.kill();
    }
  });
}

test("exec -it follows the size of the caller's terminal", async () => {
  const session = startInTerminal("exec -it echo -- sh");
  await until("a prompt", () => /[#$] /.test(session.shown()));
  session.type("stty size\n");
  await until("the first size", () => /\b33 111\b/.test(session.shown()));
  session.resize(41, 123);
  await until("the new size", () => {
    session.type("stty size\n");
    return /\b41 123\b/.test(session.shown());
  });
  session.type("exit 4\n");
  assert.equal(await session.ended, 4);
});

test("attach -it types into the container's own terminal", async () => {
  const session = startInTerminal("attach -it shell");
  await until("the size", () => {
    session.type("stty size\n");
    return /\b33 111\b/.test(session.shown());
  });
  session.type("echo $((6*7)) is attached\n");
  await until("the answer", () => /^42 is attached/m.test(session.shown()));
  session.end();
  await session.ended;
  assert.match(kubectl(["-n", namespace, "logs", "shell"]), /42 is attached/);
});

/** kubectl speaks WebSocket unless it is told otherwise; older ones speak SPDY only. */
function speak(protocol: "WebSocket" | "SPDY"): void {
  const isWebSocket = String(protocol === "WebSocket");
  process.env.KUBECTL_REMOTE_COMMAND_WEBSOCKETS = isWebSocket;
  process.env.KUBECTL_PORT_FORWARD_WEBSOCKETS = isWebSocket;
}

interface Streamed {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs kubectl with the input, all of it, and its end. */
async function stream(args: readonly string[], input: Buffer): Promise<Streamed> {
  const child = startKubectl(["-n", namespace, ...args]);
  const timer = setTimeout(() => child.kill(), STREAM_MS_MAX);
  const stdout: Buffer[] = [];
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  // A kubectl that ended early is told by its code and its message.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  return { code, stdout: Buffer.concat(stdout), stderr };
}

/** Sends bytes over the forwarded port, ends that half, and gives what comes back. */
async function echo(bytes: Buffer): Promise<Buffer> {
  const socket = connect({ host: "127.0.0.1", port: FORWARD_PORT, allowHalfOpen: true });
  socket.setTimeout(STREAM_MS_MAX, () => socket.destroy(new Error("The forwarded port does not answer")));
  socket.end(bytes);
  const received: Buffer[] = [];
  for await (const chunk of socket) received.push(chunk);
  return Buffer.concat(received);
}

/** kubectl in a terminal of its own, as a user's shell would start it. */
function startInTerminal(command: string) {
  const terminalFile = join(stateDirectory, `terminal-${randomBytes(4).toString("hex")}`);
  const line = `stty rows 33 cols 111; tty >${terminalFile}; exec ${kubectlPath()} -n ${namespace} ${command}`;
  const child = spawn("script", ["-qec", line, "/dev/null"], {
    env: kubectlEnvironment(),
    stdio: ["pipe", "pipe", "pipe"],
  });
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });
  return {
    shown: () => shown,
    type: (text: string) => child.stdin.write(text),
    resize: (rows: number, columns: number) => {
      assert.ok(existsSync(terminalFile));
      const terminal = readFileSync(terminalFile, "utf8").trim();
      execFileSync("stty", ["-F", terminal, "rows", String(rows), "cols", String(columns)]);
    },
    end: () => child.kill(),
    ended: new Promise<number | null>((resolve) => child.once("close", resolve)),
  };
}

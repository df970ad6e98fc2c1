import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { LocalLayout } from "./local/layout.ts";
import { makePlan, readPlan, writePlan } from "./local/plan.ts";
import { formatTable } from "./output/table.ts";
import { failedChecks, formatReports, runChecks } from "./preflight/check.ts";
import { portsCheck } from "./preflight/machine-checks.ts";
import { createProgram } from "./program.ts";

const never = new AbortController().signal;

/** The program on a machine where nothing is set up; what it prints is returned by `run`. */
function bareMachine(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "atoll-cli-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const roots = { stateDirectory: join(directory, "state"), runDirectory: join(directory, "run") };
  const run = async (...args: string[]): Promise<string> => {
    const printed: string[] = [];
    const program = createProgram("1.2.3", (given) => ({
      roots: { ...given, programDirectory: directory },
      clock: new VirtualClock(),
      signal: never,
      print: (text) => printed.push(text),
      note: () => {},
    }));
    const places = ["--state-dir", roots.stateDirectory, "--run-dir", roots.runDirectory];
    await program.exitOverride().parseAsync([...places, ...args], { from: "user" });
    return printed.join("\n");
  };
  return { directory, layout: new LocalLayout({ ...roots, cacheDirectory: "", programDirectory: "" }), run };
}

test("says what to do first where nothing is set up, and changes nothing", async (t) => {
  const { directory, run } = bareMachine(t);
  assert.match(await run("down"), /No Supervisor is set up here/);
  await assert.rejects(run("kubeconfig"), /start one with: atoll up/);
  await assert.rejects(run("logs", "supervisor"), /start a Supervisor with: atoll up/);
  assert.deepEqual(readdirSync(directory), []);
});

test("answers status in the format asked for, and its exit code says that nothing runs", async (t) => {
  const { run } = bareMachine(t);
  const exitCode = process.exitCode;
  t.after(() => {
    process.exitCode = exitCode;
  });
  assert.match(await run("status"), /atoll up/);
  assert.equal(process.exitCode, 1);
  assert.equal(JSON.parse(await run("status", "-o", "json")).api.ready, false);
  assert.match(await run("status", "-o", "yaml"), /ready: false/);
});

test("refuses another number of hosts or port than what is set up", async (t) => {
  const { layout, run } = bareMachine(t);
  await writePlan(layout, makePlan({ hosts: 2, apiPort: 7000 }));
  await assert.rejects(run("up", "--hosts", "3"), /has 2 host\(s\).*down --purge/);
  await assert.rejects(run("up", "--api-port", "6443"), /port 7000.*down --purge/);
});

test("keeps the plan as it was written", async (t) => {
  const { layout } = bareMachine(t);
  assert.equal(readPlan(layout), undefined);
  const plan = makePlan({ hosts: 3, apiPort: 6443 });
  await writePlan(layout, plan);
  assert.deepEqual(readPlan(layout), plan);
  assert.equal(new Set(plan.hosts.map(({ address }) => address)).size, 3);
  assert.equal(statSync(layout.planFile).mode & 0o777, 0o644);
  assert.equal(existsSync(`${layout.planFile}.new`), false);
});

test("tells a taken port with its owner's finder, and names the flag where there is one", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const address = server.address();
  assert(address !== null && typeof address === "object");
  const port = { address: "127.0.0.1", port: address.port, use: "the API", flag: "--api-port" };
  const reports = await runChecks([portsCheck([port]), portsCheck([])], never);
  assert.equal(failedChecks(reports).length, 1);
  assert.match(formatReports(reports), /FAIL {2}ports: port \d+ .*\n.*ss -ltnp.*--api-port/);
});

test("lays tables out in columns without trailing spaces", () => {
  assert.equal(
    formatTable(
      ["NAME", "STATE"],
      [
        ["supervisor", "up"],
        ["x", ""],
      ],
    ),
    "NAME         STATE\nsupervisor   up\nx",
  );
});

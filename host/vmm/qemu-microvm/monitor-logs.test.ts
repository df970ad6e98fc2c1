import assert from "node:assert/strict";
import { appendFile, mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { MonitorDirectory } from "./monitor-directory.ts";
import { cutLogs } from "./monitor-logs.ts";

test("cuts the log of a monitor that writes much, and no other; what it writes next is kept", async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "logs-"));
  const logs = directory.path;
  await writeFile(join(logs, "quiet"), "a line");
  const loud = new MonitorDirectory({ microVms: logs, logs }, "loud");
  await writeFile(loud.logFile, "x".repeat(70_000));
  await cutLogs(logs);
  assert.equal(await readFile(join(logs, "quiet"), "utf8"), "a line");
  await appendFile(loud.logFile, "the end\n");
  assert.equal(await loud.logTail(), "the end");
});

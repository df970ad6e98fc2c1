import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";

const program = fileURLToPath(new URL("supervisor.ts", import.meta.url));

test("a start after `supervisor compile` finds all that it loads compiled, in every thread", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "compile-"));
  t.after(() => rm(directory, { recursive: true }));
  const cache = join(directory, "cache");
  const run = (...args: readonly string[]) =>
    spawn(process.execPath, [program, ...args], {
      env: { ...process.env, NODE_COMPILE_CACHE: cache },
      stdio: ["ignore", "ignore", "pipe"],
    });
  const [status] = await once(run("compile"), "exit");
  assert.equal(status, 0);
  const compiled = new Set(await readdir(cache, { recursive: true }));
  assert.ok(compiled.size > 100, `${compiled.size} files were compiled`);

  const configuration = join(directory, "supervisor.yaml");
  const document = {
    apiVersion: "config.atoll.dev/v1alpha1",
    kind: "SupervisorConfiguration",
    dataDirectory: join(directory, "data"),
    api: { port: await freePort() },
  };
  await writeFile(configuration, stringify(document));
  const supervisor = run("--config", configuration, "--role", "api");
  for await (const line of supervisor.stderr) if (String(line).includes("serves its API")) break;
  supervisor.kill("SIGTERM");
  await once(supervisor, "exit");
  const more = (await readdir(cache, { recursive: true })).filter((file) => !compiled.has(file));
  assert.deepEqual(more, []);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address ? address.port : 0;
}

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { silentLogger } from "@atoll/base/log";
import { AuthenticationFile } from "./authentication-file.ts";

const HEAD = "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n";
const issuerOf = (name: string, username = "claim: sub, prefix: ''") =>
  `- issuer: { url: 'https://${name}.test', audiences: [a] }\n  claimMappings: { username: { ${username} } }\n`;

test("the file is followed; what has not changed stays, and a faulty one changes nothing", async () => {
  const directory = await mkdtemp(join(tmpdir(), "authentication-"));
  const path = join(directory, "authentication.yaml");
  const clock = new VirtualClock();
  const stop = new AbortController();
  try {
    await writeFile(path, `${HEAD}jwt:\n${issuerOf("a")}`);
    const file = await AuthenticationFile.open({ path, apiAudience: "api", clock, log: silentLogger });
    const running = file.run(stop.signal);
    const [first] = file.verifiers;
    assert.equal(file.anonymous, undefined);

    await writeFile(path, `${HEAD}anonymous: { enabled: false }\njwt:\n${issuerOf("b")}${issuerOf("a")}`);
    await until(clock, () => file.verifiers.length === 2);
    assert.equal(file.verifiers[1], first);
    assert.deepEqual(file.anonymous, { enabled: false, conditions: [] });

    const before = file.verifiers;
    for (const broken of ["jwt: [", `${HEAD}jwt:\n${issuerOf("c", "expression: 'claims.'")}`]) {
      await writeFile(path, broken);
      for (let round = 0; round < 3; round++) await turn(clock);
      assert.equal(file.verifiers, before);
    }

    await writeFile(path, HEAD);
    await until(clock, () => file.verifiers.length === 0);
    stop.abort();
    await running;
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("a file with an expression that is not sound is refused with its place", async () => {
  const directory = await mkdtemp(join(tmpdir(), "authentication-"));
  try {
    const path = join(directory, "authentication.yaml");
    await writeFile(path, `${HEAD}jwt:\n${issuerOf("a", "expression: 'claims.'")}`);
    const opened = AuthenticationFile.open({ path, apiAudience: "api", clock: new VirtualClock(), log: silentLogger });
    await assert.rejects(opened, /issuer https:\/\/a\.test, is not valid:\nclaimMappings\.username\.expression/);
  } finally {
    await rm(directory, { recursive: true });
  }
});

/** Lets the file be read once more. */
async function turn(clock: VirtualClock): Promise<void> {
  await clock.advance(10_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
}

async function until(clock: VirtualClock, isSo: () => boolean): Promise<void> {
  for (let round = 0; round < 100 && !isSo(); round++) await turn(clock);
  assert.ok(isSo());
}

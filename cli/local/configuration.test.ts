import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { hostdConfiguration } from "@atoll/api/config/hostd";
import { sphereletConfiguration } from "@atoll/api/config/spherelet";
import { supervisorConfiguration } from "@atoll/api/config/supervisor";
import { parse } from "yaml";
import { writeHostConfigurations, writeSupervisorConfiguration } from "./configuration.ts";
import { LocalLayout } from "./layout.ts";
import { makePlan } from "./plan.ts";

function makeInputs(t: TestContext, hosts: number) {
  const directory = mkdtempSync(join(tmpdir(), "atoll-configuration-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const layout = new LocalLayout({
    stateDirectory: join(directory, "state"),
    runDirectory: join(directory, "run"),
    cacheDirectory: join(directory, "cache"),
    programDirectory: directory,
  });
  const plan = makePlan({ hosts, apiPort: 6443 });
  mkdirSync(layout.roots.stateDirectory);
  for (const host of plan.hosts) mkdirSync(layout.host(host.name).directory, { recursive: true });
  return { layout, plan, bundleDirectory: join(directory, "bundle") };
}

const read = (file: string): unknown => parse(readFileSync(file, "utf8"));

for (const hosts of [1, 3]) {
  test(`writes documents that the programs of ${hosts} host(s) accept`, async (t) => {
    const inputs = makeInputs(t, hosts);
    await writeSupervisorConfiguration(inputs);
    const supervisor = supervisorConfiguration.parse(read(inputs.layout.supervisorConfiguration));
    // A single host's API is open to this machine only.
    assert.equal(supervisor.api.address, hosts === 1 ? "127.0.0.1" : "0.0.0.0");
    const ranges = new Set<number>();
    for (const host of inputs.plan.hosts) {
      await writeHostConfigurations(inputs, host);
      const paths = inputs.layout.host(host.name);
      const hostd = hostdConfiguration.parse(read(paths.hostdConfiguration));
      const spherelet = sphereletConfiguration.parse(read(paths.sphereletConfiguration));
      assert.equal(hostd.bundleDirectory, inputs.bundleDirectory);
      assert.equal(spherelet.nodeName, host.name);
      ranges.add(hostd.userIdBase);
    }
    assert.equal(ranges.size, hosts);
  });
}

test("leaves a document alone that says the same, so that its time tells who has not read it yet", async (t) => {
  const inputs = makeInputs(t, 1);
  const file = inputs.layout.supervisorConfiguration;
  await writeSupervisorConfiguration(inputs);
  utimesSync(file, 1, 1);
  await writeSupervisorConfiguration(inputs);
  assert.equal(statSync(file).mtimeMs, 1_000);
  await writeSupervisorConfiguration({ ...inputs, plan: makePlan({ hosts: 1, apiPort: 7443 }) });
  assert.notEqual(statSync(file).mtimeMs, 1_000);
});

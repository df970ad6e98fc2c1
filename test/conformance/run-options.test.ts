import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRunOptions } from "./run-options.ts";
import { suiteFlags } from "./suite-run.ts";
import { buildCommand, linkerFlags } from "./upstream-programs.ts";

test("without options, the class that needs no host runs on a Supervisor of the run's own", () => {
  const options = parseRunOptions([]);
  assert.equal(options.class, "api");
  assert.equal(options.kubeconfig, undefined);
  assert.equal(options.contentType, "protobuf");
  assert.equal(options.resume, false);
});

test("an option that cannot be meant is refused with what it may be", () => {
  assert.throws(() => parseRunOptions(["--class", "disk"]), /--class is one of api, .*, not "disk"/);
  assert.throws(() => parseRunOptions(["--procs", "0"]), /--procs is a whole number from 1 to 64, not "0"/);
  assert.throws(() => parseRunOptions(["--focus", "("]), /--focus is a regular expression/);
  assert.throws(() => parseRunOptions(["--content-type", "yaml"]), /--content-type is one of json, protobuf/);
  assert.throws(() => parseRunOptions(["--class", "pods"]), /give --kubeconfig/);
  assert.equal(parseRunOptions(["--class", "pods", "--kubeconfig", "/etc/k"]).class, "pods");
});

test("the last of an option counts, so that a second run can add to the first one's", () => {
  assert.equal(parseRunOptions(["--output=a", "--output", "/b"]).outputDirectory, "/b");
});

test("only a cluster without hosts is asked for no node", () => {
  const target = { kubeconfig: "/etc/k", contentType: "json" } as const;
  const without = suiteFlags({ ...target, hasHosts: false }, "/bin/kubectl");
  const withHosts = suiteFlags({ ...target, hasHosts: true }, "/bin/kubectl");
  assert.ok(without.includes("--allowed-not-ready-nodes=-1"));
  assert.ok(!withHosts.some((flag) => flag.includes("nodes")));
  assert.ok(withHosts.includes("--kube-api-content-type=application/json"));
});

test("programs are built alike, and know their version", () => {
  const tagsOf = (command: readonly string[]) => command[command.indexOf("-tags") + 1];
  assert.equal(tagsOf(buildCommand("e2e.test", "/out", 1)), tagsOf(buildCommand("agnhost", "/out", undefined)));
  assert.deepEqual(buildCommand("e2e.test", "/out", 2).slice(0, 5), ["test", "-c", "-vet=off", "-p", "2"]);
  assert.match(linkerFlags("kubectl"), /-X k8s.io\/component-base\/version.gitVersion=v1\.\d+\.\d+ /);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "@atoll/base/log";
import { containsAddress, formatCidr, parseAddress, parseCidr } from "./address.ts";
import { HostNetwork } from "./host-network.ts";
import { networkNames } from "./names.ts";
import { addPort, buildRules, removePort } from "./rules.ts";

test("names fit the kernel's 15 characters and differ between hosts", () => {
  for (const host of ["host-1", "a-host-with-a-very-long-name-indeed"]) {
    const names = networkNames(host);
    assert.equal(names.bridge.length <= 15, true);
    assert.equal(names.tap("some-pod-uid").length, 15);
    assert.equal(names.tap("some-pod-uid").startsWith(names.prefix), true);
  }
  assert.notEqual(networkNames("host-1").prefix, networkNames("host-2").prefix);
});

test("reads addresses and networks, and refuses what is none", () => {
  assert.equal(formatCidr(parseCidr("10.244.1.77/24")), "10.244.1.0/24");
  assert.equal(containsAddress(parseCidr("10.244.1.0/24"), parseAddress("10.244.1.9")), true);
  assert.equal(containsAddress(parseCidr("10.244.1.0/24"), parseAddress("10.244.2.9")), false);
  for (const text of ["10.1.1", "10.1.1.256", "10.1.1.01", "1;drop", ""]) {
    assert.throws(() => parseAddress(text), { code: "InvalidAddress" }, text);
  }
  assert.throws(() => parseCidr("10.0.0.0/33"), { code: "InvalidAddress" });
});

test("rules drop by default what comes from a tap, and keep pods away from the host", () => {
  const names = networkNames("host-1");
  const addresses = {
    gateway: "10.1.0.1",
    podCidr: "10.1.0.0/24",
    clusterCidr: "10.1.0.0/16",
    managementCidrs: ["192.0.2.0/24"],
  };
  const lines = buildRules(names, addresses).trim().split("\n");
  const chainEnd = (chain: string) => lines.filter((line) => line.includes(` ${chain} `)).at(-1);
  assert.match(chainEnd("from_pods") ?? "", / drop$/);
  assert.match(chainEnd("to_host") ?? "", /iifname "at-host-1" drop$/);
  assert.match(chainEnd("to_others") ?? "", /iifname "at-host-1" ip daddr @management drop$/);
  assert.equal(lines.includes("add element inet atoll-host-1 management { 192.0.2.0/24 }"), true);
});

test("removing a port is written so that it succeeds also when there is none", () => {
  const names = networkNames("host-1");
  const port = { tap: "t", mac: "02:00:00:00:00:01", address: "10.1.0.5" };
  assert.equal(removePort(names, port).startsWith(addPort(names, port)), true);
});

test("a pod's address must be one of this host's range, and not its gateway", async () => {
  const run = async () => "[]";
  const network = new HostNetwork({ hostName: "host-1", run, pid: 1, log: silentLogger });
  assert.throws(() => network.checkAddress("10.1.0.5/24"), { code: "NotConfigured" });
  const spec = { podCidr: "10.1.0.0/24", clusterCidr: "10.1.0.0/16", managementCidrs: [] };
  for (const wrong of [{ podCidr: "10.1.0.0/31" }, { managementCidrs: ["192.0.2.0/24; drop"] }]) {
    await assert.rejects(network.configure({ ...spec, ...wrong }), { code: "InvalidAddress" });
  }
});

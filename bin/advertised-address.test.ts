import assert from "node:assert/strict";
import type { NetworkInterfaceInfo } from "node:os";
import { test } from "node:test";
import { advertisedAddress } from "./advertised-address.ts";

const api = { address: "127.0.0.1", port: 6443, certificateNames: [] };

function interfaceWith(...addresses: string[]): NetworkInterfaceInfo[] {
  return addresses.map((address) => ({ address }) as NetworkInterfaceInfo); // nothing else is looked at
}

test("takes the address that the configuration names, then the one it listens on", () => {
  const interfaces = { eth0: interfaceWith("10.1.2.3") };
  assert.equal(
    advertisedAddress({ ...api, advertiseAddress: "192.0.2.1", address: "10.0.0.9" }, interfaces),
    "192.0.2.1",
  );
  assert.equal(advertisedAddress({ ...api, address: "10.0.0.9" }, interfaces), "10.0.0.9");
});

test("takes the machine's first reachable address where it listens on loopback or on all", () => {
  const interfaces = {
    lo: interfaceWith("127.0.0.1", "::1"),
    eth0: interfaceWith("fe80::1", "2001:db8::1", "10.1.2.3"),
  };
  assert.equal(advertisedAddress(api, interfaces), "10.1.2.3");
  assert.equal(advertisedAddress({ ...api, address: "0.0.0.0" }, interfaces), "10.1.2.3");
  assert.equal(advertisedAddress(api, { eth0: interfaceWith("2001:db8::1") }), "2001:db8::1");
  assert.equal(advertisedAddress(api, { lo: interfaceWith("127.0.0.1") }), undefined);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeYaml } from "./values.ts";

test("writes what a value holds twice, twice", () => {
  const shared = { group: "apps", version: "v1" };
  const text = Buffer.from(encodeYaml({ versions: [shared], preferred: shared })).toString();
  assert.equal(text, "preferred:\n  group: apps\n  version: v1\nversions:\n- group: apps\n  version: v1\n");
});

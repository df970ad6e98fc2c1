import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { file_agent } from "@atoll/api/guest-agent/agent_pb";
import { file_image } from "@atoll/api/guest-agent/image_pb";
import { decodeStatus, encodeStatus } from "@atoll/base/multiplex/stream-status";
import { createRegistry, fromBinary, fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { agentMethods } from "./methods.ts";

interface GoldenMessage {
  readonly name: string;
  readonly type: string;
  readonly json: JsonValue;
  readonly hex: string;
}

function readGolden(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`golden/${file}`, import.meta.url), "utf8"));
}

const registry = createRegistry(file_agent, file_image);
// The file is ours and Rust's; its shape is what both test suites read.
const messages = readGolden("messages.json") as readonly GoldenMessage[];

test("both ends number the methods alike", () => {
  assert.deepEqual(readGolden("methods.json"), agentMethods);
});

for (const { name, type, json, hex } of messages) {
  test(`reads and writes the golden message: ${name}`, () => {
    const schema = registry.getMessage(`atoll.guestagent.v1.${type}`);
    assert(schema, `Message ${type} exists`);
    const bytes = new Uint8Array(Buffer.from(hex, "hex"));
    const message = fromJson(schema, json);
    assert.deepEqual(fromBinary(schema, bytes), message);
    assert.equal(Buffer.from(toBinary(schema, message)).toString("hex"), hex);
  });
}

test("the status that the ground floor encodes by hand is the message Status", () => {
  for (const { type, hex } of messages) {
    if (type !== "Status") continue;
    const bytes = new Uint8Array(Buffer.from(hex, "hex"));
    assert.equal(Buffer.from(encodeStatus(decodeStatus(bytes))).toString("hex"), hex);
  }
});

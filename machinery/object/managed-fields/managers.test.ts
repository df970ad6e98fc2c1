import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { limitManagers, readManagers, writeManagers } from "./managers.ts";

describe("managers", () => {
  test("are written as they were read, in upstream's order", () => {
    const entries = [
      {
        manager: "b",
        operation: "Apply",
        apiVersion: "v1",
        time: "2026-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:a": {} },
      },
      {
        manager: "a",
        operation: "Apply",
        apiVersion: "v1",
        time: "2026-01-02T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:a": {} },
      },
      {
        manager: "a",
        operation: "Update",
        apiVersion: "v1",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:b": {} },
        subresource: "status",
      },
    ];
    assert.deepEqual(writeManagers(readManagers(entries.toReversed())), entries);
    assert.throws(() => readManagers([{ ...entries[0], operation: "Delete" }]), SyntaxError);
    assert.throws(() => readManagers([{ ...entries[0], fieldsType: "FieldsV2" }]), SyntaxError);
  });

  test("of updates are no more than ten: the oldest are thrown together", () => {
    const entries = Array.from({ length: 13 }, (_, index) => ({
      manager: `m${index}`,
      operation: "Update",
      apiVersion: "v1",
      time: `2026-01-01T00:00:${String(index).padStart(2, "0")}Z`,
      fieldsType: "FieldsV1",
      fieldsV1: { [`f:${index}`]: {} },
    }));
    const [oldest, ...others] = writeManagers(limitManagers(readManagers(entries))) ?? [];
    assert.equal(oldest?.manager, "ancient-changes");
    assert.deepEqual(oldest?.fieldsV1, { "f:0": {}, "f:1": {}, "f:2": {}, "f:3": {} });
    assert.deepEqual(
      others.map(({ manager }) => manager),
      ["m4", "m5", "m6", "m7", "m8", "m9", "m10", "m11", "m12"],
    );
  });
});

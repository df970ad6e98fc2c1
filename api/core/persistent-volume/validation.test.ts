import assert from "node:assert/strict";
import { test } from "node:test";
import { noteEmpty } from "../../meta/said-empty.ts";
import { persistentVolumeKind } from "./kind.ts";

test("shows a capacity as it was said, be it empty", () => {
  const shown = (spec: { nfs: { server: string; path: string }; accessModes: string[] }) => {
    const faults = persistentVolumeKind.validateCreate?.({ metadata: { name: "v" }, spec }) ?? [];
    return faults.find(({ type }) => type === "FieldValueNotSupported")?.message;
  };
  const spec = () => ({ nfs: { server: "s", path: "/" }, accessModes: ["ReadWriteOnce"] });
  assert.equal(shown(spec()), 'Unsupported value: null: supported values: "storage"');
  const empty = spec();
  noteEmpty(empty, "capacity", {});
  assert.equal(shown(empty), 'Unsupported value: {}: supported values: "storage"');
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type FieldSet, setOf, unionOf } from "./field-set.ts";
import { type Manager, managerKey, type Managers, writeManagers } from "./managers.ts";
import { managersOfParent, managersOfScale } from "./scale-managers.ts";

const TIME = "2026-01-02T03:04:05Z";

describe("owners of a scale", () => {
  const number: FieldSet = setOf([["f:spec", "f:number"]]);
  const count: FieldSet = setOf([["f:spec", "f:count"]]);
  const replicas: FieldSet = setOf([["f:spec", "f:replicas"]]);
  const paths = new Map([
    ["v1", ["f:spec", "f:count"]],
    ["v2", undefined],
  ]);
  const managerOf = (fields: FieldSet, more: Partial<Manager> = {}): Manager => ({
    ...{ name: "me", apiVersion: "v1", subresource: "", time: TIME, operation: "Update", fields, ...more },
  });
  const managersOf = (...managers: readonly Manager[]) => new Map(managers.map((one) => [managerKey(one), one]));
  const parentOf = (parent: Managers, after: Managers) =>
    writeManagers(managersOfParent(parent, after, { paths, version: "v1" }))?.map(
      ({ manager, apiVersion, time, fieldsV1 }) => ({ manager, apiVersion, time, fieldsV1 }),
    );

  test("own the replicas alone, wherever they stand in the parent", () => {
    const scale = managersOfScale(
      managersOf(managerOf(unionOf(number, count)), managerOf(number, { name: "other" })),
      paths,
    );
    assert.deepEqual(
      [...scale.values()].map(({ name, apiVersion, fields }) => ({ name, apiVersion, fields })),
      [{ name: "me", apiVersion: "autoscaling/v1", fields: replicas }],
    );
  });

  test("who applied them keeps his entry, who updated them gets a second one without a time", () => {
    const applied = managersOf(managerOf(unionOf(number, count), { operation: "Apply" }));
    assert.deepEqual(managersOfParent(applied, managersOfScale(applied, paths), { paths, version: "v1" }), applied);
    const updated = managersOf(managerOf(unionOf(number, count)));
    assert.deepEqual(parentOf(updated, managersOfScale(updated, paths)), [
      { manager: "me", apiVersion: "v1", time: undefined, fieldsV1: count },
      { manager: "me", apiVersion: "v1", time: TIME, fieldsV1: number },
    ]);
  });

  test("take the replicas from their owner in the parent", () => {
    const scaler = managerOf(replicas, { name: "scaler", apiVersion: "autoscaling/v1", subresource: "scale" });
    assert.deepEqual(parentOf(managersOf(managerOf(unionOf(number, count))), managersOf(scaler)), [
      { manager: "scaler", apiVersion: "v1", time: undefined, fieldsV1: count },
      { manager: "me", apiVersion: "v1", time: TIME, fieldsV1: number },
    ]);
  });

  test("of a version without a scale stay, of one that is gone go", () => {
    const parent = managersOf(managerOf(count, { apiVersion: "v2" }), managerOf(count, { apiVersion: "v0" }));
    const kept = [{ manager: "me", apiVersion: "v2", time: TIME, fieldsV1: count }];
    assert.deepEqual(parentOf(parent, managersOfScale(parent, paths)), kept);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { FreshObjects } from "./fresh-objects.ts";
import type { ObjectCodec, StoredObject } from "./stored-object.ts";

const decode: ObjectCodec["decode"] = ({ key, modRevision: revision }) => ({ key, revision }) as StoredObject; // what is looked at
const written = (value: Uint8Array, modRevision = 1) => ({ key: "/k/a", value, modRevision });

test("what is expected is decoded once for two, everything else for each", () => {
  const fresh = new FreshObjects();
  const value = new Uint8Array(10);
  assert.notEqual(fresh.decode(written(value), decode), fresh.decode(written(value), decode));
  fresh.expect(value);
  const first = fresh.decode(written(value), decode);
  assert.equal(fresh.decode(written(value), decode), first);
  assert.notEqual(fresh.decode(written(value), decode), first);
});

test("bytes that were not stored, or as something else, are decoded anew", () => {
  const fresh = new FreshObjects();
  const value = new Uint8Array(10);
  fresh.expect(value);
  const first = fresh.decode(written(value), decode);
  assert.equal(fresh.decode(written(value, 2), decode).revision, 2);
  fresh.expect(value);
  fresh.forget(value);
  assert.notEqual(fresh.decode(written(value), decode), fresh.decode(written(value), decode));
  assert.equal(first.revision, 1);
});

test("what nobody asks for a second time makes room", () => {
  const fresh = new FreshObjects();
  const values = Array.from({ length: 65 }, () => new Uint8Array(10));
  for (const value of values) fresh.expect(value);
  const [oldest, next] = values as [Uint8Array, Uint8Array];
  assert.notEqual(fresh.decode(written(oldest), decode), fresh.decode(written(oldest), decode));
  assert.equal(fresh.decode(written(next), decode), fresh.decode(written(next), decode));
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { kinds } from "@atoll/api/kinds";
import { seededRandom } from "@atoll/base/random";
import { storageKey, storagePrefix } from "./storage-keys.ts";
import { createObjectCodec } from "./stored-object.ts";
import { ValueCipher } from "./value-cipher.ts";

const random = seededRandom(7);
const cipher = new ValueCipher([random.bytes(32)], random);

const kindOf = (name: string) => {
  const kind = kinds.find(({ resource }) => resource.kind === name);
  assert.ok(kind);
  return kind;
};

describe("a stored object", () => {
  const codec = createObjectCodec(kindOf("ConfigMap"), undefined);
  const object = { metadata: { name: "a", resourceVersion: "5" }, data: { k: "ä\u2028" } };

  test("is stored without its version and read with the revision of its write", () => {
    const value = codec.encode("k", object);
    assert.doesNotMatch(Buffer.from(value).toString(), /resourceVersion/);
    const stored = codec.decode({ key: "k", value, modRevision: 42 });
    const expected = {
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { resourceVersion: "42", name: "a" },
      data: object.data,
    };
    assert.deepEqual(stored.object, expected);
    assert.deepEqual(JSON.parse(Buffer.from(stored.bytes).toString()), expected);
    assert.equal(codec.restamp(stored, 43).object.metadata.resourceVersion, "43");
  });

  test("of another writer's layout is read as well", () => {
    const value = Buffer.from('{"data":{"x":"y"},"metadata":{"name":"b"},"apiVersion":"v1","kind":"ConfigMap"}');
    assert.equal(codec.decode({ key: "k", value, modRevision: 3 }).object.metadata.resourceVersion, "3");
  });

  test("that cannot be opened fails whoever looks at it and nobody else", () => {
    const secrets = createObjectCodec(kindOf("Secret"), cipher);
    const value = secrets.encode("place", { metadata: { name: "s" } });
    assert.equal(secrets.decode({ key: "place", value, modRevision: 1 }).object.metadata.name, "s");
    const moved = secrets.decodeAlways({ key: "elsewhere", value, modRevision: 1 });
    assert.throws(() => moved.object, /cannot be read/);
    const strange = createObjectCodec(kindOf("Secret"), new ValueCipher([random.bytes(32)], random));
    assert.throws(() => strange.decode({ key: "place", value, modRevision: 1 }), /no encryption key/);
  });

  test("sealed under an older key opens while the key is kept", () => {
    const [older, newer] = [random.bytes(32), random.bytes(32)];
    const sealed = new ValueCipher([older], random).seal("k", Buffer.from("text"));
    assert.equal(Buffer.from(new ValueCipher([newer, older], random).open("k", sealed)).toString(), "text");
  });
});

test("kinds stand where upstream keeps them", () => {
  const places: readonly [string, string, string][] = [
    ["", "pods", "/registry/pods/"],
    ["", "nodes", "/registry/minions/"],
    ["", "services", "/registry/services/specs/"],
    ["apps", "deployments", "/registry/deployments/"],
    ["coordination.k8s.io", "leases", "/registry/leases/"],
    ["imagecontroller.vmware.com", "images", "/registry/imagecontroller.vmware.com/images/"],
  ];
  for (const [group, plural, prefix] of places) assert.equal(storagePrefix({ group, plural }), prefix);
  assert.equal(storageKey("/registry/pods/", "ns", "a"), "/registry/pods/ns/a");
});

test("no kind's prefix begins another's", () => {
  const prefixes = kinds.map(({ resource }) => storagePrefix(resource));
  for (const one of prefixes)
    for (const other of prefixes) assert.ok(one === other || !one.startsWith(other), `${one} ${other}`);
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { kinds } from "@atoll/api/kinds";
import { schemaModel } from "@atoll/api/generated/schemas";
import { seededRandom } from "@atoll/base/random";
import { valueReader } from "./foreign-values.ts";
import { storageKey, storagePrefix } from "./storage-keys.ts";
import { createObjectCodec } from "./stored-object.ts";
import { type CipherKey, encryptionOf, ValueCipher } from "./value-cipher.ts";

const random = seededRandom(7);

function makeKey(name: string): CipherKey {
  return { name, secret: random.bytes(32) };
}

/** The first key seals. */
function cipherWith(...keys: CipherKey[]): ValueCipher {
  return new ValueCipher({ keys, sealWith: keys[0], opensPlain: false }, random);
}

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

  test("that was cooled is parsed again when somebody looks", () => {
    const stored = codec.decode({ key: "k", value: codec.encode("k", object), modRevision: 42 });
    const before = stored.object;
    assert.equal(stored.object, before);
    stored.cool();
    assert.notEqual(stored.object, before);
    assert.deepEqual(stored.object, before);
  });

  test("of another writer's layout is read as well", () => {
    const value = Buffer.from('{"data":{"x":"y"},"metadata":{"name":"b"},"apiVersion":"v1","kind":"ConfigMap"}');
    assert.equal(codec.decode({ key: "k", value, modRevision: 3 }).object.metadata.resourceVersion, "3");
  });

  test("that upstream wrote in JSON has no nulls, but where anything may stand", () => {
    const read = valueReader(kinds, schemaModel);
    const decode = (name: string, text: string) =>
      createObjectCodec(kindOf(name), undefined, read).decode({ key: "k", value: Buffer.from(text), modRevision: 3 });
    const pod = `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","creationTimestamp":null},"spec":{"containers":null}}\n`;
    assert.deepEqual(decode("Pod", pod).object, {
      kind: "Pod",
      apiVersion: "v1",
      metadata: { resourceVersion: "3", name: "p" },
      spec: {},
    });
    const revision = `{"kind":"ControllerRevision","apiVersion":"apps/v1","metadata":{"name":"r"},"data":{"a":null},"revision":1}\n`;
    assert.match(Buffer.from(decode("ControllerRevision", revision).bytes).toString(), /"data":\{"a":null\}/);
  });

  test("that upstream wrote in protobuf is read, and written as JSON", () => {
    const reading = createObjectCodec(kindOf("ConfigMap"), undefined, valueReader(kinds, schemaModel));
    // The envelope of a v1 ConfigMap whose metadata has the name "p" and whose data has "k" = "v".
    const type = Buffer.from("\n\x02v1\x12\x09ConfigMap");
    const raw = Buffer.from("\n\x03\n\x01p\x12\x06\n\x01k\x12\x01v");
    const part = (tag: number, bytes: Uint8Array) => Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
    const value = Buffer.concat([Buffer.from("k8s\0"), part(0x0a, type), part(0x12, raw)]);
    const { object } = reading.decode({ key: "k", value, modRevision: 3 });
    assert.deepEqual(object, {
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { name: "p", resourceVersion: "3" },
      data: { k: "v" },
    });
    assert.match(Buffer.from(reading.encode("k", object)).toString(), /^\{"kind":"ConfigMap"/);
  });

  test("is read though upstream writes null for the lists that nobody has filled", () => {
    const slices = createObjectCodec(kindOf("EndpointSlice"), undefined, valueReader(kinds, schemaModel));
    const text =
      '{"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1","metadata":{"name":"s"},"endpoints":null,"ports":null}';
    const { object, bytes } = slices.decode({ key: "k", value: Buffer.from(`${text}\n`), modRevision: 3 });
    assert.deepEqual(Object.keys(object), ["kind", "apiVersion", "metadata"]);
    assert.match(Buffer.from(bytes).toString(), /"endpoints":null,"ports":null/);
  });

  test("that cannot be opened fails whoever looks at it and nobody else", () => {
    const secrets = createObjectCodec(kindOf("Secret"), cipherWith(makeKey("one")));
    const value = secrets.encode("place", { metadata: { name: "s" } });
    assert.match(Buffer.from(value).toString("latin1"), /^k8s:enc:aesgcm:v1:one:/);
    assert.equal(secrets.decode({ key: "place", value, modRevision: 1 }).object.metadata.name, "s");
    const moved = secrets.decodeAlways({ key: "elsewhere", value, modRevision: 1 });
    assert.throws(() => moved.object, /cannot be read/);
    const strange = createObjectCodec(kindOf("Secret"), cipherWith(makeKey("two")));
    assert.throws(() => strange.decode({ key: "place", value, modRevision: 1 }), { code: "UnknownKey" });
    const plain = Buffer.from("{}");
    assert.throws(() => secrets.decode({ key: "place", value: plain, modRevision: 1 }), { code: "NotSealed" });
  });

  test("sealed under an older key opens while the key is kept", () => {
    const [older, newer] = [makeKey("older"), makeKey("newer")];
    const sealed = cipherWith(older).seal("k", Buffer.from("text"));
    const rotated = cipherWith(newer, older);
    assert.equal(Buffer.from(rotated.open("k", sealed)).toString(), "text");
    assert.equal(rotated.isCurrent(sealed), false);
    assert.equal(rotated.isCurrent(rotated.seal("k", Buffer.from("text"))), true);
  });
});

test("the first rule that names a kind decides how it is sealed", () => {
  const secret = Buffer.alloc(32, 1).toString("base64");
  const providersWith = (name: string) => [{ aesgcm: { keys: [{ name, secret }] } }, { identity: {} as const }];
  const encryption = encryptionOf(
    {
      apiVersion: "apiserver.config.k8s.io/v1",
      kind: "EncryptionConfiguration",
      resources: [
        { resources: ["events"], providers: [{ identity: {} }] },
        { resources: ["secrets", "deployments.apps"], providers: providersWith("a") },
        { resources: ["*.", "*.batch"], providers: providersWith("b") },
      ],
    },
    random,
  );
  const markOf = (group: string, plural: string) => {
    const value = encryption.cipherOf({ group, plural })?.seal("k", Buffer.from("{}"));
    return value && Buffer.from(value).toString("latin1").split(":")[4];
  };
  assert.deepEqual(
    [
      ["", "secrets"],
      ["apps", "deployments"],
      ["", "pods"],
      ["batch", "jobs"],
      ["apps", "replicasets"],
      ["", "events"],
    ].map(([group = "", plural = ""]) => markOf(group, plural)),
    ["a", "a", "b", "b", undefined, undefined],
  );
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

import assert from "node:assert/strict";
import { test } from "node:test";
import { schemaModel } from "@atoll/api/generated/schemas";
import { hasReason } from "@atoll/machinery/object/api-error";
import { decodeProtobufBody, decodeProtobufInSteps } from "./decode-protobuf.ts";

type Wire = readonly (readonly [number, Uint8Array | string | number])[];

/** A message out of (number, value) pairs: just enough of an encoder to say what the decoder should read. */
function message(fields: Wire): Uint8Array {
  const parts = fields.flatMap(([number, value]) => {
    if (typeof value === "number") return [varint(number * 8), varint(value)];
    const bytes = typeof value === "string" ? Buffer.from(value) : value;
    return [varint(number * 8 + 2), varint(bytes.length), bytes];
  });
  return Buffer.concat(parts);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

function decode(kind: string, schema: string, raw: Uint8Array): Record<string, unknown> {
  const type = message([
    [1, "v1"],
    [2, kind],
  ]);
  const envelope = message([
    [1, type],
    [2, raw],
    [3, ""],
    [4, ""],
  ]);
  const bytes = Buffer.concat([Uint8Array.from([0x6b, 0x38, 0x73, 0]), envelope]);
  return decodeProtobufBody(bytes, schemaModel, (_version, name) => (name === kind ? schema : undefined)).value;
}

test("maps, bytes and times become what JSON says, and zeros are left out", () => {
  const entry = message([
    [1, "key"],
    [2, Uint8Array.from([1, 2, 3])],
  ]);
  const metadata = message([
    [1, "name"],
    [2, ""],
    [7, 0],
    [8, message([[1, 1_767_225_600]])],
    [
      11,
      message([
        [1, "app"],
        [2, "a"],
      ]),
    ],
  ]);
  const secret = decode(
    "Secret",
    "io.k8s.api.core.v1.Secret",
    message([
      [1, metadata],
      [2, entry],
      [3, "Opaque"],
    ]),
  );
  assert.deepEqual(secret, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "name", creationTimestamp: "2026-01-01T00:00:00Z", labels: { app: "a" } },
    data: { key: "AQID" },
    type: "Opaque",
  });
});

test("an embedded message's fields stand in the outer object", () => {
  const emptyDir = message([[1, "Memory"]]);
  const volume = message([
    [1, "scratch"],
    [2, message([[2, emptyDir]])],
  ]);
  const pod = decode("Pod", "io.k8s.api.core.v1.Pod", message([[2, message([[1, volume]])]]));
  assert.deepEqual(pod.spec, { volumes: [{ name: "scratch", emptyDir: { medium: "Memory" } }] });
});

test("a meant zero is kept, quantities and negative numbers are read", () => {
  const limits = message([
    [1, "cpu"],
    [2, message([[1, "500m"]])],
  ]);
  const container = message([
    [1, "c"],
    [8, message([[1, limits]])],
  ]);
  const spec = message([
    [2, container],
    [4, 0],
    [5, -1],
  ]);
  const pod = decode("Pod", "io.k8s.api.core.v1.Pod", message([[2, spec]]));
  assert.deepEqual(pod.spec, {
    containers: [{ name: "c", resources: { limits: { cpu: "500m" } } }],
    terminationGracePeriodSeconds: 0,
    activeDeadlineSeconds: -1,
  });
});

test("a field of a newer client is reported, not lost in silence", () => {
  const map = decode("ConfigMap", "io.k8s.api.core.v1.ConfigMap", message([[99, "new"]]));
  assert.ok(Object.hasOwn(map, "protobuf field 99"));
});

test("a long message is read in steps, and as a short one is", () => {
  const image = "i".repeat(100);
  const names = Array.from({ length: 2000 }, (_, index) => `c${index}`);
  const variable = message([
    [1, "v"],
    [2, "x".repeat(20_000)],
  ]);
  const containerOf = (name: string, ...more: Wire) => message([[1, name], [2, image], [99, ""], ...more]);
  const containers = names.map((name): [number, Uint8Array] => [2, containerOf(name)]);
  const spec = message([
    [5, 30],
    ...containers,
    [2, containerOf("long", [7, variable])],
    [4, 0],
    [
      7,
      message([
        [1, "zone"],
        [2, "a"],
      ]),
    ],
  ]);
  const raw = message([
    [1, message([[1, "name"]])],
    [2, spec],
    [2, message([[5, 1]])],
  ]);
  const envelope = message([
    [
      1,
      message([
        [1, "v1"],
        [2, "Pod"],
      ]),
    ],
    [2, raw],
  ]);
  const bytes = Buffer.concat([Uint8Array.from([0x6b, 0x38, 0x73, 0]), envelope]);
  const work = decodeProtobufInSteps(bytes, schemaModel, () => "io.k8s.api.core.v1.Pod");
  let steps = 0;
  let next = work.next();
  for (; !next.done; next = work.next()) steps++;
  assert.ok(steps > names.length, `${steps} steps`);
  const unknown = { "protobuf field 99": true };
  assert.deepEqual(next.value.value, {
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "name" } },
    // Of a message that stands there twice the last one counts.
    spec: { activeDeadlineSeconds: 1 },
  });
  const first = decode("Pod", "io.k8s.api.core.v1.Pod", message([[2, spec]]));
  assert.deepEqual(first.spec, {
    activeDeadlineSeconds: 30,
    containers: [
      ...names.map((name) => ({ name, image, ...unknown })),
      { name: "long", image, ...unknown, env: [{ name: "v", value: "x".repeat(20_000) }] },
    ],
    terminationGracePeriodSeconds: 0,
    nodeSelector: { zone: "a" },
  });
});

test("what is no message is refused", () => {
  const isBadRequest = (error: unknown) => hasReason(error, "BadRequest");
  const read = (bytes: Uint8Array) => decodeProtobufBody(bytes, schemaModel, () => "io.k8s.api.core.v1.Pod");
  assert.throws(() => read(Buffer.from("{}")), isBadRequest);
  assert.throws(() => read(Uint8Array.from([0x6b, 0x38, 0x73, 0, 0x0a, 0x7f])), isBadRequest);
  assert.throws(() => decode("Pod", "io.k8s.api.core.v1.Pod", message([[1, 5]])), isBadRequest);
});

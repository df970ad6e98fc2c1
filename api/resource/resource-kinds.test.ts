// What the kinds of dynamic resource allocation refuse and let go of, beside the table that all kinds share.

import assert from "node:assert/strict";
import { test } from "node:test";
import { noteEmpty } from "../meta/said-empty.ts";
import { validateDeviceClaim } from "./device-requests.ts";
import { resourceClaimKind } from "./resource-claim/kind.ts";
import { resourceClaimTemplateKind } from "./resource-claim-template/kind.ts";
import { type ResourceSlice, resourceSliceKind } from "./resource-slice/kind.ts";

const metadata = { name: "a" };
const request = { name: "r", exactly: { deviceClassName: "none", allocationMode: "ExactCount", count: 1 } };
const device = (attributes: object): ResourceSlice => ({
  metadata,
  spec: {
    driver: "D.example.com",
    nodeName: "n",
    pool: { name: "p", generation: 1, resourceSliceCount: 1 },
    devices: [{ name: "d", attributes: { a: attributes } }],
  },
});
const saying = (errors: ReturnType<typeof validateDeviceClaim> = []) =>
  errors.map(({ type, field }) => `${type.slice("FieldValue".length)} ${field}`);

test("a request that is there twice is one too many as a whole", () => {
  assert.deepEqual(saying(validateDeviceClaim({ requests: [request, request] }, "d")), ["Duplicate d.requests[1]"]);
});

test("where there are too many of something, nothing else is said of them", () => {
  const requests = Array.from({ length: 33 }, () => ({ ...request, name: "" }));
  assert.deepEqual(saying(validateDeviceClaim({ requests }, "d")), ["TooMany d.requests"]);
});

test("an attribute is named with its domain", () => {
  const errorsOf = (matchAttribute: string) => saying(validateDeviceClaim({ constraints: [{ matchAttribute }] }, "d"));
  const field = "d.constraints[0].matchAttribute";
  assert.deepEqual(errorsOf("D.example.com/a"), []);
  assert.deepEqual(errorsOf("a"), [`Invalid ${field}`]);
  assert.deepEqual(errorsOf("/"), [`Invalid ${field}`, `Invalid ${field}`]);
  assert.deepEqual(errorsOf(""), [`Invalid ${field}`, `Invalid ${field}`]);
});

test("a template that may not change is checked all the same, and what it says of metadata", () => {
  const template = (spec: object) => ({ metadata, spec: { spec: { devices: { requests: [request] } }, ...spec } });
  const old = template({});
  assert.deepEqual(
    saying(resourceClaimTemplateKind.validateUpdate?.(template({ metadata: { name: "x", uid: "u" } }), old)),
    ["Forbidden spec.metadata.name", "Forbidden spec.metadata.uID", "Invalid spec"],
  );
});

test("lists of attributes wait for their gate", () => {
  const slice = device({ ints: [1] });
  resourceSliceKind.prepareForCreate?.(slice);
  assert.deepEqual(slice.spec?.devices, [{ name: "d", attributes: { a: {} } }]);
  assert.deepEqual(saying(resourceSliceKind.validateCreate?.(slice)), ["Invalid spec.devices[0].attributes[a]"]);
  assert.match(resourceSliceKind.warningsOf?.(slice)[0] ?? "", /should be lowercase; "D.example.com"/);
});

test("a selector without terms says nothing, and that is too little", () => {
  const slice = device({ int: 1 });
  if (slice.spec) slice.spec = { ...slice.spec, nodeSelector: {} as never }; // a body may leave anything out
  const errors = saying(resourceSliceKind.validateCreate?.(slice));
  assert.ok(errors.includes("Invalid spec.nodeSelector.nodeSelectorTerms"), errors.join());
});

test("what drivers said of a device goes when the device is taken away", () => {
  const result = (name: string) => ({ request: "r", driver: "d", pool: "p", device: name });
  const claim = (...names: string[]) => ({
    metadata,
    spec: {},
    status: {
      allocation: { devices: { results: names.map(result) } },
      devices: ["a", "b"].map((name) => ({ driver: "d", pool: "p", device: name })),
    },
  });
  const changed = claim("b");
  resourceClaimKind.prepareForStatusUpdate?.(changed, claim("a", "b"));
  assert.deepEqual(
    changed.status.devices.map((kept) => kept.device),
    ["b"],
  );
});

test("a slice that says of counters and of devices says too much, even where there are none", () => {
  const slice = device({ int: 1 });
  noteEmpty(slice.spec ?? {}, "sharedCounters", []);
  assert.deepEqual(saying(resourceSliceKind.validateCreate?.(slice)), ["Invalid spec"]);
});

test("a share of a device is a UUID, in the status too", () => {
  const claim = { metadata, spec: { devices: { requests: [request] } } };
  const status = { devices: [{ driver: "d", pool: "p", device: "a", shareID: "x" }] };
  const errors = saying(resourceClaimKind.validateStatusUpdate?.({ ...claim, status }, claim));
  assert.deepEqual(errors, ["Invalid status.devices[0].shareID", "Invalid status.devices[0]"]);
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { endpointSliceKind } from "../discovery/endpoint-slice/kind.ts";
import type { FieldError } from "../kind.ts";
import { ingressKind } from "./ingress/kind.ts";
import { networkPolicyKind } from "./network-policy/kind.ts";

const fieldsOf = (errors: readonly FieldError[] = []) => errors.map(({ field }) => field);

describe("an ingress", () => {
  const ingress = (fields: object = {}, annotations: Record<string, string> = {}) => ({
    metadata: { name: "i", annotations },
    spec: { defaultBackend: { service: { name: "0s", port: { number: 80 } } }, ...fields },
  });

  test("leads to a service whose name begins with a digit, or to a resource of a group", () => {
    assert.deepEqual(ingressKind.validateCreate?.(ingress()), []);
    const resource = { apiGroup: "a/b", kind: "K", name: "n" };
    assert.deepEqual(fieldsOf(ingressKind.validateCreate?.(ingress({ defaultBackend: { resource } }))), [
      "spec.defaultBackend.resource.apiGroup",
    ]);
  });

  test("does not say two classes, unless it said them once", () => {
    const both = ingress({ ingressClassName: "a" }, { "kubernetes.io/ingress.class": "b" });
    assert.deepEqual(fieldsOf(ingressKind.validateCreate?.(both)), ["annotations.kubernetes.io/ingress.class"]);
    assert.deepEqual(ingressKind.validateUpdate?.(both, both), []);
  });

  test("is reached at addresses and names, of which those that are known may stay", () => {
    const at = (...points: object[]) => ({ ...ingress(), status: { loadBalancer: { ingress: points } } });
    const wrong = at({ ip: "10.0.0.01" }, { hostname: "10.0.0.1" }, { hostname: "_" }, { ip: "::1", hostname: "a.b" });
    const path = "status.loadBalancer.ingress";
    assert.deepEqual(fieldsOf(ingressKind.validateStatusUpdate?.(wrong, at())), [
      ...[`${path}[0].ip`, `${path}[1].hostname`, `${path}[2].hostname`],
    ]);
    assert.deepEqual(ingressKind.validateStatusUpdate?.(at({ ip: "10.0.0.01" }), at({ ip: "10.0.0.01" })), []);
  });
});

test("each block of a network policy is looked at, except those that it had before", () => {
  const policy = (cidr: string, except: string[]) => ({
    metadata: { name: "p" },
    spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr, except } }] }] },
  });
  const path = "spec.ingress[0].from[0].ipBlock";
  const wrong = policy("10.0.0.1/8", ["x", "11.0.0.0/16", "10.1.0.0/16"]);
  assert.deepEqual(fieldsOf(networkPolicyKind.validateCreate?.(wrong)), [
    ...[`${path}.cidr`, `${path}.except[0]`, `${path}.except[1]`],
  ]);
  assert.deepEqual(fieldsOf(networkPolicyKind.validateUpdate?.(wrong, policy("10.0.0.1/8", ["x"]))), [
    `${path}.except[1]`,
  ]);
});

test("an endpoint's topology of old is not written any more", () => {
  const slice = () => ({
    metadata: { name: "s" },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.0.0.1"], deprecatedTopology: { "Not a label!": "" } }],
  });
  const created = slice();
  endpointSliceKind.prepareForCreate?.(created);
  assert.deepEqual(created.endpoints, [{ addresses: ["10.0.0.1"] }]);
  const updated = slice();
  endpointSliceKind.prepareForUpdate?.(updated, created);
  assert.deepEqual(updated.endpoints, created.endpoints);
});

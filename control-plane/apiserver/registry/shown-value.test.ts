import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { noteEmpty } from "@atoll/api/meta/said-empty";
import { schemaAt, showValue } from "./shown-value.ts";

const DEPLOYMENT = "io.k8s.api.apps.v1.Deployment";

function show(definition: string, path: string, value: object): string {
  return showValue(schemaAt(definition, path), value);
}

describe("a value in an error", () => {
  test("has the names that upstream's server has for its fields, with those that nobody has set", () => {
    assert.equal(
      show(DEPLOYMENT, "spec.strategy", { rollingUpdate: { maxSurge: "<1%>" }, type: "Sometimes" }),
      '{"Type":"Sometimes","RollingUpdate":{"MaxUnavailable":0,"MaxSurge":"\\u003c1%\\u003e"}}',
    );
    assert.equal(
      show("io.k8s.api.storage.v1.VolumeAttachment", "spec", { attacher: "a", source: {}, nodeName: "n" }),
      '{"Attacher":"a","Source":{"PersistentVolumeName":null,"InlineVolumeSpec":null},"NodeName":"n"}',
    );
  });

  test("has the API's names in what all groups share, in the order of the type and without what is empty", () => {
    const selector = { matchExpressions: [{ operator: "Exists", key: "a" }], matchLabels: { b: "1", a: "2" } };
    assert.equal(
      show(DEPLOYMENT, "spec.selector", selector),
      '{"matchLabels":{"a":"2","b":"1"},"matchExpressions":[{"key":"a","operator":"Exists"}]}',
    );
    const owner = { name: "o", controller: false, kind: "K", apiVersion: "v1", uid: "u" };
    assert.equal(
      show(DEPLOYMENT, "metadata.ownerReferences", [owner]),
      '[{"apiVersion":"v1","kind":"K","name":"o","uid":"u","controller":false}]',
    );
    assert.equal(
      show("a kind that others define", "metadata.ownerReferences", [owner]),
      '[{"apiVersion":"v1","kind":"K","name":"o","uid":"u","controller":false}]',
    );
  });

  test("shows a template's metadata among its fields, and what concerns the host in the security context", () => {
    const spec = { containers: [], hostPID: true, securityContext: { runAsUser: 1 } };
    const shown = JSON.parse(show(DEPLOYMENT, "spec.template", { metadata: { labels: { b: "c" } }, spec }));
    assert.deepEqual(Object.keys(shown), ["labels", "Spec"]);
    assert.equal(shown.Spec.SecurityContext.HostPID, true);
    assert.equal(shown.Spec.SecurityContext.RunAsUser, 1);
    assert.equal(shown.Spec.SecurityContext.HostNetwork, false);
    const empty: Record<string, unknown> = { containers: [], hostPID: true };
    noteEmpty(empty, "securityContext", {});
    const context = JSON.parse(show(DEPLOYMENT, "spec.template.spec", empty)).SecurityContext;
    assert.equal(context.HostPID, true);
  });

  test("shows the lists that were said to be empty", () => {
    const devices = { config: [] };
    noteEmpty(devices, "requests", []);
    const shown = show("io.k8s.api.resource.v1.ResourceClaim", "spec", { devices });
    assert.equal(shown, '{"Devices":{"Requests":[],"Constraints":null,"Config":[]}}');
  });

  test("is sorted where no field of the kind has the path", () => {
    assert.equal(schemaAt(DEPLOYMENT, "spec.none.x"), undefined);
    assert.equal(showValue(undefined, { b: [{ d: 1, c: 2 }], a: 1 }), '{"a":1,"b":[{"c":2,"d":1}]}');
  });
});

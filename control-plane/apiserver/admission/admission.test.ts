import assert from "node:assert/strict";
import { test } from "node:test";
import { configMapKind } from "@atoll/api/core/config-map/kind";
import type { KindDefinition } from "@atoll/api/kind";
import { AdmissionChain, type AdmissionRequest, type AdmissionStep } from "./admission.ts";

function requestOf(more: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    operation: "CREATE",
    kind: configMapKind as unknown as KindDefinition, // no step of these tests looks inside
    subresource: "",
    namespace: "default",
    name: "a",
    object: { metadata: { name: "a" } },
    oldObject: undefined,
    user: { name: "someone", groups: [] },
    dryRun: false,
    warnings: [],
    ...more,
  };
}

function recorder(log: string[], name: string, more: Partial<AdmissionStep> = {}): AdmissionStep {
  return {
    name,
    mutate: (_request, { isSecond }) => {
      log.push(`${name} changes${isSecond ? " again" : ""}`);
    },
    validate: () => {
      log.push(`${name} checks`);
    },
    ...more,
  };
}

test("all steps that change come before all that check", async () => {
  const log: string[] = [];
  await new AdmissionChain([recorder(log, "a"), recorder(log, "b")]).admit(requestOf());
  assert.deepEqual(log, ["a changes", "b changes", "a checks", "b checks"]);
});

test("a step may ask for one second round, and for no third", async () => {
  const log: string[] = [];
  const asking = recorder(log, "webhook", {
    mutate: (_request, rounds) => {
      log.push(rounds.isSecond ? "webhook again" : "webhook");
      rounds.needsSecond = true;
      rounds.isForeign = true;
    },
  });
  assert.equal(await new AdmissionChain([recorder(log, "a"), asking]).mutate(requestOf()), true);
  assert.deepEqual(log, ["a changes", "webhook", "a changes again", "webhook again"]);
});

test("steps that know only their kinds are not shown bodies of other kinds, connections and unchecked deletions", async () => {
  const bodyKind = { group: "", version: "v1", kind: "Binding", schema: "io.k8s.api.core.v1.Binding" };
  for (const [request, expected] of [
    [requestOf({ bodyKind, subresource: "binding" }), ["all changes", "all checks"]],
    [requestOf({ operation: "CONNECT", bodyKind }), ["all changes", "all checks"]],
    [requestOf({ operation: "DELETE", object: undefined }), ["all changes", "own checks", "all checks"]],
  ] as const) {
    const log: string[] = [];
    const steps = [recorder(log, "own"), recorder(log, "all", { seesEverything: true })];
    await new AdmissionChain(steps).admit(request);
    assert.deepEqual(log, expected);
  }
});

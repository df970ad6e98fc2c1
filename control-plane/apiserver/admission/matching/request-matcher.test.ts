import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { horizontalPodAutoscalerV1Kind } from "@atoll/api/autoscaling/horizontal-pod-autoscaler-v1/kind";
import { horizontalPodAutoscalerKind } from "@atoll/api/autoscaling/horizontal-pod-autoscaler/kind";
import { Namespace, namespaceKind } from "@atoll/api/core/namespace/kind";
import { podKind } from "@atoll/api/core/pod/kind";
import type { NamedRuleWithOperations } from "@atoll/api/generated/types";
import type { KindDefinition } from "@atoll/api/kind";
import type { KubeObject } from "@atoll/api/resource";
import { hasReason } from "@atoll/machinery/object/api-error";
import { TestResources } from "../../test-resources.ts";
import type { AdmissionRequest } from "../admission.ts";
import { convertByStoredForm, ObjectVersions } from "./object-versions.ts";
import { compileCriteria, isExemptFromAdmission, type MatchResources, RequestMatcher } from "./request-matcher.ts";
import { matchesRule } from "./rule.ts";

const pods = podKind as unknown as KindDefinition; // as `api/kinds.ts` does
const autoscalers = horizontalPodAutoscalerKind as unknown as KindDefinition; // likewise
const autoscalersV1 = horizontalPodAutoscalerV1Kind as unknown as KindDefinition; // likewise
const namespaces = namespaceKind as unknown as KindDefinition; // likewise

let resources: TestResources;
let matcher: RequestMatcher;
before(async () => {
  resources = await TestResources.start([pods, namespaces, autoscalers, autoscalersV1]);
  matcher = new RequestMatcher(resources.table);
  await resources.put(Namespace, { metadata: { name: "blue", labels: { team: "blue" } }, spec: {} });
});
after(() => resources[Symbol.asyncDispose]());

function requestOf(kind: KindDefinition, more: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    operation: "CREATE",
    kind,
    subresource: "",
    namespace: "blue",
    name: "a",
    object: { metadata: { name: "a" } },
    oldObject: undefined,
    user: { name: "someone", groups: [] },
    dryRun: false,
    warnings: [],
    ...more,
  };
}

function ruleFor(group: string, version: string, resource: string, operation = "*"): NamedRuleWithOperations {
  return { apiGroups: [group], apiVersions: [version], resources: [resource], operations: [operation] };
}

async function matches(match: Partial<MatchResources>, request: AdmissionRequest): Promise<string | undefined> {
  const criteria = compileCriteria({ resourceRules: [ruleFor("*", "*", "*/*")], matchesWithoutRules: false, ...match });
  const found = await matcher.match(criteria, request);
  return found && `${found.kind.resource.version} ${found.objectKind.kind}`;
}

test("a rule's resource words", () => {
  const subjects = { pods: "", "pods/log": "log", "deployments/scale": "scale" };
  const cases: readonly [string, readonly string[]][] = [
    ["pods", ["pods"]],
    ["pods/log", ["pods/log"]],
    ["pods/*", ["pods", "pods/log"]],
    ["*", ["pods"]],
    ["*/scale", ["deployments/scale"]],
    ["*/*", ["pods", "pods/log", "deployments/scale"]],
  ];
  for (const [word, expected] of cases) {
    const found = Object.entries(subjects).filter(([path, subresource]) => {
      const plural = path.split("/", 1)[0] ?? "";
      const subject = {
        operation: "CREATE",
        group: "",
        version: "v1",
        plural,
        subresource,
        scope: "Namespaced",
      } as const;
      return matchesRule(ruleFor("", "v1", word), subject);
    });
    assert.deepEqual(
      found.map(([path]) => path),
      expected,
      word,
    );
  }
});

test("operation, group, version and scope must all fit", () => {
  const subject = {
    operation: "CREATE",
    group: "apps",
    version: "v1",
    plural: "x",
    subresource: "",
    scope: "Cluster",
  } as const;
  const rule = ruleFor("apps", "v1", "x", "CREATE");
  assert.equal(matchesRule(rule, subject), true);
  assert.equal(matchesRule({ ...rule, scope: "Cluster" }, subject), true);
  assert.equal(matchesRule({ ...rule, scope: "Namespaced" }, subject), false);
  assert.equal(matchesRule({ ...rule, operations: ["UPDATE"] }, subject), false);
  assert.equal(matchesRule({ ...rule, apiGroups: [""] }, subject), false);
  assert.equal(matchesRule({ ...rule, apiVersions: ["v2"] }, subject), false);
});

test("labels of the namespace and of the object choose", async () => {
  const blue = { matchLabels: { team: "blue" } };
  const red = { matchLabels: { team: "red" } };
  const labelled = { metadata: { name: "a", labels: { team: "red" } } };
  assert.equal(await matches({ namespaceSelector: blue }, requestOf(pods)), "v1 Pod");
  assert.equal(await matches({ namespaceSelector: red }, requestOf(pods)), undefined);
  assert.equal(await matches({ objectSelector: red }, requestOf(pods, { object: labelled })), "v1 Pod");
  assert.equal(await matches({ objectSelector: red }, requestOf(pods, { oldObject: labelled })), "v1 Pod");
  assert.equal(await matches({ objectSelector: red }, requestOf(pods)), undefined);
});

test("a namespace is chosen by its own labels, a cluster-scoped object always", async () => {
  const red = { matchLabels: { team: "red" } };
  const namespace = { metadata: { name: "red", labels: { team: "red" } } };
  const creation = requestOf(namespaces, { namespace: "", name: "red", object: namespace });
  assert.equal(await matches({ namespaceSelector: red }, creation), "v1 Namespace");
  const deletion = requestOf(namespaces, { namespace: "", name: "blue", operation: "DELETE", object: undefined });
  assert.equal(await matches({ namespaceSelector: red }, deletion), undefined);
});

test("a namespace that is not there is said only to those whom the request concerns", async () => {
  const selector = { namespaceSelector: { matchLabels: { team: "red" } } };
  const request = requestOf(pods, { namespace: "gone" });
  await assert.rejects(matches(selector, request), (error) => hasReason(error, "NotFound"));
  assert.equal(await matches({ ...selector, resourceRules: [ruleFor("apps", "v1", "x")] }, request), undefined);
});

test("a rule for another version of the same objects matches where equivalents count", async () => {
  const resourceRules = [ruleFor("autoscaling", "v1", "horizontalpodautoscalers")];
  const request = requestOf(autoscalers);
  assert.equal(await matches({ resourceRules, matchPolicy: "Exact" }, request), undefined);
  assert.equal(await matches({ resourceRules, matchPolicy: "Equivalent" }, request), "v1 HorizontalPodAutoscaler");
  assert.equal(await matches({ excludeResourceRules: resourceRules, matchPolicy: "Equivalent" }, request), undefined);
});

test("names narrow a rule, and no rules mean everything only to those who say so", async () => {
  const resourceRules = [{ ...ruleFor("", "v1", "pods"), resourceNames: ["b"] }];
  assert.equal(await matches({ resourceRules }, requestOf(pods)), undefined);
  assert.equal(await matches({ resourceRules }, requestOf(pods, { name: "b" })), "v1 Pod");
  assert.equal(await matches({ resourceRules: [] }, requestOf(pods)), undefined);
  assert.equal(await matches({ resourceRules: [], matchesWithoutRules: true }, requestOf(pods)), "v1 Pod");
});

test("objects are shown in the version that the rule names, and converted once", async () => {
  const object = {
    metadata: { name: "a" },
    spec: { maxReplicas: 3, scaleTargetRef: { kind: "Deployment", name: "d" } },
  } as KubeObject; // an autoscaler
  let conversions = 0;
  const versions = new ObjectVersions(requestOf(autoscalers, { object }), (...parts) => {
    conversions += 1;
    return convertByStoredForm(...parts);
  });
  const match = { kind: autoscalersV1, subresource: "", objectKind: autoscalersV1.resource };
  assert.equal((await versions.of(match)).object?.apiVersion, "autoscaling/v1");
  assert.equal((await versions.of(match)).oldObject, undefined);
  assert.equal(conversions, 1);
  assert.equal((await versions.of({ ...match, kind: autoscalers })).object, object);
});

test("the configuration of admission is nobody's to admit", () => {
  const resource = { group: "admissionregistration.k8s.io", version: "v1", plural: "x", scope: "Cluster" } as const;
  const kindOf = (kind: string) => ({ kind: { ...pods, resource: { ...resource, kind } } });
  assert.equal(isExemptFromAdmission(kindOf("ValidatingAdmissionPolicyBinding")), true);
  assert.equal(isExemptFromAdmission(kindOf("MutatingWebhookConfiguration")), true);
  assert.equal(isExemptFromAdmission({ kind: pods }), false);
});

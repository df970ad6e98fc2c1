// What the newer kinds fill in and refuse, as tables: an object, and the paths that are wrong with it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds } from "./kinds.ts";
import type { KubeObject } from "./resource.ts";

function kindOf(name: string) {
  const found = kinds.find(({ resource }) => resource.kind === name);
  assert.ok(found, name);
  return found;
}

function make(name: string, fields: object): KubeObject {
  const object = structuredClone({ metadata: { name: "a", uid: "u" }, ...fields });
  const kind = kindOf(name);
  kind.applyDefaults?.(object);
  kind.prepareForCreate?.(object);
  return object;
}

function fieldsRefused(name: string, object: KubeObject): string[] {
  return (kindOf(name).validateCreate?.(object) ?? []).map(({ field }) => field);
}

const template = {
  metadata: { labels: { app: "a" } },
  spec: { containers: [{ name: "c", image: "x" }] },
};
const selector = { matchLabels: { app: "a" } };
const jobTemplate = { spec: { ...template.spec, restartPolicy: "Never" } };
const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };

const policyRule = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] };
const webhook = {
  name: "a.example.com",
  clientConfig: { url: "https://example.com/a" },
  sideEffects: "None",
  admissionReviewVersions: ["v2", "v1"],
  rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods/*"] }],
};
const serviceConfig = { service: { name: "s", namespace: "n", path: "/a//b", port: 0 } };

const request = { name: "gpu", exactly: { deviceClassName: "gpus" } };
const slice = { driver: "gpu.example.com", nodeName: "n1", pool: { name: "p", generation: 0, resourceSliceCount: 1 } };
const everybody = [{ kind: "Group", group: { name: "system:authenticated" } }];
const paths = [{ verbs: ["get"], nonResourceURLs: ["/a/*"] }];
const queuing = { queues: 1_000_000, handSize: 8 };

const VALID: readonly (readonly [string, object])[] = [
  ["DeviceClass", { spec: { selectors: [{ cel: { expression: "true" } }], extendedResourceName: "example.com/gpu" } }],
  ["ResourceClaimTemplate", { spec: { spec: { devices: { requests: [request] } } } }],
  ["ResourceSlice", { spec: { ...slice, devices: [{ name: "d", attributes: { model: { version: "1.0.0" } } }] } }],
  [
    "FlowSchema",
    {
      spec: {
        priorityLevelConfiguration: { name: "exempt" },
        rules: [{ subjects: everybody, nonResourceRules: paths }],
      },
    },
  ],
  ["PriorityLevelConfiguration", { spec: { type: "Limited", limited: { limitResponse: { type: "Reject" } } } }],
  [
    "StatefulSet",
    {
      spec: { selector, template, serviceName: "a", volumeClaimTemplates: [{ metadata: { name: "d" }, spec: claim }] },
    },
  ],
  ["DaemonSet", { spec: { selector, template } }],
  ["ControllerRevision", { revision: 1, data: {} }],
  ["MutatingWebhookConfiguration", { webhooks: [webhook] }],
  ["ValidatingWebhookConfiguration", { webhooks: [webhook] }],
  [
    "ValidatingAdmissionPolicy",
    { spec: { matchConstraints: { resourceRules: [policyRule] }, validations: [{ expression: "true" }] } },
  ],
  ["ValidatingAdmissionPolicyBinding", { spec: { policyName: "a", validationActions: ["Deny"] } }],
  [
    "MutatingAdmissionPolicy",
    {
      spec: {
        matchConstraints: { resourceRules: [policyRule] },
        mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: "[]" } }],
        reinvocationPolicy: "Never",
      },
    },
  ],
  ["MutatingAdmissionPolicyBinding", { spec: { policyName: "a" } }],
  ["Job", { spec: { template: jobTemplate } }],
  [
    "CronJob",
    {
      spec: {
        schedule: "*/5 0-6,8 * jan-MAR sun",
        timeZone: "Europe/Berlin",
        jobTemplate: { spec: { template: jobTemplate } },
      },
    },
  ],
  ["ReplicationController", { spec: { template } }],
  ["PodTemplate", { template }],
  ["PersistentVolumeClaim", { spec: claim }],
  [
    "PersistentVolume",
    { spec: { accessModes: ["ReadWriteMany"], capacity: { storage: "1Gi" }, nfs: { server: "s", path: "/" } } },
  ],
  [
    "ResourceQuota",
    { spec: { hard: { pods: "3", "requests.cpu": "1", "count/jobs.batch": "2" }, scopes: ["NotBestEffort"] } },
  ],
  ["LimitRange", { spec: { limits: [{ type: "Container", max: { cpu: "2" }, min: { cpu: "100m" } }] } }],
  ["Endpoints", { subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }] }],
  ["EndpointSlice", { addressType: "IPv6", endpoints: [{ addresses: ["2001:db8::1"] }], ports: [{ port: 80 }] }],
  ["PodDisruptionBudget", { spec: { minAvailable: "50%", selector } }],
  ["PriorityClass", { value: 1000 }],
  ["RuntimeClass", { handler: "crx" }],
  [
    "NetworkPolicy",
    {
      spec: {
        ingress: [
          { from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }], ports: [{ port: 80, endPort: 90 }] },
        ],
      },
    },
  ],
  [
    "Ingress",
    {
      spec: {
        rules: [
          {
            host: "*.example.com",
            http: {
              paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "s", port: { number: 80 } } } }],
            },
          },
        ],
      },
    },
  ],
  ["IngressClass", { spec: { controller: "example.com/c", parameters: { kind: "P", name: "p" } } }],
  [
    "IPAddress",
    { metadata: { name: "2001:db8::1" }, spec: { parentRef: { resource: "services", name: "s", namespace: "n" } } },
  ],
  ["ServiceCIDR", { spec: { cidrs: ["10.0.0.0/16", "fd00::/112"] } }],
  ["StorageClass", { provisioner: "example.com/p" }],
  ["VolumeAttributesClass", { driverName: "d.example.com", parameters: { iops: "1" } }],
  ["VolumeAttachment", { spec: { attacher: "d", nodeName: "n", source: { persistentVolumeName: "v" } } }],
  ["CSIDriver", { spec: {} }],
  ["CSINode", { spec: { drivers: [{ name: "d", nodeID: "1" }] } }],
  ["CSIStorageCapacity", { storageClassName: "c", capacity: "1Gi" }],
  [
    "HorizontalPodAutoscaler",
    {
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "d" },
        behavior: { scaleUp: {} },
      },
    },
  ],
];

test("a sound object of each kind is taken", () => {
  for (const [name, fields] of VALID) {
    const object = make(name, fields);
    const errors = kindOf(name).validateCreate?.(object) ?? [];
    assert.deepEqual(errors, [], name);
    assert.deepEqual(kindOf(name).validateUpdate?.(object, structuredClone(object)) ?? [], [], `${name}, unchanged`);
  }
});

const REFUSED: readonly (readonly [string, object, readonly string[]])[] = [
  [
    "StatefulSet",
    { spec: { selector, template, podManagementPolicy: "x", serviceName: "A" } },
    ["spec.podManagementPolicy", "spec.serviceName"],
  ],
  [
    "StatefulSet",
    { spec: { selector, template, updateStrategy: { type: "OnDelete", rollingUpdate: {} } } },
    ["spec.updateStrategy.rollingUpdate"],
  ],
  [
    "DaemonSet",
    { spec: { selector, template, updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } } },
    ["spec.updateStrategy.rollingUpdate.maxUnavailable"],
  ],
  ["DaemonSet", { spec: { selector: {}, template } }, ["spec.selector"]],
  ["ControllerRevision", { revision: -1 }, ["revision", "data"]],
  ["Job", { spec: { template } }, ["spec.template.spec.restartPolicy"]],
  ["Job", { spec: { template: jobTemplate, completionMode: "Indexed" } }, []],
  [
    "Job",
    { spec: { template: jobTemplate, maxFailedIndexes: 1 } },
    ["spec.backoffLimitPerIndex", "spec.maxFailedIndexes"],
  ],
  [
    "Job",
    {
      spec: {
        template: jobTemplate,
        completions: 3,
        completionMode: "Indexed",
        successPolicy: { rules: [{ succeededIndexes: "0,3" }] },
      },
    },
    ["spec.successPolicy.rules[0].succeededIndexes"],
  ],
  [
    "Job",
    {
      spec: {
        template: jobTemplate,
        podFailurePolicy: { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [0] } }] },
      },
    },
    ["spec.podFailurePolicy.rules[0].onExitCodes.values[0]"],
  ],
  [
    "CronJob",
    { spec: { schedule: "61 * * * *", jobTemplate: { spec: { template: jobTemplate } } } },
    ["spec.schedule"],
  ],
  [
    "CronJob",
    { spec: { schedule: "TZ=UTC 1 * * * *", timeZone: "Local", jobTemplate: { spec: { template: jobTemplate } } } },
    ["spec.schedule", "spec.timeZone"],
  ],
  ["ReplicationController", { spec: {} }, ["spec.selector", "spec.template"]],
  ["PersistentVolumeClaim", { spec: {} }, ["spec.accessModes", "spec.resources[storage]"]],
  [
    "PersistentVolumeClaim",
    { spec: { ...claim, accessModes: ["ReadWriteOncePod", "ReadWriteOnce"] } },
    ["spec.accessModes"],
  ],
  ["PersistentVolume", { spec: {} }, ["spec.accessModes", "spec.capacity", "spec.capacity", "spec"]],
  [
    "PersistentVolume",
    { spec: { accessModes: ["ReadWriteMany"], capacity: { storage: "0" }, local: { path: "/d" } } },
    ["spec.capacity[storage]", "spec.nodeAffinity"],
  ],
  [
    "ResourceQuota",
    { spec: { hard: { apples: "1", pods: "1.5" } } },
    ["spec.hard[apples]", "spec.hard[apples]", "spec.hard[pods]"],
  ],
  [
    "ResourceQuota",
    { spec: { hard: { secrets: 1 }, scopes: ["BestEffort", "NotBestEffort"] } },
    ["spec.scopes", "spec.scopes", "spec.scopes"],
  ],
  [
    "LimitRange",
    { spec: { limits: [{ type: "Pod", max: { cpu: "1" }, min: { cpu: "2" }, default: { cpu: "1" } }] } },
    ["spec.limits[0].default", "spec.limits[0].min[cpu]"],
  ],
  ["Endpoints", { subsets: [{ addresses: [{ ip: "127.0.0.1" }] }, {}] }, ["subsets[0].addresses[0].ip", "subsets[1]"]],
  [
    "EndpointSlice",
    { addressType: "IPv4", endpoints: [{ addresses: ["2001:db8::1"] }, { addresses: [] }] },
    ["endpoints[0].addresses", "endpoints[1].addresses"],
  ],
  [
    "DeviceClass",
    { spec: { selectors: [{}], config: [{ opaque: { driver: "", parameters: [] } }], extendedResourceName: "cpu" } },
    [
      "spec.selectors[0].cel",
      "spec.config[0].opaque.driver",
      "spec.config[0].opaque.parameters",
      "spec.extendedResourceName",
    ],
  ],
  [
    "ResourceClaimTemplate",
    {
      spec: {
        spec: {
          devices: {
            requests: [
              request,
              { name: "gpu" },
              { name: "b", exactly: { deviceClassName: "", allocationMode: "All", count: 2 } },
            ],
            constraints: [{ requests: ["other"], matchAttribute: "model" }],
          },
        },
      },
    },
    [
      "spec.spec.devices.requests[1]",
      "spec.spec.devices.requests[2].exactly.deviceClassName",
      "spec.spec.devices.requests[2].exactly.count",
      "spec.spec.devices.requests[1]",
      "spec.spec.devices.constraints[0].requests[0]",
      "spec.spec.devices.constraints[0].matchAttribute",
    ],
  ],
  [
    "ResourceSlice",
    {
      spec: {
        ...slice,
        allNodes: true,
        devices: [
          { name: "d", attributes: { a: { string: "x", int: 1 } }, capacity: { c: { value: "1", requestPolicy: {} } } },
          { name: "d", allNodes: true, taints: [{ key: "k", effect: "Never" }] },
        ],
      },
    },
    [
      "spec",
      "spec.devices[0].attributes[a]",
      "spec.devices[0].capacity[c].requestPolicy",
      "spec.devices[1].taints[0].effect",
      "spec.devices[1]",
      "spec.devices[1]",
    ],
  ],
  [
    "FlowSchema",
    {
      spec: {
        matchingPrecedence: 1,
        priorityLevelConfiguration: {},
        rules: [{}, { subjects: [{ kind: "User", group: { name: "g" } }], resourceRules: [{ verbs: ["*", "get"] }] }],
      },
    },
    [
      "spec.matchingPrecedence",
      "spec.priorityLevelConfiguration.name",
      "spec.rules[0].subjects",
      "spec.rules[0]",
      "spec.rules[1].subjects[0].user",
      "spec.rules[1].subjects[0].group",
      "spec.rules[1].resourceRules[0].verbs",
      "spec.rules[1].resourceRules[0].apiGroups",
      "spec.rules[1].resourceRules[0].resources",
      "spec.rules[1].resourceRules[0].namespaces",
    ],
  ],
  [
    "FlowSchema",
    { metadata: { name: "exempt" }, spec: { matchingPrecedence: 1, priorityLevelConfiguration: { name: "exempt" } } },
    ["spec"],
  ],
  [
    "PriorityLevelConfiguration",
    { spec: { type: "Limited", limited: { lendablePercent: 101, limitResponse: { type: "Queue", queuing } } } },
    ["spec.limited.limitResponse.queuing.handSize", "spec.limited.lendablePercent"],
  ],
  ["PriorityLevelConfiguration", { spec: { type: "Exempt" } }, ["spec.type"]],
  ["PodDisruptionBudget", { spec: { minAvailable: 1, maxUnavailable: "150%" } }, ["spec", "spec.maxUnavailable"]],
  ["PriorityClass", { value: 2_000_000_000 }, ["value"]],
  ["PriorityClass", { metadata: { name: "system-mine" }, value: 1 }, ["metadata.name"]],
  ["RuntimeClass", {}, ["handler"]],
  [
    "NetworkPolicy",
    { spec: { egress: [{ to: [{}], ports: [{ endPort: 3 }] }] } },
    ["spec.egress[0].ports[0].endPort", "spec.egress[0].to[0]"],
  ],
  [
    "Ingress",
    { spec: { rules: [{ host: "10.0.0.1", http: { paths: [{ path: "a//", pathType: "Exact", backend: {} }] } }] } },
    [
      "spec.rules[0].host",
      "spec.rules[0].http.paths[0].path",
      "spec.rules[0].http.paths[0].path",
      "spec.rules[0].http.paths[0].backend",
    ],
  ],
  ["IngressClass", { spec: { controller: "c" } }, ["spec.controller"]],
  ["IPAddress", { metadata: { name: "2001:db8::1" }, spec: {} }, ["spec.parentRef"]],
  ["ServiceCIDR", { spec: { cidrs: ["10.0.0.1/16"] } }, ["spec.cidrs[0]"]],
  [
    "ValidatingAdmissionPolicy",
    { spec: { failurePolicy: "No", matchConstraints: {}, variables: [{ name: "a-b", expression: " " }] } },
    [
      "spec.failurePolicy",
      "spec.matchConstraints.resourceRules",
      "spec.variables[0].name",
      "spec.variables[0].expression",
      "spec.validations",
      "spec.auditAnnotations",
    ],
  ],
  [
    "ValidatingAdmissionPolicyBinding",
    { spec: { paramRef: {}, validationActions: ["Deny", "Warn", "Warn", "Cry"] } },
    [
      "spec.policyName",
      "spec.paramRef",
      "spec.paramRef.parameterNotFoundAction",
      "spec.validationActions[2]",
      "spec.validationActions[3]",
      "spec.validationActions",
    ],
  ],
  [
    "MutatingAdmissionPolicy",
    {
      spec: {
        paramKind: { apiVersion: "a/b/c" },
        matchConstraints: { resourceRules: [{ ...policyRule, operations: ["DELETE"] }] },
        mutations: [{ patchType: "JSONPatch", applyConfiguration: { expression: "Object{}" } }],
      },
    },
    [
      "spec.paramKind.apiVersion",
      "spec.paramKind.kind",
      "spec.matchConstraints.resourceRules.operations",
      "spec.mutations[0].jsonPatch",
      "spec.mutations[0].applyConfiguration",
      "spec.reinvocationPolicy",
    ],
  ],
  ["MutatingAdmissionPolicyBinding", { spec: {} }, ["spec.policyName"]],
  [
    "ValidatingWebhookConfiguration",
    { webhooks: [{}] },
    ["name", "sideEffects", "clientConfig", "admissionReviewVersions"].map((field) => `webhooks[0].${field}`),
  ],
  [
    "ValidatingWebhookConfiguration",
    { webhooks: [webhook, webhook, { ...webhook, name: "b.c", sideEffects: "Some", timeoutSeconds: 31 }] },
    ["webhooks[1].name", "webhooks[2].name", "webhooks[2].sideEffects", "webhooks[2].timeoutSeconds"],
  ],
  [
    "MutatingWebhookConfiguration",
    {
      webhooks: [
        { ...webhook, clientConfig: { url: "http://u@h?q#f" } },
        { ...webhook, name: "b.example.com", clientConfig: serviceConfig, admissionReviewVersions: ["v2"] },
        { ...webhook, name: "c.example.com", clientConfig: { ...webhook.clientConfig, ...serviceConfig } },
      ],
    },
    [
      "webhooks[0].clientConfig.url",
      "webhooks[0].clientConfig.url",
      "webhooks[0].clientConfig.url",
      "webhooks[0].clientConfig.url",
      "webhooks[1].clientConfig.service.port",
      "webhooks[1].clientConfig.service.path",
      "webhooks[1].admissionReviewVersions",
      "webhooks[2].clientConfig",
    ],
  ],
  [
    "MutatingWebhookConfiguration",
    {
      webhooks: [
        {
          ...webhook,
          reinvocationPolicy: "Always",
          rules: [
            {
              operations: ["*", "CREATE"],
              apiGroups: ["", "*"],
              apiVersions: ["v1", ""],
              resources: ["*/*", "pods/*", "pods/log"],
              scope: "Some",
            },
            {},
          ],
          matchConditions: [
            { name: "", expression: " " },
            { name: "a", expression: "true" },
            { name: "a", expression: "true" },
          ],
        },
      ],
    },
    [
      "webhooks[0].rules[0].operations",
      "webhooks[0].rules[0].apiGroups",
      "webhooks[0].rules[0].apiVersions[1]",
      "webhooks[0].rules[0].resources[1]",
      "webhooks[0].rules[0].resources[2]",
      "webhooks[0].rules[0].resources",
      "webhooks[0].rules[0].scope",
      "webhooks[0].rules[1].operations",
      "webhooks[0].rules[1].apiGroups",
      "webhooks[0].rules[1].apiVersions",
      "webhooks[0].rules[1].resources",
      "webhooks[0].reinvocationPolicy",
      "webhooks[0].matchConditions[0].expression",
      "webhooks[0].matchConditions[0].name",
      "webhooks[0].matchConditions[2].name",
    ],
  ],
  ["StorageClass", { reclaimPolicy: "Recycle" }, ["provisioner", "reclaimPolicy"]],
  ["VolumeAttachment", { spec: {} }, ["spec.attacher", "spec.source", "spec.nodeName"]],
  ["CSINode", { spec: { drivers: [{ name: "d" }] } }, ["spec.drivers[0].nodeID"]],
  [
    "HorizontalPodAutoscaler",
    { spec: { minReplicas: 2, maxReplicas: 1, metrics: [{ type: "Pods" }] } },
    [
      ...["spec.maxReplicas", "spec.scaleTargetRef.kind", "spec.scaleTargetRef.name", "spec.scaleTargetRef.apiVersion"],
      "spec.metrics[0].pods",
    ],
  ],
];

test("what is wrong is refused at the path where it stands", () => {
  for (const [name, fields, expected] of REFUSED) {
    assert.deepEqual(fieldsRefused(name, make(name, fields)), expected, `${name} ${JSON.stringify(fields)}`);
  }
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Container, PodSpec, Volume } from "../../generated/types.ts";
import { podKind } from "./kind.ts";
import { validatePodTemplate } from "./validation.ts";

const container: Container = { name: "c", image: "x" };
const ofContainer = (fields: Partial<Container>): Partial<PodSpec> => ({ containers: [{ ...container, ...fields }] });
const volumes = (...list: Partial<Volume>[]): Partial<PodSpec> => ({
  volumes: list.map((volume, i) => ({ name: `v${i}`, ...volume })),
});
const keys = (term: object) => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "z", ...term }] },
});
const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
const env = (valueFrom: object) => ofContainer({ env: [{ name: "E", valueFrom }] });
const exitCodes = { operator: "In", values: [1] };
const labelSelector = { matchLabels: { a: "b" } };

/** A spec, and the paths that are wrong with it below `spec`: as upstream 1.36 says. */
const CASES: readonly (readonly [Partial<PodSpec>, ...string[]])[] = [
  [ofContainer({ envFrom: [{}] }), "containers[0].envFrom"],
  [
    ofContainer({ envFrom: [{ prefix: "=", secretRef: { name: "A" } }] }),
    ...["prefix", "secretRef.name"].map((name) => `containers[0].envFrom[0].${name}`),
  ],
  [env({ fieldRef: { fieldPath: "spec.priority" } }), "containers[0].env[0].valueFrom.fieldRef.fieldPath"],
  [env({ fieldRef: { fieldPath: "metadata.labels" } }), "containers[0].env[0].valueFrom.fieldRef.fieldPath"],
  [env({ fieldRef: { fieldPath: "metadata.labels['a/b']" } })],
  [env({ fieldRef: { fieldPath: "metadata.labels['-']" } }), "containers[0].env[0].valueFrom.fieldRef"],
  [
    env({ resourceFieldRef: { resource: "limits.pods", divisor: "2" } }),
    "containers[0].env[0].valueFrom.resourceFieldRef.resource",
  ],
  [
    env({ resourceFieldRef: { resource: "limits.cpu", divisor: "2" } }),
    "containers[0].env[0].valueFrom.resourceFieldRef.divisor",
  ],
  [
    env({ fileKeyRef: { key: "k", volumeName: "none", path: "../p" } }),
    ...["path", "volumeName"].map((name) => `containers[0].env[0].valueFrom.fileKeyRef.${name}`),
  ],
  [
    { ...volumes({ emptyDir: {} }), ...ofContainer({ volumeDevices: [{ name: "v0", devicePath: "/../d" }] }) },
    ...["name", "devicePath"].map((name) => `containers[0].volumeDevices[0].${name}`),
  ],
  [
    {
      ...volumes({ emptyDir: {} }),
      ...ofContainer({
        volumeMounts: [
          { name: "v0", mountPath: "/v", mountPropagation: "Bidirectional", recursiveReadOnly: "Enabled" },
        ],
      }),
    },
    ...["mountPropagation", "recursiveReadOnly", "recursiveReadOnly"].map(
      (name) => `containers[0].volumeMounts.${name}`,
    ),
  ],
  [
    ofContainer({ resizePolicy: [{ resourceName: "pods", restartPolicy: "" }] }),
    ...Array(2).fill("containers[0].resizePolicy"),
  ],
  [ofContainer({ restartPolicyRules: [{ action: "Restart", exitCodes }] }), "containers[0].restartPolicy"],
  [
    ofContainer({ restartPolicy: "Never", restartPolicyRules: [{ action: "Sleep" }] }),
    ...["action", "exitCodes"].map((name) => `containers[0].restartPolicyRules[0].${name}`),
  ],
  [ofContainer({ resources: { requests: { "example.com/gpu": "1" } } }), "containers[0].resources.limits"],
  [
    ofContainer({ resources: { limits: { "example.com/gpu": "1.5", "hugepages-2Mi": "3Mi" } } }),
    ...["limits", "requests"]
      .flatMap((list) => [`${list}[example.com/gpu]`, `${list}[hugepages-2Mi]`])
      .map((name) => `containers[0].resources.${name}`),
    "containers[0].resources",
  ],
  [ofContainer({ resources: { limits: { "kubernetes.io/x": "1" }, requests: { "kubernetes.io/y": "1" } } })],
  [ofContainer({ resources: { claims: [{ name: "none" }] } }), "containers[0].resources.claims[0]"],
  [ofContainer({ lifecycle: { preStop: { sleep: { seconds: 31 } } } }), "containers[0].lifecycle.preStop.sleep"],
  [
    ofContainer({ securityContext: { appArmorProfile: { type: "Localhost" }, windowsOptions: { runAsUserName: "" } } }),
    ...["windowsOptions.runAsUserName", "appArmorProfile.localhostProfile"].map(
      (name) => `containers[0].securityContext.${name}`,
    ),
  ],
  [ofContainer({ securityContext: { windowsOptions: { hostProcess: true } } }), "hostNetwork"],
  [{ os: { name: "plan9" } }, "os"],
  [{ os: { name: "windows" }, securityContext: { runAsUser: 1 } }, "securityContext.runAsUser"],
  [{ hostUsers: false, hostNetwork: true, hostPID: true }, "hostNetwork", "HostPID"],
  [{ hostnameOverride: "A", hostNetwork: true }, "hostnameOverride", "hostnameOverride"],
  [
    { readinessGates: [{ conditionType: "a b" }], schedulingGates: [{ name: "" }] },
    "readinessGates[0].conditionType",
    "schedulingGates[0]",
    "schedulingGates[0]",
  ],
  [{ preemptionPolicy: "Sometimes" }, "preemptionPolicy"],
  [{ resources: { requests: { memory: "1Gi", pods: "1" } } }, "resources.requests[pods]"],
  [
    {
      ...ofContainer({ resources: { requests: { cpu: "2" }, limits: { cpu: "3" } } }),
      resources: { limits: { cpu: "1" }, requests: { cpu: "1" } },
    },
    "resources.requests[cpu]",
    "resources.containers[0][cpu].limits",
  ],
  [{ resourceClaims: [{ name: "A" }] }, "resourceClaims[0].name", "resourceClaims[0]"],
  [
    volumes({ projected: { sources: [{ serviceAccountToken: { path: "", expirationSeconds: 1 } }] } }),
    "volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds",
    "volumes[0].projected.path",
  ],
  [volumes({ downwardAPI: { items: [{ path: "../a" }] } }), "volumes[0].downwardAPI.path", "volumes[0].downwardAPI"],
  [volumes({ image: {} }), "volumes[0].image.reference"],
  [volumes({ csi: { driver: "" } }), "volumes[0].csi.driver"],
  [
    volumes({ ephemeral: { volumeClaimTemplate: { metadata: { name: "x" }, spec: claim } } }),
    "volumes[0].ephemeral.volumeClaimTemplate.metadata.name",
  ],
  [volumes({ emptyDir: {}, downwardAPI: {} }), "volumes[0].downwarAPI"],
  [
    { affinity: keys({ matchLabelKeys: ["a"] }) },
    "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys",
  ],
  [
    { affinity: keys({ labelSelector, matchLabelKeys: ["a"], mismatchLabelKeys: ["a"] }) },
    "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys[0]",
  ],
  [
    {
      affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, preference: {} }] } },
    },
    "affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight",
  ],
  [
    {
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "z", whenUnsatisfiable: "ScheduleAnyway", minDomains: 2 }],
    },
    "topologySpreadConstraints[0].minDomains",
  ],
  [{ tolerations: [{ key: "a", operator: "Lt", value: "5" }] }, "tolerations[0].operator"],
  [
    { ephemeralContainers: [{ name: "e", image: "x", ports: [{ containerPort: 1 }] }] },
    "ephemeralContainers[0].ports",
    "ephemeralContainers",
  ],
];

describe("a pod's spec", () => {
  for (const [fields, ...expected] of CASES) {
    test(JSON.stringify(fields).slice(0, 100), () => {
      const pod = {
        metadata: { name: "p" },
        spec: { serviceAccountName: "a", containers: [structuredClone(container)], ...structuredClone(fields) },
      };
      podKind.applyDefaults?.(pod);
      const found = podKind.validateCreate?.(pod) ?? [];
      assert.deepEqual(found.map(({ field }) => field.replace(/^spec\./, "")).sort(), [...expected].sort());
    });
  }
});

test("a template is told of its own fields without the word metadata, and of its containers alone where it has no spec", () => {
  const template = { metadata: { labels: { "-": "" }, annotations: { "-": "" } } };
  assert.deepEqual(
    validatePodTemplate(template, "template").map(({ field }) => field),
    [
      "template.labels",
      "template.annotations",
      "template.spec.terminationGracePeriodSeconds",
      "template.spec.containers",
      "template.spec.restartPolicy",
      "template.spec.dnsPolicy",
    ],
  );
});

// What makes one manifest unlike the next: the fields of sound objects, chosen again among what users write.

import type { Random } from "@atoll/base/random";
import { chance, pick } from "../differential/random-values.ts";
import type { SampleFields } from "../handover/sample-objects.ts";
import { variedPodSpec } from "./varied-pods.ts";

interface Variation {
  readonly labels: Record<string, string>;
  readonly random: Random;
  readonly number: number;
}

type Fields = Record<string, unknown>;

/** The object's fields with some chosen anew; kinds that have no choices of their own are as sound as they were. */
export function variedFields(kind: string, sound: SampleFields, variation: Variation): SampleFields {
  return { ...sound, ...VARIATIONS[kind]?.(sound, variation) };
}

function templateOf({ labels, random }: Variation, restartPolicy?: string): Fields {
  return {
    metadata: { labels, ...(chance(random, 0.3) ? { annotations: { "example.com/checksum": "0123" } } : {}) },
    spec: { ...variedPodSpec(random), ...(restartPolicy ? { restartPolicy } : {}) },
  };
}

/** Of the sound workload: how many replicas it wants stays as it is. */
function workload(own: (variation: Variation) => Fields) {
  return (sound: SampleFields, variation: Variation): Fields => {
    const { spec } = sound as { spec: Fields }; // every workload has one
    return { spec: { ...spec, template: templateOf(variation), ...own(variation) } };
  };
}

const VARIATIONS: Readonly<Record<string, (sound: SampleFields, variation: Variation) => Fields>> = {
  ConfigMap: (_sound, { random, number }) => ({
    data: {
      "config.yaml": pick(random, ["a: 1\nb:\n- x\n", "", "# nothing\n", "tabs\tand \\ slashes\n"]),
      number: `${number}`,
    },
    ...(chance(random, 0.3) ? { immutable: chance(random, 0.5) } : {}),
  }),
  Secret: (sound, { random }) =>
    pick<Fields>(random, [
      sound,
      { type: "kubernetes.io/basic-auth", stringData: { username: "u", password: "p\n" }, data: undefined },
      { type: "kubernetes.io/dockerconfigjson", stringData: { ".dockerconfigjson": '{"auths":{}}' }, data: undefined },
      { type: "kubernetes.io/ssh-auth", stringData: { "ssh-privatekey": "k" }, data: undefined },
      { type: "example.com/own", stringData: { a: "b" }, data: { c: "ZA==" }, immutable: true },
    ]),
  Pod: (sound, { random }) => {
    const { spec } = sound as { spec: Fields }; // a pod has one
    return { spec: { ...variedPodSpec(random), nodeSelector: spec.nodeSelector } };
  },
  Service: (_sound, { labels, random }) => ({ spec: { selector: labels, ...pick(random, SERVICES) } }),
  Deployment: workload(({ random }) => ({
    ...pick<Fields>(random, [
      {},
      { strategy: { type: "Recreate" } },
      { strategy: { rollingUpdate: { maxSurge: "30%", maxUnavailable: 0 } } },
    ]),
    ...(chance(random, 0.5) ? { revisionHistoryLimit: 2, minReadySeconds: 5, progressDeadlineSeconds: 60 } : {}),
  })),
  ReplicaSet: workload(() => ({})),
  ReplicationController: workload(() => ({})),
  StatefulSet: workload(({ random }) => ({
    ...pick<Fields>(random, [
      {},
      { podManagementPolicy: "Parallel" },
      { updateStrategy: { type: "OnDelete" } },
      { updateStrategy: { rollingUpdate: { partition: 2 } }, ordinals: { start: 3 } },
      { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" } },
    ]),
  })),
  Job: (_sound, variation) => ({
    spec: {
      suspend: true,
      template: templateOf(variation, "Never"),
      ...pick<Fields>(variation.random, [
        {},
        { completions: 5, parallelism: 2, completionMode: "Indexed", backoffLimitPerIndex: 1 },
        { activeDeadlineSeconds: 600, ttlSecondsAfterFinished: 0 },
        {
          podFailurePolicy: {
            rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [1, 2], containerName: "main" } }],
          },
        },
      ]),
    },
  }),
  CronJob: (_sound, variation) => ({
    spec: {
      suspend: true,
      schedule: pick(variation.random, ["*/5 * * * *", "@hourly", "0 0 * * SUN", "15,45 2-4 1 JAN *"]),
      concurrencyPolicy: pick(variation.random, ["Allow", "Forbid", "Replace"]),
      ...(chance(variation.random, 0.5) ? { timeZone: "Etc/UTC", startingDeadlineSeconds: 30 } : {}),
      jobTemplate: { metadata: { labels: variation.labels }, spec: { template: templateOf(variation, "OnFailure") } },
    },
  }),
  PersistentVolumeClaim: (sound, { random }) => {
    const { spec } = sound as { spec: Fields }; // a claim has one
    return { spec: { ...spec, ...pick(random, CLAIMS) } };
  },
  HorizontalPodAutoscaler: (sound, { random }) => {
    const { spec } = sound as { spec: Fields }; // an autoscaler has one
    return { spec: { ...spec, ...pick(random, SCALINGS) } };
  },
  ResourceQuota: () => ({ spec: { hard: { pods: "1k", "requests.cpu": "100k", "count/jobs.batch": "2k" } } }),
  LimitRange: () => ({
    spec: {
      limits: [
        {
          type: "Container",
          max: { cpu: "2" },
          min: { cpu: "1m" },
          default: { cpu: "500m" },
          defaultRequest: { cpu: "100m" },
        },
        { type: "PersistentVolumeClaim", min: { storage: "1Mi" } },
      ],
    },
  }),
  EndpointSlice: () => ({
    endpoints: [{ addresses: ["2001:db8::1"], conditions: { ready: true, serving: true, terminating: false } }],
    ports: [{ name: "http", port: 80, protocol: "TCP" }],
  }),
  PodDisruptionBudget: (_sound, { labels, random }) => ({
    spec: { selector: { matchLabels: labels }, ...pick(random, BUDGETS) },
  }),
  Ingress: (sound, { random }) => pick(random, [sound, ...INGRESSES]),
  NetworkPolicy: (sound, { random }) => pick(random, [sound, ...POLICIES]),
  Role: (_sound, { random }) => ({ rules: pick(random, RULES) }),
  ClusterRole: (_sound, { random }) => ({ rules: pick(random, RULES) }),
  StorageClass: (sound, { random }) => ({
    ...sound,
    reclaimPolicy: pick(random, ["Retain", "Delete"]),
    allowVolumeExpansion: chance(random, 0.5),
    volumeBindingMode: pick(random, ["Immediate", "WaitForFirstConsumer"]),
  }),
};

const SERVICES: readonly Fields[] = [
  { ports: [{ port: 80 }] },
  {
    ports: [
      { name: "http", port: 80, targetPort: "web" },
      { name: "dns", port: 53, protocol: "UDP" },
    ],
  },
  { type: "NodePort", ports: [{ port: 443, targetPort: 8443 }], externalTrafficPolicy: "Local" },
  { type: "LoadBalancer", ports: [{ port: 80 }], loadBalancerSourceRanges: ["10.0.0.0/8"] },
  { type: "ExternalName", externalName: "db.example.com" },
  { clusterIP: "None", ports: [{ port: 5432, appProtocol: "example.com/pg" }], publishNotReadyAddresses: true },
  { ports: [{ port: 80 }], sessionAffinity: "ClientIP", internalTrafficPolicy: "Local" },
  { ports: [{ port: 80 }], ipFamilyPolicy: "PreferDualStack", externalIPs: ["192.0.2.7"] },
];
const CLAIMS: readonly Fields[] = [
  {},
  { volumeMode: "Block" },
  { accessModes: ["ReadWriteOncePod"], resources: { requests: { storage: "500M" }, limits: { storage: "1Gi" } } },
  { selector: { matchLabels: { tier: "gold" } }, storageClassName: "" },
  { dataSource: { kind: "PersistentVolumeClaim", name: "other" } },
];
const SCALINGS: readonly Fields[] = [
  {},
  {
    minReplicas: 2,
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } }],
  },
  {
    metrics: [
      {
        type: "External",
        external: {
          metric: { name: "q", selector: { matchLabels: { a: "b" } } },
          target: { type: "AverageValue", averageValue: "30" },
        },
      },
    ],
  },
];
const BUDGETS: readonly Fields[] = [
  { minAvailable: 1 },
  { maxUnavailable: "25%" },
  { maxUnavailable: 0, unhealthyPodEvictionPolicy: "AlwaysAllow" },
];
const INGRESSES: readonly Fields[] = [
  { spec: { defaultBackend: { service: { name: "s", port: { name: "http" } } } } },
  {
    spec: {
      ingressClassName: "none",
      tls: [{ hosts: ["a.example.com"], secretName: "t" }],
      rules: [
        {
          host: "a.example.com",
          http: {
            paths: [
              { path: "/api", pathType: "Exact", backend: { service: { name: "s", port: { number: 8080 } } } },
              {
                pathType: "ImplementationSpecific",
                backend: { resource: { apiGroup: "example.com", kind: "B", name: "b" } },
              },
            ],
          },
        },
      ],
    },
  },
];
const POLICIES: readonly Fields[] = [
  { spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
  { spec: { podSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] }, egress: [{}] } },
  {
    spec: {
      podSelector: {},
      ingress: [
        {
          from: [{ namespaceSelector: {} }, { podSelector: { matchLabels: { a: "b" } } }],
          ports: [{ protocol: "UDP", port: "dns" }],
        },
      ],
    },
  },
];
const RULES: readonly (readonly Fields[])[] = [
  [{ apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list", "watch"] }],
  [{ apiGroups: ["apps"], resources: ["deployments"], resourceNames: ["web"], verbs: ["*"] }],
  [{ apiGroups: ["*"], resources: ["*/scale"], verbs: ["patch", "update"] }],
];

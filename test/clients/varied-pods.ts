// Pods as users describe them: every part of a pod that is chosen in one word or another, in combinations from one seed.

import type { Random } from "@atoll/base/random";
import { chance, pick } from "../differential/random-values.ts";

type Fields = Record<string, unknown>;

/** Sound, and without a wish for any node. */
export function variedPodSpec(random: Random): Fields {
  const some = (probability: number, fields: () => Fields): Fields => (chance(random, probability) ? fields() : {});
  return {
    containers: [containerOf("main", random), ...(chance(random, 0.4) ? [containerOf("side", random)] : [])],
    ...some(0.3, () => ({
      initContainers: [{ ...containerOf("init", random, { isPlain: true }), ...pick(random, INITS) }],
    })),
    volumes: VOLUMES,
    ...some(0.3, () => ({ affinity: pick(random, AFFINITIES) })),
    ...some(0.3, () => ({ tolerations: pick(random, TOLERATIONS) })),
    ...some(0.3, () => ({ securityContext: pick(random, POD_CONTEXTS) })),
    ...some(0.2, () => ({ topologySpreadConstraints: SPREADS })),
    ...some(0.2, () => ({
      dnsPolicy: "None",
      dnsConfig: { nameservers: ["192.0.2.53"], options: [{ name: "ndots", value: "2" }] },
    })),
    ...some(0.2, () => ({ hostAliases: [{ ip: "192.0.2.1", hostnames: ["a.example.com", "b.example.com"] }] })),
    ...some(0.2, () => ({ imagePullSecrets: [{ name: "one" }, { name: "two" }] })),
    ...some(0.2, () => ({ readinessGates: [{ conditionType: "example.com/gate" }] })),
    ...some(0.2, () => ({
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      shareProcessNamespace: true,
    })),
    ...some(0.5, () => ({ terminationGracePeriodSeconds: pick(random, [0, 1, 30, 600]) })),
  };
}

function containerOf(name: string, random: Random, { isPlain = false } = {}): Fields {
  const some = (probability: number, fields: () => Fields): Fields => (chance(random, probability) ? fields() : {});
  return {
    name,
    image: pick(random, [
      "example.com/a",
      "example.com/a:latest",
      "example.com/b:1.2",
      `example.com/c@sha256:${"0".repeat(64)}`,
    ]),
    ...some(0.4, () => ({ command: ["sh", "-c"], args: ["echo $(POD) $$; sleep 1"] })),
    ...some(0.5, () => ({ env: pick(random, ENVIRONMENTS) })),
    ...some(0.2, () => ({
      envFrom: [{ configMapRef: { name: "c", optional: true } }, { prefix: "P_", secretRef: { name: "s" } }],
    })),
    ...some(0.4, () => ({ ports: pick(random, PORTS) })),
    ...some(0.6, () => ({ resources: pick(random, RESOURCES) })),
    ...some(0.4, () => ({
      volumeMounts: [
        { name: "scratch", mountPath: "/scratch", subPath: "a/b" },
        { name: "all", mountPath: "/all", readOnly: true },
      ],
    })),
    ...some(0.3, () => ({ securityContext: pick(random, CONTEXTS) })),
    ...(isPlain
      ? {}
      : some(0.5, () => ({ livenessProbe: pick(random, PROBES), readinessProbe: pick(random, PROBES) }))),
    ...(isPlain
      ? {}
      : some(0.2, () => ({
          lifecycle: { preStop: { exec: { command: ["true"] } }, postStart: { httpGet: { port: 80 } } },
        }))),
    ...some(0.2, () => ({
      terminationMessagePolicy: "FallbackToLogsOnError",
      imagePullPolicy: "Never",
      stdin: true,
      tty: true,
    })),
  };
}

const INITS: readonly Fields[] = [{}, { restartPolicy: "Always" }];
const VOLUMES: readonly Fields[] = [
  { name: "scratch", emptyDir: { sizeLimit: "1536Mi", medium: "Memory" } },
  {
    name: "all",
    projected: {
      sources: [
        { configMap: { name: "c", items: [{ key: "k", path: "p/q", mode: 0o400 }] } },
        { secret: { name: "s" } },
        { downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
        { serviceAccountToken: { path: "token", audience: "example.com" } },
      ],
    },
  },
];
const ENVIRONMENTS: readonly (readonly Fields[])[] = [
  [
    { name: "A", value: "1" },
    { name: "EMPTY", value: "" },
    { name: "B", value: "$(A)-x" },
  ],
  [
    { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } } },
    { name: "KEY", valueFrom: { secretKeyRef: { name: "s", key: "k", optional: true } } },
  ],
];
const PORTS: readonly (readonly Fields[])[] = [
  [{ containerPort: 80 }],
  [
    { name: "web", containerPort: 8080, protocol: "TCP" },
    { name: "dns", containerPort: 53, protocol: "UDP" },
  ],
];
const RESOURCES: readonly Fields[] = [
  { requests: { cpu: "100m", memory: "64Mi" } },
  { limits: { cpu: "1500m", memory: "1G", "ephemeral-storage": "2Gi" } },
  { requests: { cpu: "250m" }, limits: { memory: "512Mi", "example.com/gpu": "2" } },
];
const CONTEXTS: readonly Fields[] = [
  { runAsNonRoot: true, runAsUser: 1000, capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } },
  { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, seccompProfile: { type: "RuntimeDefault" } },
];
const POD_CONTEXTS: readonly Fields[] = [
  { fsGroup: 2000, supplementalGroups: [1, 2], fsGroupChangePolicy: "OnRootMismatch" },
  { runAsUser: 0, seccompProfile: { type: "Localhost", localhostProfile: "p.json" } },
];
const PROBES: readonly Fields[] = [
  { httpGet: { path: "/healthz", port: 8080, httpHeaders: [{ name: "X-A", value: "b" }] }, periodSeconds: 3 },
  { tcpSocket: { port: "web" }, initialDelaySeconds: 2, timeoutSeconds: 2 },
  { exec: { command: ["cat", "/ok"] } },
  { grpc: { port: 9000, service: "s" } },
];
const AFFINITIES: readonly Fields[] = [
  {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator: "In", values: ["a", "b"] }] }],
      },
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 5, preference: { matchFields: [{ key: "metadata.name", operator: "NotIn", values: ["n"] }] } },
      ],
    },
  },
  {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "web" } } },
        },
      ],
    },
  },
];
const TOLERATIONS: readonly (readonly Fields[])[] = [
  [{ operator: "Exists" }],
  [
    { key: "a", value: "b", effect: "NoExecute", tolerationSeconds: 60 },
    { key: "c", operator: "Exists", effect: "NoSchedule" },
  ],
];
const SPREADS: readonly Fields[] = [
  {
    maxSkew: 1,
    topologyKey: "zone",
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: { app: "web" } },
  },
];

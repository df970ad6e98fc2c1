// Sound or nearly sound objects of kinds whose fields depend on each other, drawn anew each time: what one sample with random
// changes hardly ever comes to.

import type { Resource } from "@atoll/api/resource";
import type { Random } from "@atoll/base/random";
import { chance, pick } from "./random-values.ts";
import { variedPod } from "./varied-pods.ts";

type Fields = Record<string, unknown>;

export interface SampleOptions {
  readonly random: Random;
  readonly number: number;
  readonly labels: Record<string, string>;
}

/** Undefined: of this kind there is one sample only. */
export function variedFields({ group, kind }: Resource, options: SampleOptions): Fields | undefined {
  return VARIED[group === "" ? kind : `${kind}.${group}`]?.(options);
}

const VARIED: Readonly<Record<string, (options: SampleOptions) => Fields>> = {
  Service: variedService,
  Pod: (options) => ({ spec: variedPod(options) }),
  PodTemplate: (options) => ({ template: { metadata: { labels: options.labels }, spec: variedPod(options) } }),
  ReplicationController: (options) => ({
    spec: {
      ...{ replicas: pick(options.random, [0, 1, 3]), minReadySeconds: pick(options.random, [0, 5]) },
      ...(chance(options.random, 0.8) ? { selector: options.labels } : {}),
      template: { metadata: { labels: options.labels }, spec: variedPod(options) },
    },
  }),
  Namespace: ({ random }) => ({ spec: { finalizers: pick(random, [["kubernetes"], [], ["example.com/a"], ["own"]]) } }),
  Secret: variedSecret,
  ConfigMap: ({ random, number }) => ({
    data: { a: `${number}` },
    ...(chance(random, 0.3) ? { immutable: chance(random, 0.7) } : {}),
    ...(chance(random, 0.3) ? { binaryData: { [pick(random, ["a", "b"])]: "AAEC" } } : {}),
  }),
  ServiceAccount: ({ random }) => ({
    secrets: [{ name: pick(random, ["s", "S", ""]) }],
    imagePullSecrets: [{ name: "p" }, {}].slice(pick(random, [0, 1])),
  }),
  Endpoints: variedEndpoints,
  Event: variedEvent,
  "Event.events.k8s.io": variedNewerEvent,
  LimitRange: variedLimits,
  ResourceQuota: variedQuota,
  PersistentVolume: variedVolume,
  PersistentVolumeClaim: variedClaim,
};

/** Each with its chance, so that most objects have a few of them. */
export function someOf(random: Random, probability: number, fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(() => chance(random, probability)));
}

const SERVICE_TYPES = [
  "ClusterIP",
  "ClusterIP",
  "NodePort",
  "NodePort",
  "LoadBalancer",
  "LoadBalancer",
  "ExternalName",
];
/** Below what servers give out by themselves. */
const NODE_PORT_MIN = 30_000;
const NODE_PORTS = 80;

function variedService({ random, number, labels }: SampleOptions): Fields {
  const type = pick(random, SERVICE_TYPES);
  const ownAddress = `10.96.0.${100 + (number % 100)}`;
  const port = (i: number) => ({
    port: pick(random, [80, 443, 8080 + i]),
    ...someOf(random, 0.4, {
      name: pick(random, ["http", "https", `p${i}`]),
      protocol: pick(random, ["TCP", "UDP", "SCTP"]),
      targetPort: pick(random, [8080, "web", 0, ""]),
      appProtocol: pick(random, ["http", "kubernetes.io/h2c", "UPPER case"]),
    }),
    ...someOf(random, type === "ClusterIP" ? 0.05 : 0.3, { nodePort: NODE_PORT_MIN + ((number + i) % NODE_PORTS) }),
  });
  const ports = Array.from({ length: pick(random, [0, 1, 1, 1, 2, 3]) }, (_, i) => port(i));
  const families = pick(random, [["IPv4"], ["IPv6"], ["IPv4", "IPv6"], ["IPv6", "IPv4"], ["IPv4", "IPv4"], []]);
  const isBalanced = type === "LoadBalancer";
  return {
    spec: {
      ...{ type, ports, selector: labels },
      ...someOf(random, type === "ExternalName" ? 0.9 : 0.05, {
        externalName: pick(random, ["a.example.com.", "B", ""]),
      }),
      ...someOf(random, 0.15, {
        clusterIP: pick(random, ["None", "None", ownAddress, "", "10.0.0.1", "x"]),
        ipFamilies: families,
        ipFamilyPolicy: pick(random, ["SingleStack", "PreferDualStack", "RequireDualStack", "Both"]),
        externalIPs: pick(random, [["192.0.2.7"], ["2001:DB8::1"], ["127.0.0.1"], ["010.0.0.1"], ["x"]]),
        internalTrafficPolicy: pick(random, ["Cluster", "Local", "None"]),
        trafficDistribution: pick(random, ["PreferClose", "PreferSameNode", "PreferAny"]),
        publishNotReadyAddresses: true,
        sessionAffinity: pick(random, ["ClientIP", "None", "Always"]),
        sessionAffinityConfig: { clientIP: { timeoutSeconds: pick(random, [10, 0, 86_401]) } },
      }),
      ...someOf(random, 0.08, { clusterIPs: pick(random, [["None"], [ownAddress], [ownAddress, "2001:db8::9"], []]) }),
      ...someOf(random, isBalanced ? 0.3 : 0.04, {
        externalTrafficPolicy: pick(random, ["Cluster", "Local", "Nobody"]),
        loadBalancerIP: pick(random, ["192.0.2.9", "x"]),
        loadBalancerClass: pick(random, ["example.com/lb", "lb", "-"]),
        loadBalancerSourceRanges: pick(random, [["192.0.2.0/24"], [" 192.0.2.0/24 "], ["192.0.2.1/24"], ["x"]]),
        allocateLoadBalancerNodePorts: chance(random, 0.5),
        healthCheckNodePort: pick(random, [0, NODE_PORT_MIN + (number % NODE_PORTS), 80]),
      }),
    },
  };
}

const SECRET_DATA: Readonly<Record<string, Fields>> = {
  "kubernetes.io/dockerconfigjson": { ".dockerconfigjson": "e30=" },
  "kubernetes.io/dockercfg": { ".dockercfg": "e30=" },
  "kubernetes.io/basic-auth": { username: "YQ==" },
  "kubernetes.io/ssh-auth": { "ssh-privatekey": "YQ==" },
  "kubernetes.io/tls": { "tls.crt": "YQ==", "tls.key": "YQ==" },
  "bootstrap.kubernetes.io/token": { "token-id": "YWJjZGVm" },
  "kubernetes.io/service-account-token": {},
  "example.com/own": { a: "YQ==" },
};

function variedSecret({ random }: SampleOptions): Fields {
  const type = pick(random, Object.keys(SECRET_DATA));
  return {
    type,
    data: chance(random, 0.8) ? SECRET_DATA[type] : { a: "eA==" },
    ...someOf(random, 0.25, { stringData: { b: "text", a: "other" }, immutable: true }),
  };
}

function variedEndpoints({ random }: SampleOptions): Fields {
  const address = () => ({
    ip: pick(random, ["10.0.0.1", "2001:DB8::1", "127.0.0.1", "010.0.0.1", "x"]),
    ...someOf(random, 0.3, { hostname: pick(random, ["h", "H"]), nodeName: pick(random, ["n", "N"]) }),
    ...someOf(random, 0.3, { targetRef: { kind: "Pod", name: "p", namespace: "compared" } }),
  });
  const port = (i: number) => ({
    port: pick(random, [80, 0, 65_536]),
    ...someOf(random, 0.5, { name: pick(random, [`p${i}`, "P"]), protocol: pick(random, ["TCP", "SCTP", "ICMP"]) }),
  });
  const subset = () => ({
    ...someOf(random, 0.7, { addresses: [address()], notReadyAddresses: [address(), address()] }),
    ports: Array.from({ length: pick(random, [0, 1, 2]) }, (_, i) => port(i)),
  });
  return { subsets: Array.from({ length: pick(random, [1, 1, 2]) }, subset) };
}

const PEOPLE = { reportingInstance: "i", action: "Sampled", reason: "Sampled" };

function variedEvent({ random, number }: SampleOptions): Fields {
  return {
    involvedObject: { kind: "Pod", name: "p", namespace: pick(random, ["compared", "compared", "other", ""]) },
    ...someOf(random, 0.7, PEOPLE),
    ...someOf(random, 0.4, {
      eventTime: "2026-01-01T00:00:00.123456Z",
      reportingComponent: pick(random, ["example.com/c", "-"]),
      series: { count: pick(random, [1, 2]), lastObservedTime: "2026-01-01T00:00:00.123456Z" },
      message: `number ${number}`,
      type: pick(random, ["Normal", "Sad"]),
    }),
  };
}

function variedNewerEvent({ random, number }: SampleOptions): Fields {
  return {
    regarding: { kind: "Pod", name: "p", namespace: "compared" },
    ...{ ...PEOPLE, reportingController: "example.com/c", type: "Normal", note: `number ${number}` },
    eventTime: "2026-01-01T00:00:00.123456Z",
    ...someOf(random, 0.2, {
      series: { count: pick(random, [1, 2]), lastObservedTime: "2026-01-01T00:00:00.123456Z" },
      type: "Sad",
      deprecatedCount: 1,
      deprecatedFirstTimestamp: "2026-01-01T00:00:00Z",
      deprecatedSource: { component: "c" },
    }),
  };
}

const AMOUNTS = ["1", "2", "500m", "1Gi", "1.5", "-1", "0"];

function amountsOf(random: Random, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter(() => chance(random, 0.6)).map((name) => [name, pick(random, AMOUNTS)]));
}

function variedLimits({ random }: SampleOptions): Fields {
  const names = ["cpu", "memory", "example.com/gpu", pick(random, ["storage", "pods", "hugepages-2Mi", "x"])];
  const limit = () => ({
    type: pick(random, ["Container", "Container", "Pod", "PersistentVolumeClaim", "example.com/x", "x"]),
    ...someOf(random, 0.5, {
      max: amountsOf(random, names),
      min: amountsOf(random, names),
      default: amountsOf(random, names),
      defaultRequest: amountsOf(random, names),
    }),
    ...someOf(random, 0.2, { maxLimitRequestRatio: amountsOf(random, names) }),
  });
  return { spec: { limits: Array.from({ length: pick(random, [1, 2]) }, limit) } };
}

const SCOPES = ["BestEffort", "NotBestEffort", "Terminating", "PriorityClass", "VolumeAttributesClass", "None"];

function variedQuota({ random }: SampleOptions): Fields {
  const names = [
    "pods",
    "requests.cpu",
    "limits.memory",
    "count/jobs.batch",
    "services.nodeports",
    "x",
    "hugepages-2Mi",
  ];
  // Large enough to refuse nothing: what a quota refuses depends on what else there is.
  const hard = Object.fromEntries(
    names.filter(() => chance(random, 0.4)).map((name) => [name, pick(random, ["1k", "1M", "1.5"])]),
  );
  const expression = () => ({
    scopeName: pick(random, SCOPES),
    operator: pick(random, ["In", "NotIn", "Exists", "DoesNotExist", "Is"]),
    ...someOf(random, 0.5, { values: ["a"] }),
  });
  return {
    spec: {
      hard,
      ...someOf(random, 0.4, {
        scopes: Array.from({ length: pick(random, [1, 2]) }, () => pick(random, SCOPES)),
        scopeSelector: { matchExpressions: [expression(), expression()].slice(pick(random, [0, 1])) },
      }),
    },
  };
}

const VOLUME_SOURCES: readonly Fields[] = [
  { nfs: { server: "s", path: "/" } },
  { hostPath: { path: "/a" } },
  { csi: { driver: "d.example.com", volumeHandle: "h" } },
  { local: { path: "/a" } },
  { iscsi: { targetPortal: "a:1", iqn: "iqn.2001-04.com.example:s", lun: 1 } },
  { rbd: { monitors: ["m"], image: "i" } },
  { azureDisk: { diskName: "d", diskURI: "https://a/b" } },
  { scaleIO: { gateway: "g", system: "s", secretRef: { name: "s" }, volumeName: "v" } },
];
const ACCESS_MODES = [["ReadWriteOnce"], ["ReadWriteMany", "ReadOnlyMany"], ["ReadWriteOncePod"], ["Sometimes"], []];

function variedVolume({ random }: SampleOptions): Fields {
  const terms = [{ matchExpressions: [{ key: "zone", operator: pick(random, ["In", "Exists"]), values: ["a"] }] }];
  return {
    spec: {
      ...pick(random, VOLUME_SOURCES),
      ...(chance(random, 0.1) ? pick(random, VOLUME_SOURCES) : {}),
      accessModes: pick(random, ACCESS_MODES),
      capacity: { storage: pick(random, ["1Gi", "1Gi", "0", "-1", "1.5"]) },
      ...someOf(random, 0.3, {
        persistentVolumeReclaimPolicy: pick(random, ["Retain", "Recycle", "Delete", "Keep"]),
        storageClassName: pick(random, ["a", "A"]),
        volumeMode: pick(random, ["Block", "Filesystem", "Tape"]),
        nodeAffinity: { required: { nodeSelectorTerms: terms } },
        mountOptions: ["ro"],
        claimRef: { kind: "PersistentVolumeClaim", namespace: "compared", name: "c" },
        volumeAttributesClassName: pick(random, ["a", ""]),
      }),
    },
  };
}

function variedClaim({ random, labels }: SampleOptions): Fields {
  const source = () => ({
    kind: pick(random, ["PersistentVolumeClaim", "VolumeSnapshot", "Backup"]),
    name: pick(random, ["a", "b"]),
    ...someOf(random, 0.5, { apiGroup: pick(random, ["snapshot.storage.k8s.io", "example.com", ""]) }),
  });
  return {
    spec: {
      accessModes: pick(random, ACCESS_MODES),
      resources: { requests: { storage: pick(random, ["1Gi", "2Gi", "1.5", "0"]) } },
      ...someOf(random, 0.3, {
        storageClassName: pick(random, ["a", "", "A"]),
        volumeName: "v",
        volumeMode: pick(random, ["Block", "Filesystem", "Tape"]),
        selector: { matchLabels: labels },
        dataSource: source(),
        dataSourceRef: { ...source(), ...someOf(random, 0.2, { namespace: "other" }) },
        volumeAttributesClassName: pick(random, ["a", ""]),
      }),
    },
  };
}

// Specs of pods with a few of their many fields, among them those that the levels of Pod Security look at.

import type { Random } from "@atoll/base/random";
import { chance, pick } from "./random-values.ts";

type Fields = Record<string, unknown>;
type Draw = (random: Random) => unknown;

export interface PodOptions {
  readonly random: Random;
  readonly labels: Record<string, string>;
}

/** Each field is there with this chance. */
const FIELD_CHANCE = 0.09;

export function variedPod({ random, labels }: PodOptions): Fields {
  const isRestricted = chance(random, 0.3);
  const containers = Array.from({ length: pick(random, [1, 1, 2]) }, (_, i) =>
    variedContainer(random, i, isRestricted),
  );
  return {
    containers,
    nodeSelector: { "example.com/nowhere": "true" },
    terminationGracePeriodSeconds: pick(random, [5, 0, 30]),
    ...(isRestricted ? { securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } } } : {}),
    ...fieldsOf(random, POD_FIELDS),
    ...(chance(random, 0.1) ? { initContainers: [variedContainer(random, 10, isRestricted)] } : {}),
    ...(chance(random, 0.1) ? { topologySpreadConstraints: [variedSpread(random, labels)] } : {}),
    ...(chance(random, 0.1) ? { affinity: variedAffinity(random, labels) } : {}),
  };
}

function fieldsOf(random: Random, fields: Readonly<Record<string, Draw>>): Fields {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(() => chance(random, FIELD_CHANCE))
      .map(([name, draw]) => [name, draw(random)]),
  );
}

const oneOf =
  (...choices: readonly unknown[]): Draw =>
  (random) =>
    pick(random, choices);
const yes = oneOf(true, true, false);
const id = oneOf(0, 1000, -1);

const VOLUMES: Readonly<Record<string, Draw>> = {
  emptyDir: oneOf({}, { sizeLimit: "1Gi" }, { medium: "Memory", sizeLimit: "-1" }),
  hostPath: oneOf({ path: "/a" }, { path: "/a/../b" }, { path: "", type: "File" }),
  configMap: oneOf({ name: "m" }, { name: "m", items: [{ key: "k", path: "../p" }] }, { defaultMode: 512 }),
  secret: oneOf({ secretName: "s" }, {}, { secretName: "s", defaultMode: 0o777 }),
  downwardAPI: oneOf(
    { items: [{ path: "p", fieldRef: { fieldPath: "metadata.labels" } }] },
    { items: [{ path: "p", resourceFieldRef: { resource: "limits.cpu" } }] },
    { items: [{ path: "..p", fieldRef: { fieldPath: "metadata.labels['a']" } }] },
  ),
  projected: oneOf(
    { sources: [{ serviceAccountToken: { path: "token" } }, { configMap: { name: "m" } }] },
    { sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 5 } }] },
    { sources: [{ secret: { name: "s", items: [{ key: "k", path: "p" }] } }, { secret: {} }] },
    { sources: [{ clusterTrustBundle: { name: "b", path: "p" } }, {}] },
  ),
  ephemeral: oneOf(
    { volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } } },
    { volumeClaimTemplate: { metadata: { name: "n" }, spec: {} } },
    {},
  ),
  csi: oneOf({ driver: "d.example.com" }, { driver: "", nodePublishSecretRef: { name: "S" } }),
  image: oneOf({ reference: "example.com/i" }, { reference: "example.com/i:1", pullPolicy: "Never" }, {}),
  persistentVolumeClaim: oneOf({ claimName: "c" }, {}),
  nfs: oneOf({ server: "s", path: "/" }, { server: "", path: "a" }),
  iscsi: oneOf(
    { targetPortal: "a:1", iqn: "iqn.2001-04.com.example:s", lun: 1 },
    { targetPortal: "a", iqn: "x", lun: 1 },
  ),
  gitRepo: oneOf({ repository: "r" }, { repository: "", directory: "/d" }),
  azureDisk: oneOf({ diskName: "d", diskURI: "https://a" }, { diskName: "d", diskURI: "x", kind: "Managed" }),
};

function variedVolumes(random: Random): Fields[] {
  return Array.from({ length: pick(random, [1, 2]) }, (_, i) => {
    const [name, other] = [pick(random, Object.keys(VOLUMES)), pick(random, Object.keys(VOLUMES))];
    const names = chance(random, 0.1) ? [name, other] : [name];
    const sources = Object.fromEntries(names.map((source) => [source, VOLUMES[source]?.(random)]));
    return { name: pick(random, [`v${i}`, "v0"]), ...(chance(random, 0.95) ? sources : {}) };
  });
}

const POD_FIELDS: Readonly<Record<string, Draw>> = {
  volumes: variedVolumes,
  restartPolicy: oneOf("Always", "OnFailure", "Never", "Sometimes"),
  dnsPolicy: oneOf("Default", "None", "ClusterFirstWithHostNet", "Own"),
  dnsConfig: oneOf({ nameservers: ["192.0.2.1"] }, { nameservers: ["x"], searches: ["a_b.", "."] }, { options: [{}] }),
  hostNetwork: yes,
  hostPID: yes,
  hostIPC: yes,
  hostUsers: oneOf(false, true),
  shareProcessNamespace: yes,
  hostname: oneOf("h", "H"),
  hostnameOverride: oneOf("h.example.com", "H"),
  setHostnameAsFQDN: yes,
  subdomain: oneOf("s", "a.b"),
  nodeName: oneOf("n", "N"),
  schedulerName: oneOf("own", "default-scheduler"),
  serviceAccountName: oneOf("default", "none", "A"),
  automountServiceAccountToken: yes,
  enableServiceLinks: yes,
  activeDeadlineSeconds: oneOf(1, 0, 2_147_483_648),
  preemptionPolicy: oneOf("Never", "PreemptLowerPriority", "Other"),
  runtimeClassName: oneOf("none", "N"),
  priorityClassName: oneOf("system-node-critical", "none"),
  overhead: oneOf({ cpu: "1" }, { "example.com/x": "1.5" }),
  os: oneOf({ name: "linux" }, { name: "windows" }, { name: "plan9" }),
  imagePullSecrets: oneOf([{ name: "s" }], [{}]),
  hostAliases: oneOf([{ ip: "192.0.2.1", hostnames: ["a"] }], [{ ip: "x", hostnames: ["A"] }]),
  tolerations: oneOf(
    [{ operator: "Exists" }],
    [
      { key: "a", operator: "Exists", value: "b" },
      { key: "b", operator: "Lt", value: "3" },
    ],
    [{ key: "a", effect: "NoExecute", tolerationSeconds: 5 }, { effect: "None" }],
  ),
  readinessGates: oneOf([{ conditionType: "example.com/ready" }], [{ conditionType: "" }]),
  schedulingGates: oneOf([{ name: "example.com/gate" }], [{ name: "g" }, { name: "g" }]),
  resourceClaims: oneOf(
    [{ name: "c", resourceClaimName: "r" }],
    [{ name: "c" }],
    [{ name: "C", resourceClaimTemplateName: "t" }],
  ),
  resources: oneOf({ limits: { cpu: "1", memory: "2Gi" } }, { requests: { cpu: "1m" } }, { limits: { pods: "1" } }),
  schedulingGroup: oneOf({ podGroupName: "g" }),
  ephemeralContainers: oneOf([{ name: "e", image: "i" }]),
  securityContext: (random) => fieldsOf(random, { ...SECURITY_OF_POD, ...SECURITY_OF_POD_AGAIN }),
};

const SECCOMP = oneOf(
  { type: "RuntimeDefault" },
  { type: "Unconfined" },
  { type: "Localhost", localhostProfile: "p" },
  { type: "Localhost" },
  { type: "Other", localhostProfile: "p" },
);
const APP_ARMOR = oneOf({ type: "RuntimeDefault" }, { type: "Unconfined" }, { type: "Localhost" }, { type: "" });
const SELINUX = oneOf({ type: "container_t" }, { user: "u", type: "spc_t" }, { role: "r" });
const WINDOWS = oneOf(
  { hostProcess: true },
  { runAsUserName: "ContainerAdministrator" },
  { runAsUserName: "a\\b\\c" },
  {},
);

const SECURITY_OF_POD: Readonly<Record<string, Draw>> = {
  runAsNonRoot: yes,
  runAsUser: id,
  runAsGroup: id,
  fsGroup: id,
  supplementalGroups: oneOf([0, 1], [-1]),
  seccompProfile: SECCOMP,
  appArmorProfile: APP_ARMOR,
  seLinuxOptions: SELINUX,
};
const SECURITY_OF_POD_AGAIN: Readonly<Record<string, Draw>> = {
  sysctls: oneOf(
    [{ name: "kernel.shm_rmid_forced", value: "1" }],
    [{ name: "kernel.msgmax", value: "1" }],
    [{ name: "net.core.somaxconn", value: "1" }],
    [
      { name: "A", value: "" },
      { name: "A", value: "" },
    ],
  ),
  fsGroupChangePolicy: oneOf("Always", "Sometimes"),
  supplementalGroupsPolicy: oneOf("Strict", "Loose"),
  seLinuxChangePolicy: oneOf("Recursive", "MountOption"),
  windowsOptions: WINDOWS,
};

const PROBE = oneOf(
  { httpGet: { port: 80 } },
  { httpGet: { port: "web", scheme: "GOPHER", httpHeaders: [{ name: "a b", value: "c" }], host: "h" } },
  { tcpSocket: { port: 0 } },
  { grpc: { port: 80 } },
  { exec: {} },
  { exec: { command: ["a"] }, tcpSocket: { port: 1 } },
  { exec: { command: ["a"] }, successThreshold: 2, terminationGracePeriodSeconds: 3, periodSeconds: -1 },
  {},
);

const CONTAINER_FIELDS: Readonly<Record<string, Draw>> = {
  imagePullPolicy: oneOf("Always", "Never", "Once"),
  ports: oneOf(
    [{ containerPort: 80, name: "web" }],
    [{ containerPort: 80, hostPort: 80 }],
    [{ containerPort: 80, hostPort: 81, protocol: "UDP", hostIP: "192.0.2.1" }],
    [
      { containerPort: 0, name: "Web" },
      { containerPort: 65_536, protocol: "ICMP" },
    ],
  ),
  env: oneOf(
    [
      { name: "A", value: "b" },
      { name: "A", value: "c" },
    ],
    [{ name: "A", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }],
    [{ name: "A=", valueFrom: { fieldRef: { fieldPath: "spec.none" } } }],
    [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } } }],
    [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.x", divisor: "3" } } }],
    [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" }, configMapKeyRef: { name: "", key: "" } } }],
    [{ name: "A", value: "b", valueFrom: {} }],
  ),
  envFrom: oneOf([{ configMapRef: { name: "m" } }], [{ secretRef: {}, prefix: "p=" }], [{}]),
  volumeMounts: oneOf(
    [{ name: "v0", mountPath: "/v" }],
    [{ name: "v0", mountPath: "/v", subPath: "../a", subPathExpr: "/b" }],
    [{ name: "v0", mountPath: "", readOnly: true, recursiveReadOnly: "Enabled", mountPropagation: "HostToContainer" }],
    [{ name: "v0", mountPath: "/v:a", mountPropagation: "Bidirectional" }],
  ),
  volumeDevices: oneOf([{ name: "v0", devicePath: "/d" }], [{ name: "v1", devicePath: "" }]),
  resources: oneOf(
    { limits: { cpu: "1" } },
    { requests: { cpu: "2" }, limits: { cpu: "1" } },
    { requests: { "example.com/gpu": "1" } },
    { limits: { "hugepages-2Mi": "4Mi", "ephemeral-storage": "1Gi" } },
    { claims: [{ name: "c" }] },
    { limits: { x: "1", memory: "0.5" } },
  ),
  resizePolicy: oneOf(
    [{ resourceName: "cpu", restartPolicy: "RestartContainer" }],
    [{ resourceName: "x", restartPolicy: "" }],
  ),
  restartPolicy: oneOf("Always", "Never", "Sometimes"),
  restartPolicyRules: oneOf([{ action: "Restart", exitCodes: { operator: "In", values: [1] } }], [{ action: "Stop" }]),
  livenessProbe: PROBE,
  readinessProbe: PROBE,
  startupProbe: PROBE,
  lifecycle: oneOf(
    { preStop: { sleep: { seconds: 1 } } },
    { postStart: { httpGet: { port: 80, host: "h" } }, preStop: {} },
    { stopSignal: "SIGTERM" },
  ),
  terminationMessagePolicy: oneOf("File", "FallbackToLogsOnError", "Own"),
  stdin: yes,
  workingDir: oneOf("/w"),
};

const SECURITY_OF_CONTAINER: Readonly<Record<string, Draw>> = {
  ...{ runAsNonRoot: yes, runAsUser: id, runAsGroup: id, seccompProfile: SECCOMP, appArmorProfile: APP_ARMOR },
  ...{ seLinuxOptions: SELINUX, privileged: yes, allowPrivilegeEscalation: yes, readOnlyRootFilesystem: yes },
  capabilities: oneOf(
    { drop: ["ALL"] },
    { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
    { add: ["SYS_ADMIN"] },
    { add: ["CAP_SYS_ADMIN", "CHOWN"] },
  ),
  procMount: oneOf("Default", "Unmasked", "Masked"),
  windowsOptions: WINDOWS,
};

function variedContainer(random: Random, index: number, isRestricted: boolean): Fields {
  const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  const securityContext = { ...(isRestricted ? restricted : {}), ...fieldsOf(random, SECURITY_OF_CONTAINER) };
  return {
    name: pick(random, [`c${index}`, `c${index}`, "c0"]),
    image: pick(random, ["example.com/c:1", "example.com/c", "c@sha256:0", " x"]),
    ...(Object.keys(securityContext).length > 0 ? { securityContext } : {}),
    ...fieldsOf(random, CONTAINER_FIELDS),
  };
}

function variedSpread(random: Random, labels: Record<string, string>): Fields {
  return {
    ...{ maxSkew: pick(random, [1, 0]), topologyKey: pick(random, ["zone", ""]) },
    whenUnsatisfiable: pick(random, ["DoNotSchedule", "ScheduleAnyway", "Wait"]),
    labelSelector: { matchLabels: labels },
    ...fieldsOf(random, {
      minDomains: oneOf(1, 0),
      nodeAffinityPolicy: oneOf("Honor", "Obey"),
      nodeTaintsPolicy: oneOf("Ignore"),
      matchLabelKeys: oneOf(["app"], ["none"], ["-"]),
    }),
  };
}

function variedAffinity(random: Random, labels: Record<string, string>): Fields {
  const expression = {
    key: pick(random, ["zone", "a b"]),
    operator: pick(random, ["In", "NotIn", "Exists", "Gt", "Is"]),
    ...(chance(random, 0.7) ? { values: [pick(random, ["a", "5", "-"])] } : {}),
  };
  const nodeTerm = chance(random, 0.5)
    ? { matchExpressions: [expression] }
    : { matchFields: [{ ...expression, key: pick(random, ["metadata.name", "zone"]) }] };
  const podTerm = {
    ...{ topologyKey: pick(random, ["zone", "", "a b"]), labelSelector: { matchLabels: labels } },
    ...fieldsOf(random, {
      namespaces: oneOf(["a", "A"]),
      namespaceSelector: oneOf({}, { matchExpressions: [{ key: "a", operator: "In" }] }),
      matchLabelKeys: oneOf(["app"], ["none"]),
      mismatchLabelKeys: oneOf(["app"], ["number"]),
    }),
  };
  const weight = pick(random, [1, 0, 100, 101]);
  const required = "requiredDuringSchedulingIgnoredDuringExecution";
  const preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  return pick<Fields>(random, [
    { nodeAffinity: { [required]: { nodeSelectorTerms: [nodeTerm] } } },
    { nodeAffinity: { [preferred]: [{ weight, preference: nodeTerm }] } },
    { podAffinity: { [required]: [podTerm] } },
    { podAntiAffinity: { [preferred]: [{ weight, podAffinityTerm: podTerm }] } },
  ]);
}

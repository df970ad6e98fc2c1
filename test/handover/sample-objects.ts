// One sound object of every kind that a client may make, by number: what is written at hand-over. None of them sets
// controllers to work for long: workloads want no replicas or are suspended.

import type { KubeObject } from "@atoll/api/resource";

/** Everything about an object but its name and namespace. */
export type SampleFields = Record<string, unknown>;

const template = (labels: object) => ({
  metadata: { labels },
  spec: {
    containers: [{ name: "c", image: "example.com/c:1", resources: { requests: { cpu: "10m", memory: "1.5Gi" } } }],
  },
});
const jobTemplate = (labels: object) => {
  const { metadata, spec } = template(labels);
  return { metadata, spec: { ...spec, restartPolicy: "Never" } };
};
const selectorOf = (labels: object) => ({ matchLabels: labels });
const claim = { accessModes: ["ReadWriteOnce"], storageClassName: "none", resources: { requests: { storage: "1Gi" } } };
const webhook = (number: number) => ({
  name: `w${number}.example.com`,
  clientConfig: { url: `https://example.com/${number}` },
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
  // Of a group that nobody serves: nothing is sent.
  rules: [{ operations: ["CREATE"], apiGroups: ["nobody.example.com"], apiVersions: ["v1"], resources: ["nothings"] }],
});
const matchConstraints = {
  resourceRules: [
    { apiGroups: ["nobody.example.com"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nothings"] },
  ],
};
const devices = { requests: [{ name: "r", exactly: { deviceClassName: "none" } }] };
const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }];
const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };
const subjects = [{ kind: "User", name: "someone", apiGroup: "rbac.authorization.k8s.io" }];

/** A PKCS #10 request of the name "handover", as `openssl req -new` makes it. */
const certificateRequest = [
  "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIT01IVUNBUUF3RXpFUk1BOEdBMVVFQXd3SWFHRnVaRzkyWlhJ",
  "d1dUQVRCZ2NxaGtqT1BRSUJCZ2dxaGtqTwpQUU1CQndOQ0FBU3FrTTA1dElvYlVWc2hwd2t5K0dlWWZlWi80eTI1Z1VKQnZZaisy",
  "OGtqdGNUVFNpTmVZd0RyCkNOZGdJSXVOUVVNYXVuM0VGUkFUc2RxTVJFL0dad2NUb0FBd0NnWUlLb1pJemowRUF3SURTUUF3UmdJ",
  "aEFNRGkKS0pldEZSUmQrZHEwQ0pXRTh4d0FnTXRRblZhelMxNEZVQ1NRUmZFMUFpRUE3bnpCVytZYXhBRW9wcHNQV3ppOApEc0Fy",
  "RUlkNEZsUWhmQ1ZFdDFOYmNIbz0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==",
].join("");

/** By kind, with the group where two have the same kind. */
export const SAMPLES: Readonly<Record<string, (number: number, labels: Record<string, string>) => SampleFields>> = {
  ConfigMap: (number) => ({ data: { number: `${number}`, text: 'ä €\u2028 "quoted"' }, binaryData: { b: "AAEC" } }),
  Secret: (number) => ({ type: "Opaque", data: { password: Buffer.from(`secret ${number}`).toString("base64") } }),
  Pod: (_number, labels) => ({
    spec: {
      ...template(labels).spec,
      nodeSelector: { "example.com/nowhere": "true" },
      terminationGracePeriodSeconds: 5,
    },
  }),
  Service: (number, labels) => ({
    spec:
      number % 2 ? { selector: labels, ports: [{ name: "http", port: 80 }], type: "NodePort" } : { clusterIP: "None" },
  }),
  ServiceAccount: () => ({ automountServiceAccountToken: false }),
  Namespace: () => ({}),
  Node: (number) => ({
    spec: { podCIDR: `10.250.${number % 250}.0/24`, unschedulable: true },
    status: { capacity: { cpu: "4", memory: "8Gi" }, addresses: [{ type: "InternalIP", address: "192.0.2.9" }] },
  }),
  Event: (number) => ({
    involvedObject: { kind: "Pod", namespace: "", name: "p" },
    reason: "Sampled",
    message: `number ${number}`,
    type: "Normal",
    count: 3,
    firstTimestamp: "2026-01-01T00:00:00Z",
    lastTimestamp: "2026-01-02T00:00:00Z",
  }),
  Endpoints: () => ({ subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }] }),
  ReplicationController: (_number, labels) => ({ spec: { replicas: 0, selector: labels, template: template(labels) } }),
  PodTemplate: (_number, labels) => ({ template: template(labels) }),
  PersistentVolume: () => ({
    spec: {
      accessModes: ["ReadWriteMany"],
      capacity: { storage: "1Gi" },
      storageClassName: "nobody",
      nfs: { server: "s", path: "/" },
    },
  }),
  PersistentVolumeClaim: () => ({ spec: claim }),
  ResourceQuota: () => ({ spec: { hard: { pods: "1000", "requests.cpu": "1k", "count/jobs.batch": "2k" } } }),
  LimitRange: () => ({ spec: { limits: [{ type: "Container", max: { cpu: "200" }, min: { cpu: "1m" } }] } }),
  Deployment: (_number, labels) => ({
    spec: { replicas: 0, paused: true, selector: selectorOf(labels), template: template(labels) },
  }),
  ReplicaSet: (_number, labels) => ({
    spec: { replicas: 0, selector: selectorOf(labels), template: template(labels) },
  }),
  StatefulSet: (_number, labels) => ({
    spec: {
      replicas: 0,
      selector: selectorOf(labels),
      template: template(labels),
      serviceName: "a",
      volumeClaimTemplates: [{ metadata: { name: "d" }, spec: claim }],
    },
  }),
  DaemonSet: (_number, labels) => {
    const { metadata, spec } = template(labels);
    return {
      spec: {
        selector: selectorOf(labels),
        template: { metadata, spec: { ...spec, nodeSelector: { "example.com/nowhere": "true" } } },
      },
    };
  },
  ControllerRevision: (number) => ({ revision: number + 1, data: { spec: { number } } }),
  Job: (_number, labels) => ({ spec: { suspend: true, template: jobTemplate(labels) } }),
  CronJob: (_number, labels) => ({
    spec: {
      suspend: true,
      schedule: "*/5 0-6 * * *",
      timeZone: "Europe/Berlin",
      jobTemplate: { spec: { template: jobTemplate(labels) } },
    },
  }),
  HorizontalPodAutoscaler: (number) => ({
    spec: {
      maxReplicas: 3,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: `none-${number}` },
      behavior: { scaleUp: { stabilizationWindowSeconds: 0 } },
    },
  }),
  PodDisruptionBudget: () => ({ spec: { minAvailable: "50%", selector: { matchLabels: { none: "none" } } } }),
  Lease: () => ({
    spec: {
      holderIdentity: "me",
      leaseDurationSeconds: 40,
      renewTime: "2026-01-01T00:00:00.123456Z",
      leaseTransitions: 2,
    },
  }),
  EndpointSlice: () => ({ addressType: "IPv6", endpoints: [{ addresses: ["2001:db8::1"] }], ports: [{ port: 80 }] }),
  Ingress: () => ({
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
  }),
  IngressClass: () => ({ spec: { controller: "example.com/c", parameters: { kind: "P", name: "p" } } }),
  NetworkPolicy: () => ({
    spec: {
      podSelector: {},
      ingress: [
        { from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }], ports: [{ port: 80, endPort: 90 }] },
      ],
    },
  }),
  IPAddress: () => ({ spec: { parentRef: { resource: "services", name: "s", namespace: "default" } } }),
  ServiceCIDR: (number) => ({ spec: { cidrs: [`10.${100 + (number % 100)}.0.0/24`] } }),
  PriorityClass: (number) => ({ value: 1000 + number, description: "sampled" }),
  RuntimeClass: () => ({ handler: "crx", overhead: { podFixed: { memory: "64Mi" } } }),
  StorageClass: () => ({ provisioner: "example.com/p", parameters: { a: "b" } }),
  VolumeAttachment: () => ({ spec: { attacher: "d", nodeName: "n", source: { persistentVolumeName: "v" } } }),
  VolumeAttributesClass: () => ({ driverName: "d.example.com", parameters: { iops: "1" } }),
  CSIDriver: () => ({ spec: { attachRequired: false } }),
  CSINode: () => ({ spec: { drivers: [{ name: "d", nodeID: "1", topologyKeys: ["zone"] }] } }),
  CSIStorageCapacity: () => ({ storageClassName: "c", capacity: "1Gi" }),
  Role: () => ({ rules }),
  ClusterRole: () => ({ rules }),
  RoleBinding: () => ({ roleRef, subjects }),
  ClusterRoleBinding: () => ({ roleRef, subjects }),
  CertificateSigningRequest: () => ({
    spec: { request: certificateRequest, signerName: "example.com/nobody", usages: ["client auth"] },
  }),
  MutatingWebhookConfiguration: (number) => ({ webhooks: [webhook(number)] }),
  ValidatingWebhookConfiguration: (number) => ({ webhooks: [webhook(number)] }),
  ValidatingAdmissionPolicy: () => ({ spec: { matchConstraints, validations: [{ expression: "true" }] } }),
  ValidatingAdmissionPolicyBinding: (number) => ({
    spec: { policyName: `none-${number}`, validationActions: ["Deny"] },
  }),
  MutatingAdmissionPolicy: () => ({
    spec: {
      matchConstraints,
      reinvocationPolicy: "Never",
      mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: "Object{}" } }],
    },
  }),
  MutatingAdmissionPolicyBinding: (number) => ({ spec: { policyName: `none-${number}` } }),
  FlowSchema: () => ({ spec: { priorityLevelConfiguration: { name: "exempt" }, matchingPrecedence: 9000 } }),
  PriorityLevelConfiguration: () => ({
    spec: { type: "Limited", limited: { nominalConcurrencyShares: 1, limitResponse: { type: "Reject" } } },
  }),
  DeviceClass: () => ({ spec: { selectors: [{ cel: { expression: 'device.driver == "d.example.com"' } }] } }),
  ResourceClaim: () => ({ spec: { devices } }),
  ResourceClaimTemplate: () => ({ spec: { spec: { devices } } }),
  ResourceSlice: (number) => ({
    spec: {
      driver: "d.example.com",
      nodeName: "n",
      pool: { name: `p${number}`, generation: 1, resourceSliceCount: 1 },
      devices: [{ name: "d0", attributes: { model: { string: "m" }, number: { int: number } } }],
    },
  }),
};

/** The definition that custom resources of the sample are of. */
export function sampleDefinition(): KubeObject {
  const definition = {
    metadata: { name: "widgets.handover.example.com" },
    spec: {
      group: "handover.example.com",
      scope: "Namespaced",
      names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: {
                spec: {
                  type: "object",
                  properties: { size: { type: "integer", default: 3 }, name: { type: "string" } },
                },
              },
            },
          },
        },
      ],
    },
  };
  return definition;
}

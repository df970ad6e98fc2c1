// The objects of the load: ConfigMaps of about a kibibyte and pods that no host will take.

const PAYLOAD = "abcdefghijklmnopqrstuvwxyz012345".repeat(32);
const IMAGE = "registry.invalid/load:1";

/** `sequence` marks an update, for whoever watches. */
export function configMap(name: string, sequence?: number): string {
  const annotations = sequence === undefined ? {} : { annotations: { "load/sequence": `#${sequence}#` } };
  const metadata = { name, labels: { app: "load" }, ...annotations };
  return JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { payload: PAYLOAD } });
}

export function pod(name: string): string {
  const resources = { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "64Mi" } };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: "load" } },
    spec: {
      automountServiceAccountToken: false,
      nodeSelector: { "load/none": "true" },
      containers: [
        {
          name: "c",
          image: IMAGE,
          args: ["serve", "--port", "8080"],
          env: [{ name: "A", value: "b" }],
          ports: [{ containerPort: 8080 }],
          resources,
        },
      ],
    },
  });
}

/** As a host writes it when a pod has started. */
export function podStatus(name: string, sequence: number): string {
  const time = `${new Date(1.7e12 + sequence * 1000).toISOString().slice(0, 19)}Z`;
  const conditions = ["Initialized", "Ready", "ContainersReady", "PodScheduled"];
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    status: {
      phase: "Running",
      podIP: `10.1.${(sequence >> 8) & 255}.${sequence & 255}`,
      startTime: time,
      conditions: conditions.map((type) => ({ type, status: "True", lastTransitionTime: time })),
      containerStatuses: [
        {
          ...{ name: "c", image: IMAGE, imageID: "sha256:0", ready: true, restartCount: sequence },
          ...{ state: { running: { startedAt: time } }, lastState: {} },
        },
      ],
    },
  });
}

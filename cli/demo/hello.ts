// The demonstration's workload: one Deployment, whose pod says which kernel it runs on.

import { Deployment } from "@atoll/api/apps/deployment/kind";
import { Namespace } from "@atoll/api/core/namespace/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import type { Clock } from "@atoll/base/clock";
import type { Client } from "@atoll/machinery/client/client";
import { hasReason } from "@atoll/machinery/object/api-error";

export const DEMO_NAMESPACE = "demo";
const NAME = "hello";
const LABELS = { app: NAME };
/** A first start pulls the image in a microVM of its own, then boots the pod's; under software emulation some seconds each. */
const RUNNING_TIMEOUT_MS = 180_000;
const POLL_MS = 200;

/** Creates the namespace and the Deployment, or sets the Deployment's image where it exists. */
export async function applyHello(client: Client, image: string, signal: AbortSignal): Promise<void> {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: DEMO_NAMESPACE }, spec: {} };
  await client.create(Namespace, namespace, { signal }).catch(unlessThere);
  const deployment: Deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: NAME, namespace: DEMO_NAMESPACE, labels: LABELS },
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: {
          containers: [{ name: NAME, image, ports: [{ containerPort: 8080 }] }],
          terminationGracePeriodSeconds: 5,
        },
      },
    },
  };
  await client.create(Deployment, deployment, { signal }).catch(async (error: unknown) => {
    unlessThere(error);
    const body = { spec: { template: { spec: { containers: [{ name: NAME, image }] } } } };
    await client.patch(Deployment, { name: NAME, namespace: DEMO_NAMESPACE }, { type: "strategic", body }, { signal });
  });
}

function unlessThere(error: unknown): void {
  if (!hasReason(error, "AlreadyExists")) throw error;
}

/** Waits until a pod of the Deployment is ready; says meanwhile what it waits for. */
export async function waitForHello(
  client: Client,
  options: { readonly clock: Clock; readonly signal: AbortSignal; readonly say: (detail: string) => void },
): Promise<Pod> {
  const { clock, signal, say } = options;
  const deadline = clock.monotonicMs() + RUNNING_TIMEOUT_MS;
  let state = "no pod yet";
  while (clock.monotonicMs() < deadline) {
    const pods = await client.list(Pod, { namespace: DEMO_NAMESPACE, labelSelector: `app=${NAME}`, signal });
    const live = pods.items.filter((pod) => pod.metadata.deletionTimestamp === undefined);
    const ready = live.find((pod) => isReady(pod));
    if (ready) return ready;
    if (live[0]) state = describe(live[0]);
    say(state);
    await clock.sleep(POLL_MS, signal);
  }
  throw new Error(`The pod did not become ready: ${state}; see "kubectl -n ${DEMO_NAMESPACE} describe pods"`);
}

function isReady(pod: Pod): boolean {
  return (
    pod.status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") ?? false
  );
}

function describe(pod: Pod): string {
  const waiting = pod.status?.containerStatuses?.[0]?.state?.waiting;
  const scheduled = pod.status?.conditions?.find((condition) => condition.type === "PodScheduled");
  const reason = waiting ? `${waiting.reason ?? "waiting"} ${waiting.message ?? ""}` : (scheduled?.message ?? "");
  return `pod ${pod.metadata.name}: ${pod.status?.phase ?? "Pending"} ${reason}`.trim();
}

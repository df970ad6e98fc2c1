// Deletes pods from hosts with a NoExecute taint that they do not tolerate, or no longer.

import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import type { Taint, Toleration } from "@atoll/api/generated/types";
import { nameOf } from "@atoll/machinery/client/client";
import { type CacheReader, defineController } from "@atoll/machinery/controller/controller";
import { isPodActive, podsByHost } from "@atoll/machinery/controller/pod-state";
import { hasReason } from "@atoll/machinery/object/api-error";
import { NOT_READY, UNREACHABLE } from "./node-taints.ts";

/** For a host that is not ready or unreachable, where the pod says nothing: what admission upstream would have written. */
const TOLERATION_DEFAULT_SECONDS = 300;

export const taintEviction = defineController({
  name: "taint-eviction",
  watches: [{ resource: Pod }, { resource: Node, keysOf: podsOn }],
  owns: ["Pod by eviction from its host"],
  async reconcile(key, { client, cache, clock, events, signal }) {
    const pod = cache.of(Pod).get(key);
    if (!pod?.spec.nodeName || !isPodActive(pod)) return;
    const taints = cache.of(Node).get({ name: pod.spec.nodeName })?.spec.taints ?? [];
    const deadlines = taints
      .filter(({ effect }) => effect === "NoExecute")
      .map((taint) => evictionAtMs(taint, pod.spec.tolerations ?? [], clock.now()));
    const atMs = Math.min(...deadlines);
    if (atMs === Number.POSITIVE_INFINITY) return;
    if (atMs > clock.now()) return { requeueAfterMs: atMs - clock.now() };
    const { uid = "", name, namespace } = pod.metadata;
    const message = `Marking for deletion Pod ${namespace}/${name}`;
    events.record(pod, { type: "Normal", reason: "TaintManagerEviction", message });
    try {
      await client.delete(Pod, nameOf(pod), { preconditions: { uid }, signal });
    } catch (thrown) {
      if (!hasReason(thrown, "NotFound")) throw thrown;
    }
    return;
  },
});

function podsOn(node: Node, cache: CacheReader) {
  const isEvicting = node.spec.taints?.some(({ effect }) => effect === "NoExecute");
  return isEvicting
    ? cache
        .of(Pod)
        .indexed(podsByHost, node.metadata.name ?? "")
        .map(nameOf)
    : [];
}

/** Infinity: never. Of several tolerations the shortest counts. */
function evictionAtMs(taint: Taint, tolerations: readonly Toleration[], nowMs: number): number {
  const matching = tolerations.filter((toleration) => tolerates(toleration, taint));
  const addedMs = taint.timeAdded === undefined ? nowMs : Date.parse(taint.timeAdded);
  if (matching.length === 0) {
    const isHostLoss = taint.key === NOT_READY || taint.key === UNREACHABLE;
    return isHostLoss ? addedMs + TOLERATION_DEFAULT_SECONDS * 1000 : nowMs;
  }
  const limits = matching.map(({ tolerationSeconds }) => tolerationSeconds ?? Number.POSITIVE_INFINITY);
  return addedMs + Math.max(0, Math.min(...limits)) * 1000;
}

function tolerates({ key, operator = "Equal", value = "", effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (!key) return operator === "Exists";
  return key === taint.key && (operator === "Exists" || value === (taint.value ?? ""));
}

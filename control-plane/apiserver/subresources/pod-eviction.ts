// POST pods/<name>/eviction: a deletion that asks the pod's disruption budget first. Granting takes one off the budget before the
// pod goes; the budget's controller counts again when it is gone.

import { PodDisruptionBudget } from "@atoll/api/policy/pod-disruption-budget/kind";
import type { Pod } from "@atoll/api/generated/types";
import { selectsLabels } from "@atoll/api/meta/label-selector";
import type { KubeObject } from "@atoll/api/resource";
import { formatTime } from "@atoll/base/clock";
import { doAtOnce } from "@atoll/base/steps";
import { isPodReady } from "@atoll/machinery/controller/pod-state";
import { ApiError, conflict, hasReason, notFound } from "@atoll/machinery/object/api-error";
import { parseBody } from "../input/parse-body.ts";
import { readObject } from "../input/read-object.ts";
import { writeAdmission } from "../registry/admission-request.ts";
import { deleteObject } from "../registry/delete-object.ts";
import { deleteCall, type DeleteOptions, readDeleteOptions } from "../registry/delete-options.ts";
import { managersAfterUpdate, setManagedFields } from "../registry/field-managers.ts";
import { copyObject } from "../registry/object-fields.ts";
import { methodNotAllowed, type ResourceCall } from "../registry/registry.ts";
import type { StoredObject } from "../registry/stored-object.ts";
import { readWriteOptions } from "../registry/write-options.ts";
import { grantDisruption, refusedForNow } from "./disruption-grant.ts";
import { respondSuccess } from "./respond-value.ts";
import type { Subresource } from "./subresource.ts";

const EVICTION = { apiVersion: "policy/v1", kind: "Eviction", schema: "io.k8s.api.policy.v1.Eviction" };
/** Races lost against other writers of the pod before the client hears of it; upstream's number. */
const CONFLICTS_MAX = 20;
const CONFLICT_PAUSE_MS = 100;

export const podEviction: Subresource = {
  group: "",
  plural: "pods",
  name: "eviction",
  async respond(call: ResourceCall) {
    if (call.context.info.verb !== "create") throw methodNotAllowed();
    const options = await readEviction(call);
    const isDone = await retryConflicts(call, options, () => evictUnguarded(call, options));
    if (!isDone) await evictGuarded(call, options);
    return respondSuccess(call);
  },
};

async function readEviction({ environment, context, target }: ResourceCall): Promise<DeleteOptions> {
  const write = readWriteOptions(context);
  const { model } = environment;
  const eviction = readObject(model, EVICTION, await parseBody(context.request, model, EVICTION), write);
  if (eviction.metadata.name !== target.name) {
    throw new ApiError("BadRequest", "name in URL does not match name in Eviction object");
  }
  const bodyKind = { group: "policy", version: "v1", kind: EVICTION.kind, schema: EVICTION.schema };
  await environment.admission.admit(writeAdmission(target, { object: eviction, bodyKind }, write));
  const wanted = "deleteOptions" in eviction ? eviction.deleteOptions : undefined;
  const body = wanted ? { value: wanted, duplicateFields: [] } : undefined;
  // Of the URL an eviction takes no more than whether it is only tried.
  const options = readDeleteOptions(model, new URLSearchParams(), body);
  return { ...options, dryRun: options.dryRun || write.dryRun };
}

interface FoundPod {
  readonly pod: Pod;
  readonly version: string;
}

async function findPod({ store, target }: ResourceCall): Promise<FoundPod> {
  const stored = await store.get(store.keyOf(target.namespace, target.name));
  if (!stored) throw notFound({ group: "", name: "pods" }, target.name);
  return { pod: stored.object as Pod, version: String(stored.revision) }; // the store holds Pods only
}

/** Deletes a pod that no budget counts: it has ended, has not begun, or goes already. False: it must ask. */
async function evictUnguarded(call: ResourceCall, options: DeleteOptions): Promise<boolean> {
  const { pod, version } = await findPod(call);
  const phase = pod.status?.phase;
  const isOver = phase === "Succeeded" || phase === "Failed" || pod.metadata.deletionTimestamp !== undefined;
  if (!isOver && phase !== "Pending") return false;
  // A pod that is just becoming ready must not slip through.
  const resourceVersion = options.resourceVersion ?? (isOver ? undefined : version);
  await markAndDelete(call, { ...options, resourceVersion });
  return true;
}

async function evictGuarded(call: ResourceCall, options: DeleteOptions): Promise<void> {
  const { environment, target } = call;
  const found = await findPod(call);
  const budgets = await budgetsOf(call, found.pod);
  if (budgets.length > 1) {
    const text = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    throw new ApiError("InternalError", text, { code: 500, shownReason: "" });
  }
  const [budget] = budgets;
  if (!budget) return markAndDelete(call, options);
  const { name = "" } = budget.metadata;
  if (!isSurplus(found.pod, budget)) {
    await grantDisruption(environment, { namespace: target.namespace, name }, target.name, options.dryRun);
    return markAndDelete(call, options);
  }
  // It counted for nothing when it was looked at; should it be ready by now, it must ask after all.
  try {
    await markAndDelete(call, { ...options, resourceVersion: options.resourceVersion ?? found.version });
  } catch (thrown) {
    if (options.resourceVersion === undefined && hasReason(thrown, "Conflict")) throw refusedForNow(name);
    throw thrown;
  }
}

/** A pod that is not ready disrupts nobody when it goes, as far as its budget sees it so. */
function isSurplus(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (isPodReady(pod)) return false;
  if (spec?.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy;
}

async function budgetsOf({ environment, target }: ResourceCall, pod: Pod): Promise<PodDisruptionBudget[]> {
  const store = environment.resources.of(PodDisruptionBudget);
  await store.catchUp();
  return store
    .rangeCached(store.rangeOf(target.namespace), 0)
    .items.map(({ object }) => object as PodDisruptionBudget) // the store holds budgets only
    .filter(({ spec }) => selectsLabels(spec?.selector, pod.metadata.labels));
}

async function retryConflicts(
  { environment, context }: ResourceCall,
  options: DeleteOptions,
  attempt: () => Promise<boolean>,
): Promise<boolean> {
  for (let conflicts = 1; ; conflicts++) {
    try {
      return await attempt();
    } catch (thrown) {
      // Who names a version wants that one or none.
      const isFinal = options.resourceVersion !== undefined || conflicts === CONFLICTS_MAX;
      if (isFinal || !hasReason(thrown, "Conflict")) throw thrown;
    }
    await environment.clock.sleep(CONFLICT_PAUSE_MS, context.request.signal);
  }
}

/** The condition tells whoever watches why the pod goes; a Job may have a rule for it. */
async function markAndDelete(call: ResourceCall, options: DeleteOptions): Promise<void> {
  const { environment, context, store, target } = call;
  let { resourceVersion } = options;
  if (!options.dryRun) {
    const mark = (stored: StoredObject) => {
      checkPreconditions(stored, options);
      return { type: "put" as const, object: marked(call, stored.object) };
    };
    const result = await store.change(store.keyOf(target.namespace, target.name), mark);
    if (!result) throw notFound({ group: "", name: "pods" }, target.name);
    if (resourceVersion !== undefined) resourceVersion = String(result.stored.revision);
  }
  await deleteObject(environment, store, target, deleteCall(context, { ...options, resourceVersion }));
}

function checkPreconditions({ object, revision }: StoredObject, { uid, resourceVersion }: DeleteOptions): void {
  const { name = "", uid: current } = object.metadata;
  const refuse = (text: string) => conflict({ group: "", name: "Pod" }, name, text);
  if (uid !== undefined && uid !== current) {
    const why = "The object might have been deleted and then recreated";
    throw refuse(`the UID in the precondition (${uid}) does not match the UID in record (${current}). ${why}`);
  }
  if (resourceVersion !== undefined && resourceVersion !== String(revision)) {
    const text = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${revision})`;
    throw refuse(`${text}. The object might have been modified`);
  }
}

function marked({ environment, context, target }: ResourceCall, stored: KubeObject): Pod {
  const pod = copyObject(stored) as Pod; // the store holds Pods only
  const said = { status: "True", reason: "EvictionByEvictionAPI", message: "Eviction API: evicting" };
  const conditions = pod.status?.conditions ?? [];
  const old = conditions.find(({ type }) => type === "DisruptionTarget");
  const now = formatTime(environment.clock.now());
  const lastTransitionTime = old?.status === "True" ? (old.lastTransitionTime ?? now) : now;
  const condition = { type: "DisruptionTarget", ...said, lastTransitionTime };
  pod.status = { ...pod.status, conditions: [...conditions.filter((other) => other !== old), condition] };
  const write = { old: stored, object: pod, sent: undefined };
  const options = readWriteOptions(context);
  setManagedFields(
    pod,
    doAtOnce(managersAfterUpdate(environment, { ...target, subresource: "status" }, write, options)),
  );
  return pod;
}

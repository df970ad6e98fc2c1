// POST pods/<name>/binding: the scheduler's decision. Sets the host once and for all, with the condition that says so.

import { Binding } from "@atoll/api/core/binding/kind";
import { formatTime } from "@atoll/base/clock";
import { ApiError, conflict } from "@atoll/machinery/object/api-error";
import type { KubeObject } from "@atoll/api/resource";
import { notFound } from "@atoll/machinery/object/api-error";
import { topologyLabels } from "../admission/pod-topology-labels.ts";
import { parseBody } from "../input/parse-body.ts";
import { readObject } from "../input/read-object.ts";
import { writeAdmission } from "../registry/admission-request.ts";
import { copyObject } from "../registry/object-fields.ts";
import { methodNotAllowed, type ResourceCall } from "../registry/registry.ts";
import type { Change } from "../registry/resource-store.ts";
import type { RegistryEnvironment } from "../registry/environment.ts";
import { readWriteOptions, type WriteOptions } from "../registry/write-options.ts";
import type { RequestContext } from "../request/context.ts";
import type { ApiResponse } from "../request/request.ts";
import { respondSuccess } from "./respond-value.ts";
import type { Subresource } from "./subresource.ts";

interface BindingBody extends KubeObject {
  target?: { kind?: string; name?: string };
}

interface BindablePod extends KubeObject {
  spec: { nodeName?: string };
  status?: { conditions?: { type: string; status: string; lastTransitionTime?: string }[] };
}

export const BINDING = { apiVersion: "v1", kind: Binding.kind, schema: "io.k8s.api.core.v1.Binding" };

export const podBinding: Subresource = {
  group: "",
  plural: "pods",
  name: "binding",
  async respond(call: ResourceCall) {
    if (call.context.info.verb !== "create") throw methodNotAllowed();
    return bindPod(call, await readBinding(call.environment, call.context));
  },
};

export interface ReadBinding {
  readonly binding: BindingBody;
  readonly options: WriteOptions;
}

export async function readBinding({ model }: RegistryEnvironment, context: RequestContext): Promise<ReadBinding> {
  const options = readWriteOptions(context);
  const body = await parseBody(context.request, model, BINDING);
  return { binding: readObject(model, BINDING, body, options), options };
}

/** Binds the pod that is the call's target. */
export async function bindPod(
  { environment, context, store, target }: ResourceCall,
  { binding, options }: ReadBinding,
): Promise<ApiResponse> {
  const bodyKind = { ...Binding, schema: BINDING.schema };
  await environment.admission.admit(writeAdmission(target, { object: binding, bodyKind }, options));
  const host = binding.target?.name;
  if (!host || (binding.target?.kind ?? "Node") !== "Node") {
    throw new ApiError("BadRequest", "target: a Binding names a Node");
  }
  const labels = { ...binding.metadata.labels, ...topologyLabels(environment.resources, host) };
  if (Object.keys(labels).length > 0) binding.metadata.labels = labels;
  const decide = ({ object, revision }: { readonly object: KubeObject; readonly revision: number }): Change => {
    checkPreconditions(object, revision, binding);
    return bind(object as BindablePod, binding, { host, nowMs: environment.clock.now() }); // the store holds Pods only
  };
  const key = store.keyOf(target.namespace, target.name);
  if (options.dryRun) {
    const stored = await store.get(key);
    if (!stored) throw notFound({ group: "", name: "pods" }, target.name);
    decide(stored);
  } else if (!(await store.change(key, decide))) {
    throw notFound({ group: "", name: "pods" }, target.name);
  }
  return respondSuccess({ environment, context });
}

const SUBJECT = { group: "", name: "pods/binding" };

function checkPreconditions({ metadata }: KubeObject, revision: number, binding: BindingBody): void {
  const { uid, resourceVersion } = binding.metadata;
  const check = (what: string, wanted: string | undefined, found: string | undefined) => {
    if (!wanted || wanted === found) return;
    const why = `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${found}`;
    throw conflict(SUBJECT, metadata.name ?? "", why);
  };
  check("UID", uid, metadata.uid);
  check("ResourceVersion", resourceVersion, String(revision));
}

function bind(old: BindablePod, binding: BindingBody, { host, nowMs }: { host: string; nowMs: number }): Change {
  const { name = "", deletionTimestamp } = old.metadata;
  const refuse = (why: string) => conflict(SUBJECT, name, why);
  if (deletionTimestamp) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (old.spec.nodeName) throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(old.spec.nodeName)}`);
  const pod = copyObject(old);
  pod.spec.nodeName = host;
  const { annotations, labels } = binding.metadata;
  if (annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...annotations };
  if (labels) pod.metadata.labels = { ...pod.metadata.labels, ...labels };
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== "PodScheduled");
  const scheduled = { type: "PodScheduled", status: "True", lastTransitionTime: formatTime(nowMs) };
  pod.status = { ...pod.status, conditions: [...others, scheduled] };
  return { type: "put", object: pod };
}

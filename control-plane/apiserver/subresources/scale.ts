// `scale` of kinds with replicas: the same small object for all of them, so that `kubectl scale` and autoscalers need not know
// what they scale.

import type { KindDefinition } from "@atoll/api/kind";
import { apiVersionOf, type KubeObject } from "@atoll/api/resource";
import { conflict, invalid, notFound } from "@atoll/machinery/object/api-error";
import type { LabelSelector } from "@atoll/api/meta/types";
import { formatRequirements, requirementsOf } from "@atoll/machinery/object/label-selector";
import { writeManagers } from "@atoll/machinery/object/managed-fields/managers";
import { subjectOf } from "../registry/field-errors.ts";
import { OwnedObject } from "../registry/field-managers.ts";
import { copyObject } from "../registry/object-fields.ts";
import { methodNotAllowed, type ResourceCall } from "../registry/registry.ts";
import { updateObject } from "../registry/update-object.ts";
import { readWriteOptions } from "../registry/write-options.ts";
import type { ApiResponse } from "../request/request.ts";
import { respondValue } from "./respond-value.ts";
import { admitScale, withoutAdmission } from "./scale-admission.ts";
import { readScaleChange, SCALE, type Scale, type ScaledForm } from "./scale-change.ts";
import type { Subresource } from "./subresource.ts";

interface Scalable extends KubeObject {
  /** ReplicationControllers select by labels alone. */
  spec: { replicas?: number; selector?: LabelSelector | Record<string, string> };
  status?: { replicas?: number };
}

/** Of all built-in kinds that have it. */
export const scaleSubresources: readonly Subresource[] = [
  { group: "", plural: "replicationcontrollers" },
  { group: "apps", plural: "deployments" },
  { group: "apps", plural: "replicasets" },
  { group: "apps", plural: "statefulsets" },
].map((resource) => ({ ...resource, name: "scale", respond: respondScale }));

async function respondScale(call: ResourceCall): Promise<ApiResponse> {
  const { environment, context, store, target } = call;
  const { verb } = context.info;
  if (verb === "get") {
    const stored = await store.get(store.keyOf(target.namespace, target.name));
    if (!stored) throw notFound(subjectOf(store.kind), target.name);
    return respondValue(200, call, scaleFrom(stored.object as Scalable), SCALE.schema); // only kinds with replicas are given this subresource
  }
  if (verb !== "update" && verb !== "patch") throw methodNotAllowed();
  const change = await readScaleChange(call, scaledFormOf(store.kind));
  const options = readWriteOptions(context);
  const makeObject = async (old: KubeObject) => {
    const object = copyObject(old) as Scalable; // as above
    const { scale, managers } = change(object);
    await admitScale(environment, target, { scale, old: scaleFrom(object) }, options);
    checkScale(call, scale, old);
    object.spec.replicas = scale.spec?.replicas ?? 0;
    if (scale.metadata.resourceVersion) object.metadata.resourceVersion = scale.metadata.resourceVersion;
    return new OwnedObject(object, writeManagers(managers));
  };
  const parent = { ...target, subresource: "" };
  const stored = await updateObject(withoutAdmission(environment), store, parent, makeObject, options);
  return respondValue(200, call, scaleFrom(stored.object as Scalable), SCALE.schema); // as above
}

function checkScale({ store, target }: ResourceCall, { metadata, spec }: Scale, { metadata: old }: KubeObject): void {
  const replicas = spec?.replicas ?? 0;
  if (replicas < 0) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    const cause = { reason: "FieldValueInvalid", field: "spec.replicas", message };
    throw invalid({ group: "autoscaling", name: SCALE.kind }, target.name, [cause]);
  }
  if (!metadata.uid || metadata.uid === old.uid) return;
  const { group, name } = subjectOf(store.kind);
  const text = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${old.uid}`;
  throw conflict({ group, name: `${name}/scale` }, target.name, text);
}

/** The number stands at the same place in all of them. */
function scaledFormOf({ resource }: KindDefinition): ScaledForm {
  return {
    scaleFrom: (object) => scaleFrom(object as Scalable), // as above
    paths: new Map([[apiVersionOf(resource), ["f:spec", "f:replicas"]]]),
  };
}

function scaleFrom({ metadata, spec, status }: Scalable): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const selector = selectorText(spec.selector);
  return {
    kind: SCALE.kind,
    apiVersion: SCALE.apiVersion,
    metadata: copyObject({
      metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject["metadata"],
    }).metadata,
    spec: spec.replicas ? { replicas: spec.replicas } : {},
    status: { replicas: status?.replicas ?? 0, ...(selector === "" ? {} : { selector }) },
  };
}

function selectorText(selector: Scalable["spec"]["selector"]): string {
  if (!selector) return "";
  const isPlain = Object.values(selector).some((value) => typeof value === "string");
  // A value that is text is a label's: the two lists of a LabelSelector are objects.
  return formatRequirements(requirementsOf(isPlain ? { matchLabels: selector as Record<string, string> } : selector));
}

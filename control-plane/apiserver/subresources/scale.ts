// `scale` of kinds with replicas: the same small object for all of them, so that `kubectl scale` and autoscalers need not know
// what they scale.

import { apiVersionOf, type KubeObject } from "@atoll/api/resource";
import { conflict, invalid, notFound } from "@atoll/machinery/object/api-error";
import type { LabelSelector } from "@atoll/api/meta/types";
import { formatRequirements, requirementsOf } from "@atoll/machinery/object/label-selector";
import { setOf } from "@atoll/machinery/object/managed-fields/field-set";
import { type Managers, trustManagers, writeManagers } from "@atoll/machinery/object/managed-fields/managers";
import { updateOwnership } from "@atoll/machinery/object/managed-fields/ownership";
import { managersOfParent, managersOfScale } from "@atoll/machinery/object/managed-fields/scale-managers";
import { shapeOfDefinition } from "@atoll/machinery/object/managed-fields/shape";
import { parseBody } from "../input/parse-body.ts";
import { isApplyPatch, readConfiguration, readPatch } from "../input/patch.ts";
import { readObject } from "../input/read-object.ts";
import { readPatched } from "../input/read-patched.ts";
import { applyConfiguration } from "../registry/apply-object.ts";
import { subjectOf } from "../registry/field-errors.ts";
import { managedFieldsOf, OwnedObject, withoutManagedFields, writerOf } from "../registry/field-managers.ts";
import { copyObject } from "../registry/object-fields.ts";
import { methodNotAllowed, type ResourceCall } from "../registry/registry.ts";
import { updateObject } from "../registry/update-object.ts";
import { readWriteOptions } from "../registry/write-options.ts";
import type { ApiResponse } from "../request/request.ts";
import { respondValue } from "./respond-value.ts";
import { admitScale, withoutAdmission } from "./scale-admission.ts";
import type { Subresource } from "./subresource.ts";

const SCALE = { apiVersion: "autoscaling/v1", kind: "Scale", schema: "io.k8s.api.autoscaling.v1.Scale" };

interface Scalable extends KubeObject {
  /** ReplicationControllers select by labels alone. */
  spec: { replicas?: number; selector?: LabelSelector | Record<string, string> };
  status?: { replicas?: number };
}

interface Scale extends KubeObject {
  spec?: { replicas?: number };
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
  const makeScale = await readChange(call);
  const options = readWriteOptions(context);
  const makeObject = async (old: KubeObject) => {
    const object = copyObject(old) as Scalable; // as above
    const { scale, managers } = makeScale(object);
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

/** The wanted scale of an object, and who then owns the object's fields. */
type MakeScale = (old: Scalable) => { readonly scale: Scale; readonly managers: Managers };

async function readChange({ environment, context, store }: ResourceCall): Promise<MakeScale> {
  const { model } = environment;
  const { request } = context;
  const options = readWriteOptions(context);
  const readScale = (value: unknown): Scale => readObject(model, SCALE, { value, duplicateFields: [] }, options);
  const shape = shapeOfDefinition(model, SCALE.schema);
  const parentVersion = apiVersionOf(store.kind.resource);
  const writer = {
    ...writerOf(environment, { kind: store.kind, namespace: "", name: "", subresource: "scale" }, options),
    apiVersion: SCALE.apiVersion,
  };
  const update =
    (wanted: (old: Scalable) => Scale): MakeScale =>
    (old) => {
      const scale = wanted(old);
      const parent = trustManagers(managedFieldsOf(old) ?? []);
      if (parent.size === 0) return { scale, managers: parent };
      const objects = { live: withoutManagedFields(scaleFrom(old)), wanted: withoutManagedFields(scale) };
      const after = updateOwnership(shape, objects, managersOfScale(parent), writer);
      return { scale, managers: managersOfParent(parent, after, parentVersion) };
    };
  if (context.info.verb === "update") {
    const scale = readScale((await parseBody(request, model, SCALE))?.value);
    return update(() => scale);
  }
  const isApply = isApplyPatch(request);
  const force = options.force === true;
  if (!isApply) {
    const patch = await readPatch(request, model, { ...store.kind, schema: SCALE.schema });
    return update((old) => readPatched(model, SCALE, { patch, old: scaleFrom(old) }, options) as Scale);
  }
  const applied = await readConfiguration(request, options);
  return (old) => {
    const parent = trustManagers(managedFieldsOf(old) ?? []);
    const objects = { live: withoutManagedFields(scaleFrom(old)), applied };
    const result = applyConfiguration(shape, objects, managersOfScale(parent), writer, {
      force,
      ignoredFields: STATUS,
    });
    return { scale: readScale(result.object), managers: managersOfParent(parent, result.managers, parentVersion) };
  };
}

/** A scale says what is wanted; what is there is for reading. */
const STATUS = setOf([["f:status"]]);

function scaleFrom({ metadata, spec, status }: Scalable): Scale & { status: unknown } {
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

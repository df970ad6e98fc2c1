// `scale` of custom resources: their authors say where the numbers stand.

import type { CustomResourceSubresourceScale } from "@atoll/api/generated/types";
import type { KubeObject } from "@atoll/api/resource";
import { ApiError, notFound } from "@atoll/machinery/object/api-error";
import { fieldsOfPath, findByPath, parseJsonPath } from "@atoll/machinery/object/structural-schema/json-path";
import { isRecord, setField } from "@atoll/machinery/object/structural-schema/structural-schema";
import { parseBody } from "../input/parse-body.ts";
import { readPatch } from "../input/patch.ts";
import { readObject } from "../input/read-object.ts";
import { readPatched } from "../input/read-patched.ts";
import { subjectOf } from "../registry/field-errors.ts";
import { copyObject } from "../registry/object-fields.ts";
import { methodNotAllowed, type ResourceCall } from "../registry/registry.ts";
import { managersAfterUpdate, OwnedObject } from "../registry/field-managers.ts";
import { updateObject } from "../registry/update-object.ts";
import { readWriteOptions } from "../registry/write-options.ts";
import type { ApiResponse } from "../request/request.ts";
import { admitScale, withoutAdmission } from "../subresources/scale-admission.ts";
import { respondValue } from "../subresources/respond-value.ts";

const SCALE = { apiVersion: "autoscaling/v1", kind: "Scale", schema: "io.k8s.api.autoscaling.v1.Scale" };

interface Scale extends KubeObject {
  spec?: { replicas?: number };
}

export async function respondCustomScale(
  { environment, context, store, target }: ResourceCall,
  paths: CustomResourceSubresourceScale,
): Promise<ApiResponse> {
  const { verb } = context.info;
  if (verb === "get") {
    const stored = await store.get(store.keyOf(target.namespace, target.name));
    if (!stored) throw notFound(subjectOf(store.kind), target.name);
    return respondValue(200, { environment, context }, scaleFrom(stored.object, paths), SCALE.schema);
  }
  if (verb !== "update" && verb !== "patch") throw methodNotAllowed();
  const options = readWriteOptions(context);
  const wanted = await readWanted({ environment, context, store, target }, paths);
  const makeObject = async (old: KubeObject) => {
    const scale = wanted(old);
    await admitScale(environment, target, { scale, old: scaleFrom(old, paths) }, options);
    const replicas = scale.spec?.replicas ?? 0;
    if (replicas < 0) throw new ApiError("BadRequest", "spec.replicas: must be greater than or equal to 0");
    const object = copyObject(old);
    setByPath(object, paths.specReplicasPath, replicas);
    if (scale.metadata.resourceVersion) object.metadata.resourceVersion = scale.metadata.resourceVersion;
    if (scale.metadata.uid) object.metadata.uid = scale.metadata.uid;
    // Whoever scales owns the number by way of the subresource, and is named so in conflicts.
    return new OwnedObject(object, managersAfterUpdate(environment, target, { old, object, sent: undefined }, options));
  };
  const parent = { ...target, subresource: "" };
  const stored = await updateObject(withoutAdmission(environment), store, parent, makeObject, options);
  return respondValue(200, { environment, context }, scaleFrom(stored.object, paths), SCALE.schema);
}

async function readWanted(
  { environment, context, store }: ResourceCall,
  paths: CustomResourceSubresourceScale,
): Promise<(old: KubeObject) => Scale> {
  const { model } = environment;
  const { request } = context;
  const options = readWriteOptions(context);
  const readScale = (value: unknown): Scale => readObject(model, SCALE, { value, duplicateFields: [] }, options);
  if (context.info.verb === "update") {
    const scale = readScale((await parseBody(request, model, SCALE))?.value);
    return () => scale;
  }
  const patch = await readPatch(request, model, { ...store.kind, schema: SCALE.schema });
  return (old) => readPatched(model, SCALE, { patch, old: scaleFrom(old, paths) }, options) as Scale;
}

function scaleFrom(object: KubeObject, paths: CustomResourceSubresourceScale) {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = numberAt(object, paths.specReplicasPath);
  const selector = paths.labelSelectorPath ? valueAt(object, paths.labelSelectorPath) : undefined;
  return {
    kind: SCALE.kind,
    apiVersion: SCALE.apiVersion,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject["metadata"], // undefined is absent
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: numberAt(object, paths.statusReplicasPath),
      ...(typeof selector === "string" ? { selector } : {}),
    },
  };
}

function valueAt(object: KubeObject, path: string): unknown {
  return findByPath(object, parseJsonPath(path) ?? [])[0];
}

function numberAt(object: KubeObject, path: string): number {
  const value = valueAt(object, path);
  return typeof value === "number" ? value : 0;
}

function setByPath(object: object, path: string, value: unknown): void {
  const names = fieldsOfPath(parseJsonPath(path)) ?? [];
  let place = object as Record<string, unknown>; // any object can be read by its field names
  for (const name of names.slice(0, -1)) {
    let next = Object.hasOwn(place, name) ? place[name] : undefined;
    if (!isRecord(next)) {
      next = {};
      setField(place, name, next);
    }
    place = next as Record<string, unknown>; // a record either way
  }
  const last = names.at(-1);
  if (last !== undefined) setField(place, last, value);
}

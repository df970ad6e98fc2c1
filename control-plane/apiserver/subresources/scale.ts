// `scale` of kinds with replicas: the same small object for all of them, so that `kubectl scale` and autoscalers need not know
// what they scale.

import type { KubeObject } from "@atoll/api/resource";
import { notFound } from "@atoll/machinery/object/api-error";
import type { LabelSelector } from "@atoll/api/meta/types";
import { formatRequirements, requirementsOf } from "@atoll/machinery/object/label-selector";
import { parseBody } from "../input/parse-body.ts";
import { readPatch } from "../input/patch.ts";
import { readObject } from "../input/read-object.ts";
import { subjectOf } from "../registry/field-errors.ts";
import { copyObject } from "../registry/object-fields.ts";
import { methodNotAllowed, type ResourceCall } from "../registry/registry.ts";
import { updateObject } from "../registry/update-object.ts";
import { readWriteOptions } from "../registry/write-options.ts";
import { type ApiResponse, jsonResponse } from "../request/request.ts";
import type { Subresource } from "./subresource.ts";

const SCALE = { apiVersion: "autoscaling/v1", kind: "Scale", schema: "io.k8s.api.autoscaling.v1.Scale" };

interface Scalable extends KubeObject {
  spec: { replicas?: number; selector?: LabelSelector };
  status?: { replicas?: number };
}

interface Scale extends KubeObject {
  spec?: { replicas?: number };
}

export const scaleOf = (group: string, plural: string): Subresource => ({
  group,
  plural,
  name: "scale",
  respond: respondScale,
});

async function respondScale(call: ResourceCall): Promise<ApiResponse> {
  const { environment, context, store, target } = call;
  const { verb, query } = context.info;
  if (verb === "get") {
    const stored = await store.get(store.keyOf(target.namespace, target.name));
    if (!stored) throw notFound(subjectOf(store.kind), target.name);
    return jsonResponse(200, scaleFrom(stored.object as Scalable)); // only kinds with replicas are given this subresource
  }
  if (verb !== "update" && verb !== "patch") throw methodNotAllowed();
  const options = readWriteOptions(query, context.user, context.warnings);
  const readScale = (value: unknown): Scale =>
    readObject(environment.model, SCALE, { value, duplicateFields: [] }, options);
  let wanted: (old: Scalable) => Scale;
  if (verb === "update") {
    const scale = readScale((await parseBody(context.request, environment.model, SCALE))?.value);
    wanted = () => scale;
  } else {
    const patch = await readPatch(context.request, environment.model, { ...store.kind, schema: SCALE.schema });
    wanted = (old) => readScale(patch.apply(scaleFrom(old)));
  }
  const makeObject = (old: KubeObject) => {
    const object = copyObject(old) as Scalable; // as above
    const scale = wanted(object);
    object.spec.replicas = scale.spec?.replicas ?? 0;
    if (scale.metadata.resourceVersion) object.metadata.resourceVersion = scale.metadata.resourceVersion;
    if (scale.metadata.uid) object.metadata.uid = scale.metadata.uid;
    return object;
  };
  const stored = await updateObject(environment, store, { ...target, subresource: "" }, makeObject, options);
  return jsonResponse(200, scaleFrom(stored.object as Scalable)); // as above
}

function scaleFrom({ metadata, spec, status }: Scalable): Scale & { status: unknown } {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: SCALE.kind,
    apiVersion: SCALE.apiVersion,
    metadata: copyObject({
      metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject["metadata"],
    }).metadata,
    spec: { replicas: spec.replicas ?? 0 },
    status: {
      replicas: status?.replicas ?? 0,
      selector: spec.selector ? formatRequirements(requirementsOf(spec.selector)) : "",
    },
  };
}

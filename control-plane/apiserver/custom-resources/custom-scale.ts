// `scale` of custom resources: their authors say where the numbers stand.

import type { CustomResourceDefinition, CustomResourceSubresourceScale } from "@atoll/api/generated/types";
import type { KubeObject } from "@atoll/api/resource";
import { isRecord } from "@atoll/base/is-record";
import { ownValue } from "@atoll/base/own-value";
import { ApiError, notFound } from "@atoll/machinery/object/api-error";
import { writeManagers } from "@atoll/machinery/object/managed-fields/managers";
import type { ReplicasPaths } from "@atoll/machinery/object/managed-fields/scale-managers";
import { fieldsOfPath, findByPath, parseJsonPath } from "@atoll/machinery/object/structural-schema/json-path";
import { setField } from "@atoll/machinery/object/structural-schema/structural-schema";
import { subjectOf } from "../registry/field-errors.ts";
import { OwnedObject } from "../registry/field-managers.ts";
import { copyObject } from "../registry/object-fields.ts";
import { methodNotAllowed, type ResourceCall } from "../registry/registry.ts";
import { updateObject } from "../registry/update-object.ts";
import { readWriteOptions } from "../registry/write-options.ts";
import type { ApiResponse } from "../request/request.ts";
import { admitScale, withoutAdmission } from "../subresources/scale-admission.ts";
import { readScaleChange, SCALE, type Scale } from "../subresources/scale-change.ts";
import { respondValue } from "../subresources/respond-value.ts";

/** Where a version's author keeps the numbers, and where all versions do. */
export interface CustomScale {
  readonly fields: CustomResourceSubresourceScale;
  readonly paths: ReplicasPaths;
}

/** What a patch finds where nobody has said a number: no patch leaves it there. As upstream, which has no number for "none". */
const UNSAID = -2_147_483_648;

export function replicasPathsOf({ spec: { group, versions } }: CustomResourceDefinition): ReplicasPaths {
  const pathOf = (path: string) => (fieldsOfPath(parseJsonPath(path)) ?? []).map((name) => `f:${name}`);
  return new Map(
    versions.map(({ name, subresources }) => {
      const { specReplicasPath } = subresources?.scale ?? {};
      return [`${group}/${name}`, specReplicasPath === undefined ? undefined : pathOf(specReplicasPath)];
    }),
  );
}

export async function respondCustomScale(call: ResourceCall, { fields, paths }: CustomScale): Promise<ApiResponse> {
  const { environment, context, store, target } = call;
  const { verb } = context.info;
  if (verb === "get") {
    const stored = await store.get(store.keyOf(target.namespace, target.name));
    if (!stored) throw notFound(subjectOf(store.kind), target.name);
    const { object } = stored;
    if (valueAt(object, fields.specReplicasPath) === undefined) throw noReplicas("InternalError", fields);
    return respondValue(200, call, scaleFrom(object, fields), SCALE.schema);
  }
  if (verb !== "update" && verb !== "patch") throw methodNotAllowed();
  const options = readWriteOptions(context);
  const change = await readScaleChange(call, { scaleFrom: (object) => scaleFrom(object, fields, UNSAID), paths });
  const makeObject = async (old: KubeObject) => {
    const { scale, managers } = change(old);
    const replicas = scale.spec?.replicas ?? 0;
    if (replicas === UNSAID) throw noReplicas("BadRequest", fields);
    await admitScale(environment, target, { scale, old: scaleFrom(old, fields) }, options);
    const object = copyObject(old);
    setByPath(object, fields.specReplicasPath, scale.spec?.replicas ?? 0);
    if (scale.metadata.resourceVersion) object.metadata.resourceVersion = scale.metadata.resourceVersion;
    if (scale.metadata.uid) object.metadata.uid = scale.metadata.uid;
    return new OwnedObject(object, writeManagers(managers));
  };
  const parent = { ...target, subresource: "" };
  const stored = await updateObject(withoutAdmission(environment), store, parent, makeObject, options);
  return respondValue(200, call, scaleFrom(stored.object, fields), SCALE.schema);
}

function noReplicas(
  reason: "InternalError" | "BadRequest",
  { specReplicasPath }: CustomResourceSubresourceScale,
): ApiError {
  const field = `the spec replicas field ${JSON.stringify(specReplicasPath)}`;
  if (reason === "BadRequest") return new ApiError(reason, `${field} cannot be empty`);
  return new ApiError(reason, `Internal error occurred: ${field} does not exist`);
}

/** `unsaid` stands for a number that is not there. */
function scaleFrom(object: KubeObject, paths: CustomResourceSubresourceScale, unsaid = 0): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = numberAt(object, paths.specReplicasPath) ?? unsaid;
  const selector = paths.labelSelectorPath ? valueAt(object, paths.labelSelectorPath) : undefined;
  return {
    kind: SCALE.kind,
    apiVersion: SCALE.apiVersion,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject["metadata"], // undefined is absent
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: numberAt(object, paths.statusReplicasPath) ?? 0,
      ...(typeof selector === "string" && selector !== "" ? { selector } : {}),
    },
  };
}

function valueAt(object: KubeObject, path: string): unknown {
  return findByPath(object, parseJsonPath(path) ?? [])[0];
}

function numberAt(object: KubeObject, path: string): number | undefined {
  const value = valueAt(object, path);
  return typeof value === "number" ? value : undefined;
}

function setByPath(object: object, path: string, value: unknown): void {
  const names = fieldsOfPath(parseJsonPath(path)) ?? [];
  let place = object as Record<string, unknown>; // any object can be read by its field names
  for (const name of names.slice(0, -1)) {
    let next = ownValue(place, name);
    if (!isRecord(next)) {
      next = {};
      setField(place, name, next);
    }
    place = next as Record<string, unknown>; // a record either way
  }
  const last = names.at(-1);
  if (last !== undefined) setField(place, last, value);
}

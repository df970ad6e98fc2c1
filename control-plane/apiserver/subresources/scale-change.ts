// What a write through `scale` asks for, whatever is scaled: the wanted scale of an object, and who then owns the object's fields.

import { apiVersionOf, type KubeObject } from "@atoll/api/resource";
import { doAtOnce } from "@atoll/base/steps";
import { EMPTY_SET } from "@atoll/machinery/object/managed-fields/field-set";
import {
  type Managers,
  NO_MANAGERS,
  trustManagers,
  writeManagers,
} from "@atoll/machinery/object/managed-fields/managers";
import { updateOwnership } from "@atoll/machinery/object/managed-fields/ownership";
import {
  managersOfParent,
  managersOfScale,
  type ReplicasPaths,
} from "@atoll/machinery/object/managed-fields/scale-managers";
import { shapeOfDefinition } from "@atoll/machinery/object/managed-fields/shape";
import { parseBody } from "../input/parse-body.ts";
import { isApplyPatch, readConfiguration, readPatch } from "../input/patch.ts";
import { readObject } from "../input/read-object.ts";
import { readPatched } from "../input/read-patched.ts";
import { applyConfiguration, managersOfLive } from "../registry/apply-object.ts";
import { managedFieldsOf, withoutManagedFields, writerOf } from "../registry/field-managers.ts";
import type { ResourceCall } from "../registry/registry.ts";
import { readWriteOptions } from "../registry/write-options.ts";

export const SCALE = { apiVersion: "autoscaling/v1", kind: "Scale", schema: "io.k8s.api.autoscaling.v1.Scale" };

export interface Scale extends KubeObject {
  spec?: { replicas?: number };
  status?: { replicas: number; selector?: string };
}

/** How the objects of a kind are scaled. */
export interface ScaledForm {
  /** What a patch changes. */
  readonly scaleFrom: (object: KubeObject) => Scale;
  readonly paths: ReplicasPaths;
}

export interface ScaleChange {
  readonly scale: Scale;
  /** Of the scaled object. */
  readonly managers: Managers;
}

/** Reads the body; the result may be asked again when the object has changed meanwhile. */
export async function readScaleChange(
  { environment, context, store }: ResourceCall,
  { scaleFrom, paths }: ScaledForm,
): Promise<(old: KubeObject) => ScaleChange> {
  const { model } = environment;
  const { request } = context;
  const options = readWriteOptions(context);
  const shape = shapeOfDefinition(model, SCALE.schema);
  const version = apiVersionOf(store.kind.resource);
  const writer = {
    ...writerOf(environment, { kind: store.kind, namespace: "", name: "", subresource: "scale" }, options),
    apiVersion: SCALE.apiVersion,
  };
  const change = (old: KubeObject, write: (live: Scale, managers: Managers) => ScaleChange): ScaleChange => {
    const parent = trustManagers(managedFieldsOf(old) ?? []);
    const { scale, managers } = write(scaleFrom(old), managersOfScale(parent, paths));
    return { scale, managers: managersOfParent(parent, managers, { paths, version }) };
  };
  const update = (wanted: (live: Scale, managers: Managers) => Scale) => (old: KubeObject) =>
    change(old, (live, managers) => {
      const scale = wanted(live, managers);
      // Nobody owns the number, and an update does not begin to.
      if (managers.size === 0) return { scale, managers: NO_MANAGERS };
      const objects = { live: withoutManagedFields(live), wanted: withoutManagedFields(scale) };
      return { scale, managers: updateOwnership(shape, objects, managers, writer) };
    });
  if (context.info.verb === "update") {
    const scale: Scale = readObject(model, SCALE, await parseBody(request, model, SCALE), options);
    return update(() => scale);
  }
  if (!isApplyPatch(request)) {
    const patch = await readPatch(request, model, { ...store.kind, schema: SCALE.schema });
    return update(
      (live, managers) => readPatched(model, SCALE, { patch, old: withManagers(live, managers) }, options) as Scale,
    );
  }
  const applied = await readConfiguration(request, options);
  return (old) =>
    change(old, (scale, owners) => {
      const live = withoutManagedFields(scale);
      const managers = doAtOnce(managersOfLive(shape, live, owners, { writer, ignoredFields: EMPTY_SET }));
      const applyOptions = { force: options.force === true, ignoredFields: EMPTY_SET };
      const result = doAtOnce(applyConfiguration(shape, { live, applied }, managers, writer, applyOptions));
      return {
        scale: readObject(model, SCALE, { value: result.object, duplicateFields: [] }, options),
        managers: result.managers,
      };
    });
}

/** As a patch finds it. */
function withManagers(scale: Scale, managers: Managers): Scale {
  const managedFields = writeManagers(managers);
  return managedFields ? { ...scale, metadata: { ...scale.metadata, managedFields } } : scale;
}

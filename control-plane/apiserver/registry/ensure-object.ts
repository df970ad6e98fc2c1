// What the server itself must have: made when it is not there, mended when it is not as it should be.

import { apiVersionOf, type KubeObject, type Resource } from "@atoll/api/resource";
import { hasReason } from "@atoll/machinery/object/api-error";
import type { JsonObject } from "@atoll/machinery/object/managed-fields/ownership";
import type { User } from "../request/request.ts";
import { applyObject } from "./apply-object.ts";
import { createObject } from "./create-object.ts";
import type { RegistryEnvironment } from "./environment.ts";
import { copyObject } from "./object-fields.ts";
import { updateObject } from "./update-object.ts";
import type { WriteOptions } from "./write-options.ts";

/**
 * `mend` gets what is there and gives what shall be there, or undefined to leave it as it is. With a subresource, what is not
 * there is not made.
 */
export type EnsureObject = <T extends KubeObject>(
  resource: Resource<T>,
  wanted: T,
  mend: (present: T) => T | undefined,
  subresource?: string,
) => Promise<void>;

/** Of an object of the cluster; what is gone needs none. */
export type ApplyStatus = (resource: Resource, name: string, status: JsonObject, fieldManager: string) => Promise<void>;

/** Upstream's name for what its API server writes by itself. */
const FIELD_MANAGER = "kube-apiserver";

/** A write that nobody asked for. */
export function serverWrite(user: User): WriteOptions {
  return { dryRun: false, fieldValidation: "Strict", user, warnings: [], fieldManager: FIELD_MANAGER };
}

export function objectEnsurer(environment: RegistryEnvironment, user: User): EnsureObject {
  return async <T extends KubeObject>(
    resource: Resource<T>,
    wanted: T,
    mend: (present: T) => T | undefined,
    subresource = "",
  ) => {
    const store = environment.resources.of(resource);
    const { name = "", namespace = "" } = wanted.metadata;
    const options = serverWrite(user);
    const target = { kind: store.kind, namespace, subresource };
    const key = store.keyOf(namespace, name);
    const stored = subresource === "" ? store.peek(key) : await store.get(key);
    const present = stored?.object as T | undefined; // the store holds this kind only
    try {
      if (!present) {
        if (subresource !== "") return;
        await createObject(environment, store, { ...target, name: "" }, wanted, options);
      } else if (mend(present)) {
        const mended = (old: KubeObject) => copyObject(mend(old as T) ?? old); // as above
        await updateObject(environment, store, { ...target, name }, mended, options);
      }
    } catch (error) {
      // Somebody else was quicker; what he made is as good.
      if (!hasReason(error, "AlreadyExists")) throw error;
    }
  };
}

export function statusApplier(environment: RegistryEnvironment, user: User): ApplyStatus {
  return async (resource, name, status, fieldManager) => {
    const store = environment.resources.of(resource);
    const target = { kind: store.kind, namespace: "", name, subresource: "status" };
    const configuration = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name }, status };
    try {
      await applyObject(
        environment,
        store,
        target,
        { configuration, force: true },
        { ...serverWrite(user), fieldManager },
      );
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
    }
  };
}

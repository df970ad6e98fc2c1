// What the server itself must have: made when it is not there, mended when it is not as it should be.

import type { KubeObject, Resource } from "@atoll/api/resource";
import { hasReason } from "@atoll/machinery/object/api-error";
import type { User } from "../request/request.ts";
import { createObject } from "./create-object.ts";
import type { RegistryEnvironment } from "./environment.ts";
import { copyObject } from "./object-fields.ts";
import { updateObject } from "./update-object.ts";

/** `mend` gets what is there and gives what shall be there, or undefined to leave it as it is. */
export type EnsureObject = <T extends KubeObject>(
  resource: Resource<T>,
  wanted: T,
  mend: (present: T) => T | undefined,
) => Promise<void>;

/** Upstream's name for what its API server writes by itself. */
const FIELD_MANAGER = "kube-apiserver";

export function objectEnsurer(environment: RegistryEnvironment, user: User): EnsureObject {
  return async <T extends KubeObject>(resource: Resource<T>, wanted: T, mend: (present: T) => T | undefined) => {
    const store = environment.resources.of(resource);
    const { name = "", namespace = "" } = wanted.metadata;
    const options = {
      dryRun: false,
      fieldValidation: "Strict",
      user,
      warnings: [],
      fieldManager: FIELD_MANAGER,
    } as const;
    const target = { kind: store.kind, namespace, subresource: "" };
    const present = store.peek(store.keyOf(namespace, name))?.object as T | undefined; // the store holds this kind only
    try {
      if (!present) {
        await createObject(environment, store, { ...target, name: "" }, wanted, { ...options, warnings: [] });
      } else if (mend(present)) {
        const mended = (old: KubeObject) => copyObject(mend(old as T) ?? old); // as above
        await updateObject(environment, store, { ...target, name }, mended, { ...options, warnings: [] });
      }
    } catch (error) {
      // Somebody else was quicker; what he made is as good.
      if (!hasReason(error, "AlreadyExists")) throw error;
    }
  };
}

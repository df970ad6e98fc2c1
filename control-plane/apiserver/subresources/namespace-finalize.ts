// PUT namespaces/<name>/finalize: the only way to take a name out of a namespace's spec.finalizers. When none is left of a
// namespace that is being deleted, it goes.

import { bodyKindOf } from "../input/body-kind.ts";
import { parseBody } from "../input/parse-body.ts";
import { readObject } from "../input/read-object.ts";
import { copyObject, type GenericObject } from "../registry/object-fields.ts";
import { methodNotAllowed, type ResourceCall, respondObject } from "../registry/registry.ts";
import { updateObject } from "../registry/update-object.ts";
import { readWriteOptions } from "../registry/write-options.ts";
import type { Subresource } from "./subresource.ts";

export const namespaceFinalize: Subresource = {
  group: "",
  plural: "namespaces",
  name: "finalize",
  async respond({ environment, context, store, target }: ResourceCall) {
    if (context.info.verb !== "update") throw methodNotAllowed();
    const options = readWriteOptions(context);
    const expected = bodyKindOf(store.kind);
    const wanted: GenericObject = readObject(
      environment.model,
      expected,
      await parseBody(context.request, environment.model, expected),
      options,
    );
    const makeObject = (old: GenericObject) => {
      const { metadata } = wanted;
      const object: GenericObject = copyObject(old);
      object.spec = structuredClone(wanted.spec ?? {});
      // Who the writer thought he was changing is still checked.
      if (metadata.uid) object.metadata.uid = metadata.uid;
      if (metadata.resourceVersion) object.metadata.resourceVersion = metadata.resourceVersion;
      return object;
    };
    const stored = await updateObject(environment, store, target, makeObject, options);
    return respondObject(200, { environment, context, store, stored });
  },
};

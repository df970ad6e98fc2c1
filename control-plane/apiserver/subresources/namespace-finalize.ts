// PUT namespaces/<name>/finalize: the only way to take a name out of a namespace's spec.finalizers. When none is left of a
// namespace that is being deleted, it goes.

import { methodNotAllowed, type ResourceCall, respondUpdate } from "../registry/registry.ts";
import type { Subresource } from "./subresource.ts";

export const namespaceFinalize: Subresource = {
  group: "",
  plural: "namespaces",
  name: "finalize",
  async respond(call: ResourceCall) {
    if (call.context.info.verb !== "update") throw methodNotAllowed();
    return respondUpdate(call);
  },
};

// POST bindings: what older schedulers send in place of POST pods/<name>/binding. The pod is the one the Binding has the name of.

import { Binding } from "@atoll/api/core/binding/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { ApiError } from "@atoll/machinery/object/api-error";
import type { RegistryEnvironment } from "../registry/environment.ts";
import { BINDING, bindPod, readBinding } from "../subresources/pod-binding.ts";
import type { UnstoredResource } from "./unstored-resource.ts";

export function bindings(environment: RegistryEnvironment): UnstoredResource {
  const store = environment.resources.of(Pod);
  return {
    ...{ ...Binding, singular: "binding", verbs: ["create"], schema: BINDING.schema },
    async respond(context) {
      const { namespace } = context.info;
      const read = await readBinding(environment, context);
      const { name } = read.binding.metadata;
      if (!name) throw new ApiError("BadRequest", "metadata.name: a Binding has the name of its Pod");
      const target = { kind: store.kind, namespace, name, subresource: "binding" };
      return bindPod({ environment, context, store, target }, read);
    },
  };
}

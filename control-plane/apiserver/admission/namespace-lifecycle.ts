// Nothing is created in a namespace that is not there or is on its way out, and the namespaces the Supervisor itself lives in
// cannot be deleted.

import { Namespace } from "@atoll/api/core/namespace/kind";
import { ApiError, notFound } from "@atoll/machinery/object/api-error";
import type { ResourceStore } from "../registry/resource-store.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionRequest, AdmissionStep } from "./admission.ts";

export const SYSTEM_NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"] as const;

/** Upstream protects these and leaves kube-node-lease to its owner. */
const UNDELETABLE: ReadonlySet<string> = new Set(["default", "kube-system", "kube-public"]);

export function namespaceLifecycle(resources: ResourceTable): AdmissionStep {
  const namespaces = resources.of(Namespace);
  return {
    name: "NamespaceLifecycle",
    // Before anything else is looked at: whatever is wrong with the object, it has no place to be.
    async mutate(request) {
      const { operation, kind, namespace, subresource } = request;
      if (operation !== "CREATE" || kind === namespaces.kind || subresource !== "" || namespace === "") return;
      await checkNamespace(namespaces, request);
    },
    validate(request) {
      const { operation, kind, name } = request;
      if (operation === "DELETE" && kind === namespaces.kind && UNDELETABLE.has(name)) {
        throw forbid(request, "this namespace may not be deleted");
      }
    },
  };
}

async function checkNamespace(namespaces: ResourceStore, request: AdmissionRequest): Promise<void> {
  const { namespace } = request;
  const key = namespaces.keyOf("", namespace);
  // A namespace made a moment ago may not have reached the cache yet; only then is the store asked how far it is.
  const stored = namespaces.peek(key) ?? (await namespaces.get(key));
  if (!stored) throw notFound({ group: "", name: "namespaces" }, namespace);
  if (!stored.object.metadata.deletionTimestamp) return;
  throw forbid(request, `unable to create new content in namespace ${namespace} because it is being terminated`, {
    reason: "NamespaceTerminating",
    message: `namespace ${namespace} is being terminated`,
    field: "metadata.namespace",
  });
}

/** A refusal by admission, in upstream's words. */
export function forbid(
  { kind, name }: Pick<AdmissionRequest, "kind" | "name">,
  why: string,
  cause?: { readonly reason: string; readonly message: string; readonly field: string },
): ApiError {
  const { group, plural } = kind.resource;
  const qualified = group === "" ? plural : `${plural}.${group}`;
  return new ApiError("Forbidden", `${qualified} ${JSON.stringify(name)} is forbidden: ${why}`, {
    details: { name, ...(group === "" ? {} : { group }), kind: plural, ...(cause ? { causes: [cause] } : {}) },
  });
}

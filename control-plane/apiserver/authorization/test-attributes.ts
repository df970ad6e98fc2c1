// Test support: questions to authorizers, shortly written.

import type { Attributes } from "./authorizer.ts";

/** `resource` may carry a subresource, "pods/log". */
export function resourceAttributes(verb: string, resource: string, more: Partial<Attributes> = {}): Attributes {
  const [plural = "", subresource = ""] = resource.split("/");
  return {
    isResourceRequest: true,
    verb,
    path: "",
    group: "",
    version: "v1",
    namespace: "",
    resource: plural,
    subresource,
    name: "",
    ...more,
  };
}

export function pathAttributes(verb: string, path: string): Attributes {
  return { ...resourceAttributes(verb, ""), isResourceRequest: false, version: "", path };
}

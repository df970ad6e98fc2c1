// Binding is written only, as the `binding` subresource of a Pod (and, as older clients do, as an object of its own, which
// the server takes for the same). Nothing of it is stored, so it is no KindDefinition.

import type { Binding as BindingObject } from "../../generated/types.ts";
import type { Resource } from "../../resource.ts";

export type Binding = BindingObject;

export const Binding: Resource<Binding> = {
  group: "",
  version: "v1",
  kind: "Binding",
  plural: "bindings",
  scope: "Namespaced",
};

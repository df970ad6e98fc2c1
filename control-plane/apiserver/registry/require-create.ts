import type { User } from "../request/request.ts";
import { forbidden } from "../authorization/forbidden.ts";
import type { RegistryEnvironment } from "./environment.ts";
import type { Target } from "./write-options.ts";

/** An update or an apply that turns out to make a new object needs the right to create it, too. Throws Forbidden without. */
export async function requireCreate({ authorizer }: RegistryEnvironment, target: Target, user: User): Promise<void> {
  const { group, version, plural: resource } = target.kind.resource;
  const { namespace, name, subresource } = target;
  const attributes = {
    isResourceRequest: true,
    verb: "create",
    path: "",
    group,
    version,
    namespace,
    resource,
    name,
    subresource,
  };
  const decision = await authorizer.authorize(user, attributes);
  if (decision.type !== "allow") throw forbidden(user, attributes, decision.reason);
}

// What all resources share that are answered without being stored: reviews, bindings, the health of components.

import type { VirtualResource } from "../discovery/discovery.ts";
import type { DescribedKind } from "../openapi/operations.ts";
import { methodNotAllowed } from "../registry/registry.ts";
import type { RequestContext } from "../request/context.ts";
import type { RequestInfo } from "../request/request-info.ts";
import type { ApiResponse } from "../request/request.ts";

export interface UnstoredResource extends VirtualResource {
  /** Name in the schema model. */
  readonly schema: string;
  /** The verb is one of `verbs`, and the path one that it has. */
  respond(context: RequestContext): Promise<ApiResponse>;
}

/** For who describes it. */
export function describeUnstored({
  group,
  version,
  kind,
  plural,
  scope,
  schema,
  verbs,
}: UnstoredResource): DescribedKind {
  return { resource: { group, version, kind, plural, scope }, verbs, subresources: [], schema };
}

export function findUnstored(
  unstored: readonly UnstoredResource[],
  { group, version, resource }: RequestInfo,
): UnstoredResource | undefined {
  return unstored.find((entry) => entry.group === group && entry.version === version && entry.plural === resource);
}

/** Undefined: none of them is asked for. */
export function respondUnstored(
  unstored: readonly UnstoredResource[],
  context: RequestContext,
): Promise<ApiResponse> | undefined {
  const { subresource, verb, name, namespace } = context.info;
  const found = findUnstored(unstored, context.info);
  if (!found || subresource !== "" || (namespace === "") !== (found.scope === "Cluster")) return undefined;
  const isAllowed = found.verbs.some((allowed) => allowed === verb) && (verb === "get") === (name !== "");
  if (!isAllowed) throw methodNotAllowed();
  return found.respond(context);
}

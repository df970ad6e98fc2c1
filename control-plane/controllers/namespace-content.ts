// Empties a namespace of one kind after the other. It asks the API, not the cache: what is overlooked would stay behind in a
// namespace that nobody can name any more.

import { Pod } from "@atoll/api/core/pod/kind";
import { type KubeObject, type Resource, apiVersionOf } from "@atoll/api/resource";
import { toError } from "@atoll/base/errors";
import { type Client, type ObjectList, nameOf } from "@atoll/machinery/client/client";
import { type ServedResource, preferredResources } from "@atoll/machinery/client/discovery";
import { hasReason } from "@atoll/machinery/object/api-error";
import { type NamespaceRemains, discoveryFailure } from "./namespace-conditions.ts";

/** Kinds emptied at a time: most are empty, and each is a request or two. */
const KINDS_AT_A_TIME = 8;

export interface NamespaceContent {
  readonly client: Client;
  readonly namespace: string;
  /** How long ago the namespace was deleted: pods have their grace from then on. */
  readonly deletedForMs: number;
  readonly signal: AbortSignal;
}

interface KindRemains {
  readonly resource: Resource;
  readonly items: readonly KubeObject[];
  readonly failure: string | undefined;
}

/** Pods first, alone: what they need to end in peace (their accounts, Secrets, policies) outlives them. */
export async function deleteContent(content: NamespaceContent): Promise<NamespaceRemains> {
  const { resources, failures } = await content.client.discover({ signal: content.signal });
  const kinds = preferredResources(resources, ["delete"]).filter(({ scope }) => scope === "Namespaced");
  const isPods = ({ group, plural }: Resource) => group === Pod.group && plural === Pod.plural;
  const pods = await deleteKinds(content, kinds.filter(isPods));
  const havePodsGone = pods.every(({ items }) => items.length === 0);
  const others = havePodsGone ? kinds.filter((kind) => !isPods(kind)) : [];
  return summed([...pods, ...(await deleteKinds(content, others))], discoveryFailure(failures));
}

/** Whether nothing has come in while the rest was being cleared away. */
export async function isEmpty({ client, namespace, signal }: NamespaceContent): Promise<boolean> {
  const { resources } = await client.discover({ signal });
  const kinds = preferredResources(resources, ["delete", "list"]).filter(({ scope }) => scope === "Namespaced");
  const lists = await Promise.all(
    kinds.map((kind) => client.list(kind, { namespace, limit: 1, metadataOnly: true, signal })),
  );
  return lists.every(({ items }) => items.length === 0);
}

async function deleteKinds(content: NamespaceContent, kinds: readonly ServedResource[]): Promise<KindRemains[]> {
  const remains: KindRemains[] = [];
  const waiting = kinds.values();
  const worker = async () => {
    for (const kind of waiting) remains.push(await deleteKind(content, kind));
  };
  await Promise.all(Array.from({ length: KINDS_AT_A_TIME }, worker));
  return remains;
}

/** One kind that cannot be deleted must not keep the others. */
async function deleteKind(content: NamespaceContent, resource: ServedResource): Promise<KindRemains> {
  const { client, namespace, signal } = content;
  try {
    const first = await list(content, resource, { limit: 1 });
    if (!first || first.items.length === 0) return { resource, items: [], failure: undefined };
    const isPatient = await awaitsGrace(content, resource);
    const options = { propagationPolicy: "Background", signal } as const;
    if (resource.verbs.includes("deletecollection")) {
      await client.deleteCollection(resource, { namespace, ...options });
    } else {
      for (const item of (await list(content, resource))?.items ?? []) await deleteItem(content, resource, item);
    }
    const left = (await list(content, resource))?.items ?? [];
    const isWaited = isPatient || left.length === 0 || left.some(({ metadata }) => metadata.finalizers?.length);
    const gvr = `${resource.group === "" ? `/${resource.version}` : apiVersionOf(resource)}, Resource=${resource.plural}`;
    const failure = isWaited ? undefined : `unexpected items still remain in namespace: ${namespace} for gvr: ${gvr}`;
    return { resource, items: left, failure };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return { resource, items: [], failure: toError(thrown).message };
  }
}

async function deleteItem({ client, namespace, signal }: NamespaceContent, resource: Resource, item: KubeObject) {
  try {
    await client.delete(resource, { ...nameOf(item), namespace }, { propagationPolicy: "Background", signal });
  } catch (thrown) {
    if (!hasReason(thrown, "NotFound") && !hasReason(thrown, "MethodNotAllowed")) throw thrown;
  }
}

/** Undefined: the kind is gone, or cannot be listed at all. */
async function list(
  { client, namespace, signal }: NamespaceContent,
  resource: Resource,
  options: { readonly limit?: number } = {},
): Promise<ObjectList<KubeObject> | undefined> {
  try {
    return await client.list(resource, { namespace, metadataOnly: true, ...options, signal });
  } catch (thrown) {
    if (hasReason(thrown, "NotFound") || hasReason(thrown, "MethodNotAllowed")) return undefined;
    throw thrown;
  }
}

/** Whether a pod may still be ending as it was promised. */
async function awaitsGrace(
  { client, namespace, deletedForMs, signal }: NamespaceContent,
  { group, plural }: Resource,
): Promise<boolean> {
  if (group !== Pod.group || plural !== Pod.plural) return false;
  const { items } = await client.list(Pod, { namespace, signal });
  const graces = items
    .filter(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed")
    .map(({ spec }) => spec.terminationGracePeriodSeconds ?? 0);
  return deletedForMs < Math.max(0, ...graces) * 1000;
}

function summed(kinds: readonly KindRemains[], discovery: string | undefined): NamespaceRemains {
  const finalizers = new Map<string, number>();
  for (const { metadata } of kinds.flatMap(({ items }) => items)) {
    for (const finalizer of metadata.finalizers ?? []) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
  }
  return {
    discoveryFailure: discovery,
    contentFailures: kinds.flatMap(({ failure }) => failure ?? []),
    remaining: kinds
      .filter(({ items }) => items.length > 0)
      .map(({ resource, items }) => ({ resource, count: items.length })),
    finalizers,
  };
}

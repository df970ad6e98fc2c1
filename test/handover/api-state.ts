// What an API server shows, object by object, in a form that two servers' answers can be compared in.

import { apiVersionOf, type KubeObject, type Resource } from "@atoll/api/resource";
import { isRecord } from "@atoll/base/is-record";
import { hasReason } from "@atoll/machinery/object/api-error";
import type { Client } from "@atoll/machinery/client/client";

const PAGE = 500;

/** By "apps/v1 Deployment ns/name". */
export type ApiState = ReadonlyMap<string, KubeObject>;

/** All objects of the resources. One that the server does not know is left out. */
export async function readState(client: Client, resources: readonly Resource[]): Promise<ApiState> {
  const state = new Map<string, KubeObject>();
  for (const resource of resources) {
    let next = "";
    do {
      const page = await listPage(client, resource, next);
      if (!page) break;
      for (const item of page.items) {
        const { namespace = "", name = "" } = item.metadata;
        // Items of a list do not say what they are.
        const { kind: _kind, apiVersion: _apiVersion, ...rest } = item;
        state.set(`${apiVersionOf(resource)} ${resource.kind} ${namespace}/${name}`, rest as KubeObject); // as it came
      }
      next = page.metadata.continue ?? "";
    } while (next);
  }
  return state;
}

async function listPage(client: Client, resource: Resource, next: string) {
  try {
    return await client.list(resource, { limit: PAGE, ...(next && { continue: next }) });
  } catch (error) {
    if (hasReason(error, "NotFound")) return undefined;
    throw new Error(`List ${resource.plural} failed`, { cause: error });
  }
}

/** A server's own sign of life, which it takes back when it ends. */
const OF_ONE_LIFE = /^coordination.k8s.io\/v1 Lease kube-system\/apiserver-/;

export interface Comparison {
  /** Shown by both at the same version. */
  readonly same: number;
  /** At the same version, but not alike: the fields. */
  readonly different: ReadonlyMap<string, readonly string[]>;
  /** In the first alone. */
  readonly missing: readonly string[];
  /** In the second alone, or there at another version. */
  readonly changed: readonly string[];
}

export function compareStates(before: ApiState, after: ApiState): Comparison {
  const different = new Map<string, string[]>();
  const missing: string[] = [];
  const changed: string[] = [];
  let same = 0;
  for (const [name, object] of before) {
    const other = after.get(name);
    if (!other && OF_ONE_LIFE.test(name)) continue;
    if (!other) missing.push(name);
    else if (other.metadata.resourceVersion !== object.metadata.resourceVersion) changed.push(name);
    else {
      const fields = differingFields(object, other, "");
      if (fields.length > 0) different.set(name, fields);
      else same += 1;
    }
  }
  for (const name of after.keys()) if (!before.has(name)) changed.push(name);
  return { same, different, missing, changed };
}

/**
 * Paths at which two values are not the same, in whatever order their fields stand. A field that is absent is the same as one
 * that is empty: Go writes some of its zero values and leaves out others, and reads both alike.
 */
function differingFields(left: unknown, right: unknown, path: string): string[] {
  if (isEmpty(left) && isEmpty(right)) return [];
  if (isRecord(left) && isRecord(right)) {
    const names = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...names].flatMap((name) =>
      differingFields(left[name], right[name], path === "" ? name : `${path}.${name}`),
    );
  }
  if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
    return left.flatMap((item, index) => differingFields(item, right[index], `${path}[${index}]`));
  }
  const [leftInside, rightInside] = [objectInside(left), objectInside(right)];
  if (leftInside && rightInside) return differingFields(leftInside, rightInside, path);
  return left === right ? [] : [`${path}: ${JSON.stringify(left)} ≠ ${JSON.stringify(right)}`];
}

/** Annotations hold objects of older versions as JSON, whose order of fields means nothing either. */
function objectInside(text: unknown): unknown {
  if (typeof text !== "string" || !text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isRecord(value)) return Object.values(value).every(isEmpty);
  return value === undefined || value === null || value === 0 || value === "" || value === false;
}

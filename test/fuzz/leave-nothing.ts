// Objects that an input makes for real are gone again before the next one.

import { isRecord } from "@atoll/base/is-record";
import type { Outcome } from "./answer-reader.ts";
import type { FuzzRequest } from "./http-lane.ts";
import { type InputContext, NAMESPACE } from "./target.ts";

/** Sends the creation, lets something happen to what came of it, and removes it. */
export async function createAndDelete(
  context: InputContext,
  creation: Omit<FuzzRequest, "method">,
  between: (path: string) => Promise<unknown> = async () => {},
): Promise<Outcome> {
  const outcome = await context.call({ ...creation, method: "POST" });
  const path = outcome.type === "answer" && outcome.status === 201 ? pathOf(outcome, creation.target) : undefined;
  if (path === undefined) return outcome;
  await between(path);
  const headers = { "content-type": "application/merge-patch+json" };
  const removed = await context.call({ method: "DELETE", target: `${path}?gracePeriodSeconds=0` });
  // An object with finalizers waits for those who set them.
  if (removed.type === "answer" && /"finalizers":\[/.test(removed.text)) {
    await context.call({ method: "PATCH", target: path, headers, body: '{"metadata":{"finalizers":null}}' });
  }
  return outcome;
}

function pathOf(outcome: Outcome & { readonly type: "answer" }, target: string): string | undefined {
  const collection = target.split("?", 1)[0] ?? "";
  // The text may be cut; what an object is called stands at its beginning.
  const name = /"metadata":\{[^{}]*?"name":"([^"]+)"/.exec(outcome.text)?.[1];
  if (name !== undefined) return `${collection}/${encodeURIComponent(name)}`;
  const object: unknown = JSON.parse(outcome.text);
  const metadata = isRecord(object) && isRecord(object.metadata) ? object.metadata : {};
  return typeof metadata.name === "string" ? `${collection}/${encodeURIComponent(metadata.name)}` : undefined;
}

/** What is left for all that: everything in the namespace of these collections. */
export async function deleteAll(
  make: (method: string, path: string) => Promise<unknown>,
  plurals: readonly string[],
): Promise<void> {
  for (const plural of plurals) await make("DELETE", `/api/v1/namespaces/${NAMESPACE}/${plural}?gracePeriodSeconds=0`);
}

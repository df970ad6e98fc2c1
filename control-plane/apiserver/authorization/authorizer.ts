// The question every request must pass, and who is asked.

import type { Eventual } from "@atoll/base/eventual";
import { type FieldRequirement, parseFieldSelector } from "@atoll/machinery/object/field-selector";
import type { RequestInfo } from "../request/request-info.ts";
import type { User } from "../request/request.ts";

/** What is asked for. Reviews and checks within other requests ask as well, with verbs that are no request's. */
export interface Attributes
  extends Pick<
    RequestInfo,
    "isResourceRequest" | "path" | "group" | "version" | "namespace" | "resource" | "name" | "subresource"
  > {
  readonly verb: string;
  /** What a list or watch confines itself to. */
  readonly fields?: readonly FieldRequirement[];
}

export type Decision =
  | { readonly type: "allow"; readonly reason?: string }
  /** Final: nobody after this one is asked. */
  | { readonly type: "deny"; readonly reason: string }
  | { readonly type: "no-opinion"; readonly reason?: string };

export interface Authorizer {
  /** A decision at once where it can be had at once: most requests are allowed without waiting for anything. */
  authorize(user: User, attributes: Attributes): Eventual<Decision>;
}

/** Asks each in order; the first that allows or denies has decided, and nobody's opinion is a refusal. */
export function firstDecision(authorizers: readonly Authorizer[]): Authorizer {
  return { authorize: (user, attributes) => askFrom(authorizers, { index: 0, reasons: [] }, user, attributes) };
}

interface Asked {
  /** Of the authorizer that is next. */
  index: number;
  readonly reasons: string[];
}

function askFrom(
  authorizers: readonly Authorizer[],
  asked: Asked,
  user: User,
  attributes: Attributes,
): Eventual<Decision> {
  while (asked.index < authorizers.length) {
    const decision = authorizers[asked.index++]?.authorize(user, attributes);
    if (decision instanceof Promise) {
      return decision.then((late) => {
        if (late.type !== "no-opinion") return late;
        if (late.reason) asked.reasons.push(late.reason);
        return askFrom(authorizers, asked, user, attributes);
      });
    }
    if (!decision) continue;
    if (decision.type !== "no-opinion") return decision;
    if (decision.reason) asked.reasons.push(decision.reason);
  }
  return { type: "no-opinion", reason: asked.reasons.join("\n") };
}

/** What a request asks for. A list that can only show one object asks for that one. */
export function attributesOf(info: RequestInfo): Attributes {
  if (info.query.size === 0 || !isSelecting(info)) return info;
  const selector = parseFieldSelector(info.query.get("fieldSelector") ?? "");
  // What cannot be read selects nothing here and is refused by whoever carries the request out.
  if ("error" in selector || selector.requirements.length === 0) return info;
  const { requirements: fields } = selector;
  const named = fields.find(({ field, operator }) => field === "metadata.name" && operator === "Equals");
  return { ...info, fields, name: info.name || (named?.value ?? "") };
}

function isSelecting({ isResourceRequest, verb }: RequestInfo): boolean {
  return isResourceRequest && (verb === "list" || verb === "watch" || verb === "deletecollection");
}

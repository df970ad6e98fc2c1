// The query and path parameters of the API's operations: one flat table.

import type { Dialect } from "./schema-dialect.ts";

interface Parameter {
  readonly in: "path" | "query";
  readonly type: "string" | "integer" | "boolean";
  readonly description: string;
}

const parameters = {
  name: { in: "path", type: "string", description: "Name of the object." },
  namespace: { in: "path", type: "string", description: "Namespace of the object." },
  path: { in: "path", type: "string", description: "Path to use for the request behind the proxy." },
  pretty: { in: "query", type: "string", description: "Ask for an indented answer." },
  allowWatchBookmarks: {
    in: "query",
    type: "boolean",
    description: "Ask for events that only carry the version reached.",
  },
  continue: { in: "query", type: "string", description: "Where the last page of the list ended, as that answer said." },
  fieldSelector: { in: "query", type: "string", description: "Only objects whose fields match." },
  labelSelector: { in: "query", type: "string", description: "Only objects whose labels match." },
  limit: { in: "query", type: "integer", description: "At most this many objects in one answer." },
  resourceVersion: { in: "query", type: "string", description: "The version to read at, or to watch from." },
  resourceVersionMatch: {
    in: "query",
    type: "string",
    description: "How resourceVersion is meant: Exact or NotOlderThan.",
  },
  sendInitialEvents: { in: "query", type: "boolean", description: "Begin a watch with the objects that exist." },
  timeoutSeconds: { in: "query", type: "integer", description: "End the call after this long." },
  watch: { in: "query", type: "boolean", description: "Send changes as they happen instead of a list." },
  dryRun: { in: "query", type: "string", description: "All: do everything but store the result." },
  fieldManager: {
    in: "query",
    type: "string",
    description: "Who makes this change, at most 128 printable characters.",
  },
  fieldValidation: {
    in: "query",
    type: "string",
    description: "What unknown and duplicate fields do: Ignore, Warn or Strict.",
  },
  force: { in: "query", type: "boolean", description: "Apply takes over fields that others manage." },
  gracePeriodSeconds: {
    in: "query",
    type: "integer",
    description: "Time the object has to end by itself; 0 is at once.",
  },
  orphanDependents: { in: "query", type: "boolean", description: "Older form of propagationPolicy." },
  propagationPolicy: {
    in: "query",
    type: "string",
    description: "What happens to dependents: Orphan, Background or Foreground.",
  },
} as const satisfies Readonly<Record<string, Parameter>>;

export type ParameterName = keyof typeof parameters;

export const LIST_PARAMETERS: readonly ParameterName[] = [
  "allowWatchBookmarks",
  "continue",
  "fieldSelector",
  "labelSelector",
  "limit",
  "resourceVersion",
  "resourceVersionMatch",
  "sendInitialEvents",
  "timeoutSeconds",
  "watch",
];
export const WRITE_PARAMETERS: readonly ParameterName[] = ["dryRun", "fieldManager", "fieldValidation"];
export const PATCH_PARAMETERS: readonly ParameterName[] = [...WRITE_PARAMETERS, "force"];
export const DELETE_PARAMETERS: readonly ParameterName[] = [
  "dryRun",
  "gracePeriodSeconds",
  "orphanDependents",
  "propagationPolicy",
];
export const DELETE_COLLECTION_PARAMETERS: readonly ParameterName[] = [
  ...DELETE_PARAMETERS,
  ...LIST_PARAMETERS.filter((name) => name !== "allowWatchBookmarks" && name !== "watch"),
];

export function writeParameters(names: readonly ParameterName[], dialect: Dialect): Record<string, unknown>[] {
  return names.map((name) => {
    const { in: place, type, description } = parameters[name];
    const required = place === "path" ? { required: true } : {};
    const shape = { type, uniqueItems: true };
    return { name, in: place, description, ...required, ...(dialect === "v3" ? { schema: shape } : shape) };
  });
}

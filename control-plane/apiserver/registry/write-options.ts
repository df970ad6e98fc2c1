import type { KindDefinition } from "@atoll/api/kind";
import { isApplyPatch } from "../input/patch.ts";
import type { FieldValidation } from "../input/read-object.ts";
import type { RequestContext } from "../request/context.ts";
import type { AuditAnnotations } from "../request/audit-annotations.ts";
import type { ApiRequest, User } from "../request/request.ts";
import { isTrue } from "../request/request-info.ts";
import { readFieldManager } from "./field-manager-name.ts";
import {
  applyFaults,
  dryRunFaults,
  fieldManagerFaults,
  fieldValidationFaults,
  type OptionsKind,
  throwIfFaulty,
} from "./option-faults.ts";

/** What all writes have in common, from the query and from who asks. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  readonly user: User;
  readonly warnings: string[];
  /** An apply that takes fields from their owners. */
  readonly force?: boolean;
  /** Who owns what this write changes; undefined: the server itself. */
  readonly fieldManager?: string;
  readonly annotations?: AuditAnnotations;
  /** Undefined: the server writes by itself. */
  readonly caller?: { readonly request: ApiRequest; readonly query: URLSearchParams };
}

/** What a write is about: a kind, a place in it, and the subresource it came through. */
export interface Target {
  readonly kind: KindDefinition;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

export function readWriteOptions({
  info: { query },
  user,
  warnings,
  annotations,
  request,
}: RequestContext): WriteOptions {
  if (query.size > 0 || request.method === "PATCH") checkOptions(query, request);
  return {
    dryRun: query.has("dryRun"),
    fieldValidation: (query.get("fieldValidation") || "Warn") as FieldValidation, // checked above
    force: isTrue(query.get("force")),
    user,
    warnings,
    fieldManager: readFieldManager(query, request),
    annotations,
    caller: { request, query },
  };
}

const OPTIONS_OF_METHODS: Readonly<Record<string, OptionsKind>> = {
  POST: "CreateOptions",
  PUT: "UpdateOptions",
  PATCH: "PatchOptions",
};

function checkOptions(query: URLSearchParams, request: ApiRequest): void {
  const isPatch = request.method === "PATCH";
  throwIfFaulty(OPTIONS_OF_METHODS[request.method] ?? "CreateOptions", [
    ...(isPatch ? applyFaults(query, isApplyPatch(request)) : []),
    ...fieldManagerFaults(query.get("fieldManager") ?? ""),
    ...dryRunFaults(query.getAll("dryRun")),
    ...fieldValidationFaults(query.get("fieldValidation") ?? ""),
  ]);
}

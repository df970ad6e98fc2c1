import type { KindDefinition } from "@atoll/api/kind";
import { ApiError } from "@atoll/machinery/object/api-error";
import { type FieldValidation, readFieldValidation } from "../input/read-object.ts";
import type { RequestContext } from "../request/context.ts";
import type { AuditAnnotations } from "../request/audit-annotations.ts";
import type { ApiRequest, User } from "../request/request.ts";
import { readFieldManager } from "./field-manager-name.ts";

/** What all writes have in common, from the query and from who asks. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  readonly user: User;
  readonly warnings: string[];
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
  return {
    dryRun: readDryRun(query.getAll("dryRun")),
    fieldValidation: readFieldValidation(query),
    user,
    warnings,
    fieldManager: readFieldManager(query, request),
    annotations,
    caller: { request, query },
  };
}

/** "All" is the only word there is for a dry run; anything else must not be taken for a real one. */
export function readDryRun(values: readonly string[]): boolean {
  const wrong = values.find((value) => value !== "All" && value !== "");
  if (wrong !== undefined) {
    throw new ApiError("BadRequest", `dryRun: Unsupported value: ${JSON.stringify(wrong)}: supported values: "All"`);
  }
  return values.includes("All");
}

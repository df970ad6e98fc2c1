import type { StatusCause } from "@atoll/api/meta/types";
import type { SchemaModel } from "@atoll/api/schema";
import type { ParsedBody } from "../input/parse-body.ts";
import { readObject } from "../input/read-object.ts";
import type { AuditAnnotations } from "../request/audit-annotations.ts";
import type { RequestContext } from "../request/context.ts";
import { queryInteger } from "../request/query-integer.ts";
import type { User } from "../request/request.ts";
import { dryRunFaults, propagationFaults, throwIfFaulty } from "./option-faults.ts";

export type PropagationPolicy = "Orphan" | "Background" | "Foreground";

export interface DeleteOptions {
  readonly gracePeriodSeconds: number | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly propagationPolicy: PropagationPolicy | undefined;
  readonly dryRun: boolean;
  /** It was said in the old way that dependents go, too. */
  readonly keepsNoOrphans?: boolean;
}

/** What is the same for every object of one call. */
export interface DeleteCall {
  readonly options: DeleteOptions;
  readonly user: User;
  readonly warnings: string[];
  readonly annotations?: AuditAnnotations;
  /** Undefined: the server deletes by itself. */
  readonly caller?: { readonly signal: AbortSignal; readonly method: string };
}

/** A call that a client has made. */
export function deleteCall(
  { user, warnings, annotations, request }: RequestContext,
  options: DeleteOptions,
): DeleteCall {
  return { options, user, warnings, annotations, caller: request };
}

export const DELETE_OPTIONS = {
  kind: "DeleteOptions",
  schema: "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions",
  isOptions: true,
};

/** From the body where there is one, else from the query, as upstream. */
export function readDeleteOptions(
  model: SchemaModel,
  query: URLSearchParams,
  body: ParsedBody | undefined,
): DeleteOptions {
  const options = body ? fromBody(model, body) : fromQuery(query);
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, dryRun = [] } = options;
  const isBoth = propagationPolicy !== undefined && orphanDependents !== undefined;
  throwIfFaulty("DeleteOptions", [
    ...(isBoth ? [bothPolicies(propagationPolicy)] : []),
    ...propagationFaults(propagationPolicy),
    ...dryRunFaults(dryRun),
  ]);
  const legacyPolicy = orphanDependents === undefined ? undefined : orphanDependents ? "Orphan" : "Background";
  return {
    gracePeriodSeconds,
    uid: options.preconditions?.uid,
    resourceVersion: options.preconditions?.resourceVersion,
    propagationPolicy: (propagationPolicy as PropagationPolicy | undefined) ?? legacyPolicy, // checked above
    keepsNoOrphans: orphanDependents === false,
    dryRun: dryRun.length > 0,
  };
}

interface WireOptions {
  gracePeriodSeconds?: number | undefined;
  preconditions?: { uid?: string | undefined; resourceVersion?: string | undefined };
  propagationPolicy?: string | undefined;
  orphanDependents?: boolean | undefined;
  dryRun?: readonly string[];
}

function fromBody(model: SchemaModel, body: ParsedBody): WireOptions {
  const apiVersion = apiVersionIn(body.value);
  const decoded = readObject(model, { ...DELETE_OPTIONS, apiVersion }, body, {
    fieldValidation: "Ignore",
    warnings: [],
  });
  return decoded as unknown as WireOptions; // decoded by the schema of DeleteOptions
}

/** DeleteOptions may be sent in any group's version: every API group has them. */
function apiVersionIn(value: unknown): string {
  if (typeof value !== "object" || value === null || !("apiVersion" in value)) return "v1";
  return typeof value.apiVersion === "string" && value.apiVersion !== "" ? value.apiVersion : "v1";
}

function fromQuery(query: URLSearchParams): WireOptions {
  const orphan = query.get("orphanDependents");
  const [uid, resourceVersion] = ["uid", "resourceVersion"].map((name) => query.get(name) || undefined);
  return {
    gracePeriodSeconds: queryInteger(query, "gracePeriodSeconds"),
    propagationPolicy: query.get("propagationPolicy") ?? undefined,
    orphanDependents: orphan === null ? undefined : !/^(0|false)$/i.test(orphan),
    preconditions: { uid, resourceVersion },
    dryRun: query.getAll("dryRun"),
  };
}

function bothPolicies(policy: string): StatusCause {
  const message = `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`;
  return { reason: "FieldValueInvalid", field: "propagationPolicy", message };
}

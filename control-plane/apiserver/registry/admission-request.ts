// What admission is told of a write, a deletion or a connection.

import type { KubeObject } from "@atoll/api/resource";
import type { AdmissionRequest, OtherKind } from "../admission/admission.ts";
import { deleteOperationOptions, writeOperationOptions } from "../admission/operation-options.ts";
import type { RequestContext } from "../request/context.ts";
import type { DeleteCall } from "./delete-options.ts";
import type { Target, WriteOptions } from "./write-options.ts";

export interface WrittenObjects {
  readonly object: KubeObject;
  /** Undefined: the object is new. */
  readonly oldObject?: KubeObject | undefined;
  /** Where the body is not the kind itself. */
  readonly bodyKind?: OtherKind;
}

export function writeAdmission(target: Target, written: WrittenObjects, options: WriteOptions): AdmissionRequest {
  const { kind, subresource, namespace, name } = target;
  const { object, oldObject, bodyKind } = written;
  const { dryRun, user, warnings, annotations, caller } = options;
  const isNew = oldObject === undefined;
  return {
    operation: isNew ? "CREATE" : "UPDATE",
    kind,
    subresource,
    namespace,
    name,
    object,
    oldObject,
    ...(bodyKind ? { bodyKind } : {}),
    options: writeOperationOptions(isNew ? "CreateOptions" : "UpdateOptions", dryRun, caller?.query),
    user,
    dryRun,
    warnings,
    annotations,
    caller: caller?.request,
  };
}

/** A deletion, each object of a collection by itself. */
export function deleteAdmission(
  { kind, namespace, name }: Target,
  oldObject: KubeObject,
  { options, user, warnings, annotations, caller }: DeleteCall,
): AdmissionRequest {
  const { dryRun } = options;
  return {
    operation: "DELETE",
    kind,
    subresource: "",
    namespace,
    name,
    object: undefined,
    oldObject,
    options: deleteOperationOptions(options),
    user,
    dryRun,
    warnings,
    annotations,
    caller,
  };
}

/** A connection to something that runs; `object` says with which parameters. */
export function connectAdmission(
  { kind, subresource, namespace, name }: Target,
  { object, bodyKind }: { readonly object: KubeObject; readonly bodyKind: OtherKind },
  { user, warnings, annotations, request }: RequestContext,
): AdmissionRequest {
  return {
    operation: "CONNECT",
    kind,
    subresource,
    bodyKind,
    namespace,
    name,
    object,
    oldObject: undefined,
    user,
    dryRun: false,
    warnings,
    annotations,
    caller: request,
  };
}

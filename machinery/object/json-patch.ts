// JSON patch (RFC 6902): a list of operations, all or nothing. As upstream, a field that is not there may be replaced.

import { applyPatch, type Operation, Pointer } from "rfc6902";
import { ApiError } from "./api-error.ts";

/** Upstream's limit: each operation may copy the whole object. */
export const OPERATIONS_MAX = 10_000;

/** A copy can double the object with each operation; what no request body could hold is refused. */
export const RESULT_CHARACTERS_MAX = 3 * 1024 * 1024;

const OPERATIONS: readonly unknown[] = ["add", "copy", "move", "remove", "replace", "test"];

/** A new value; `document` is not changed. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!isList(patch)) {
    throw new ApiError("BadRequest", "error decoding patch: must be a list of operations");
  }
  if (patch.length > OPERATIONS_MAX) {
    throw new ApiError(
      "RequestEntityTooLarge",
      `The allowed maximum operations in a JSON patch is ${OPERATIONS_MAX}, got ${patch.length}`,
    );
  }
  // Patching "" replaces the document itself, so it stands in a holder; the library changes what it gets in place.
  const holder = { document: structuredClone(document) };
  for (const operation of patch) {
    if (!isOperation(operation)) throw rejected(`not an operation with op and path: ${JSON.stringify(operation)}`);
    const [error] = applyPatch(holder, [adapted(insideHolder(structuredClone(operation)), holder)]);
    if (error) throw rejected(error.message, error);
    if (operation.op === "copy") checkSize(holder.document);
  }
  return holder.document;
}

/** Upstream says no more than the first half. */
/** What it was stays with the server, as upstream keeps it to itself. */
function rejected(why: string, cause = new Error(why)): ApiError {
  return new ApiError("Invalid", "the server rejected our request due to an error in our request", { cause });
}

/** To replace what is not there is to add it, where it is a field and not an item of a list. */
function adapted(operation: Operation, document: unknown): Operation {
  if (operation.op !== "replace") return operation;
  const { parent, key, value } = Pointer.fromJSON(operation.path).evaluate(document);
  const isMissingField = value === undefined && isRecord(parent) && !Object.hasOwn(parent, key);
  return isMissingField ? { ...operation, op: "add" } : operation;
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function insideHolder(operation: Operation): Operation {
  const moved = { ...operation, path: `/document${operation.path}` };
  return "from" in moved ? { ...moved, from: `/document${moved.from}` } : moved;
}

function checkSize(document: unknown): void {
  if (JSON.stringify(document).length > RESULT_CHARACTERS_MAX) {
    throw new ApiError(
      "RequestEntityTooLarge",
      `The patched object is larger than ${RESULT_CHARACTERS_MAX} characters`,
    );
  }
}

function isList(patch: unknown): patch is readonly unknown[] {
  return Array.isArray(patch) && patch.every((item) => item === null || isRecord(item));
}

function isOperation(value: unknown): value is Operation {
  if (typeof value !== "object" || value === null) return false;
  const { op, path, from } = value as Record<string, unknown>; // any object can be asked for its fields
  if (!OPERATIONS.includes(op) || !isPointer(path)) return false;
  if (op === "copy" || op === "move") return isPointer(from);
  return op === "remove" || Object.hasOwn(value, "value");
}

/** The library would take a "__proto__" for the object's prototype instead of a field, so no pointer may lead through one. */
function isPointer(value: unknown): boolean {
  if (typeof value !== "string") return false;
  return value === "" || (value.startsWith("/") && !value.split("/").includes("__proto__"));
}

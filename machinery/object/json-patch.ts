// JSON patch (RFC 6902): a list of operations, all or nothing.

import { applyPatch, type Operation } from "rfc6902";
import { ApiError } from "./api-error.ts";

/** Upstream's limit: each operation may copy the whole object. */
export const OPERATIONS_MAX = 10_000;

/** A copy can double the object with each operation; what no request body could hold is refused. */
export const RESULT_CHARACTERS_MAX = 3 * 1024 * 1024;

const OPERATIONS: readonly unknown[] = ["add", "copy", "move", "remove", "replace", "test"];

/** A new value; `document` is not changed. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!isOperationList(patch)) {
    throw new ApiError("BadRequest", "error decoding patch: must be a list of operations with op and path");
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
    const [error] = applyPatch(holder, [insideHolder(structuredClone(operation))]);
    if (error) {
      throw new ApiError(
        "Invalid",
        `the server rejected our request due to an error in our request: ${error.message}`,
        {
          cause: error,
        },
      );
    }
    if (operation.op === "copy") checkSize(holder.document);
  }
  return holder.document;
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

function isOperationList(patch: unknown): patch is Operation[] {
  return Array.isArray(patch) && patch.every(isOperation);
}

function isOperation(value: unknown): boolean {
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

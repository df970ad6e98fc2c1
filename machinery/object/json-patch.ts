// JSON patch (RFC 6902): a list of operations, all or nothing. As upstream's library reads it, which takes more than the standard: a
// field that is not there may be replaced, tested and copied as null, and "-1" is the last item of a list.

import { ApiError } from "./api-error.ts";
import { type Container, itemAt, JsonPatchError, PatchedDocument } from "./patched-document.ts";
import { isDeepEqual } from "./deep-equal.ts";

/** Upstream's limit: each operation may go through the whole object. */
export const OPERATIONS_MAX = 10_000;

/** Of all copies together: each may double the object, and no body could hold more. */
export const COPIED_CHARACTERS_MAX = 3 * 1024 * 1024;

type Operation = Readonly<Record<string, unknown>>;

/** A new value; neither argument is changed, parts of both may be shared. */
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
  const patched = new PatchedDocument(document as Container); // what is patched is an object
  let copied = 0;
  try {
    for (const operation of patch) copied += applyOperation(patched, operation ?? {}, COPIED_CHARACTERS_MAX - copied);
  } catch (cause) {
    if (!(cause instanceof JsonPatchError)) throw cause;
    // What it was stays with the server, as upstream keeps it to itself.
    throw new ApiError("Invalid", "the server rejected our request due to an error in our request", { cause });
  }
  return patched.root;
}

/** Whether the patch could be applied, had not one of its tests failed. */
export function isFailedTest(error: unknown): boolean {
  return error instanceof ApiError && error.cause instanceof JsonPatchError && error.cause.isFailedTest;
}

/** How many characters it has copied, which may be `room`. */
function applyOperation(patched: PatchedDocument, operation: Operation, room: number): number {
  const { op } = operation;
  switch (op) {
    case "add":
      patched.add(pathOf(operation, op), sentValue(operation), op);
      return 0;
    case "remove":
      patched.remove(pathOf(operation, op), op);
      return 0;
    case "replace":
      replace(patched, pathOf(operation, op), operation);
      return 0;
    case "move": {
      const from = pathOf(operation, op, "from");
      const value = patched.valueAt(from, op);
      patched.remove(from, op);
      patched.add(pathOf(operation, op), value, op);
      return 0;
    }
    case "copy":
      return copy(patched, operation, room);
    case "test":
      test(patched, pathOf(operation, op), operation);
      return 0;
    default:
      throw new JsonPatchError(`Unexpected kind: ${typeof op === "string" ? op : "unknown"}`);
  }
}

function replace(patched: PatchedDocument, path: string, operation: Operation): void {
  const value = sentValue(operation);
  if (path !== "") {
    patched.replace(path, value);
    return;
  }
  if (typeof value !== "object" || value === null) {
    throw new JsonPatchError("replace operation value must be object or array");
  }
  patched.root = value as Container; // objects and lists are the two
}

function copy(patched: PatchedDocument, operation: Operation, room: number): number {
  const text = JSON.stringify(patched.valueAt(pathOf(operation, "copy", "from"), "copy"));
  if (text.length > room) {
    throw new JsonPatchError(`all copies together have more than ${COPIED_CHARACTERS_MAX} characters`);
  }
  patched.add(pathOf(operation, "copy"), JSON.parse(text), "copy");
  return text.length;
}

/** What is not there equals null. */
function test(patched: PatchedDocument, path: string, operation: Operation): void {
  const found = path === "" ? patched.root : patched.valueAt(path, "test");
  if (!isDeepEqual(found, sentValue(operation))) {
    throw new JsonPatchError(`testing value ${path} failed: test failed`, { isFailedTest: true });
  }
}

function pathOf(operation: Operation, op: string, field: "path" | "from" = "path"): string {
  const path = operation[field];
  if (typeof path !== "string") throw new JsonPatchError(`${op} operation failed to decode ${field}: missing value`);
  return path;
}

function sentValue(operation: Operation): unknown {
  return itemAt(operation as Container, "value") ?? null; // nobody changes it
}

function isList(patch: unknown): patch is readonly (Operation | null)[] {
  return (
    Array.isArray(patch) && patch.every((item) => item === null || (typeof item === "object" && !Array.isArray(item)))
  );
}

import { ApiError } from "../api-error.ts";
import type { Manager } from "./managers.ts";
import type { Conflict } from "./ownership.ts";
import { describePath } from "./path-element.ts";

/** The 409 that shows whom the fields belong to; clients read the causes, people the message. */
export function applyConflict(conflicts: readonly Conflict[]): ApiError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${describeManager(manager)}`,
    field: describePath(path),
  }));
  return new ApiError("Conflict", messageOf(conflicts), { details: { causes } });
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (first && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${describeManager(first.manager)}: ${describePath(first.path)}`;
  }
  const lines = Map.groupBy(conflicts, ({ manager }) => manager)
    .entries()
    .flatMap(([manager, own]) => [
      `conflicts with ${describeManager(manager)}:`,
      ...own.map(({ path }) => `- ${describePath(path)}`),
    ]);
  return `Apply failed with ${conflicts.length} conflicts: ${[...lines].join("\n")}`;
}

function describeManager({ name, operation, apiVersion, subresource }: Manager): string {
  const where = subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`;
  const how = operation === "Update" ? ` using ${apiVersion}` : "";
  return JSON.stringify(name) + where + how;
}

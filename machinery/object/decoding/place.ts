// Where in a value a decoder is, and how that is said: as a path for people, and as Go says it.

import { GO_EMBEDDED, GO_TYPES } from "@atoll/api/facts/go-types";

/** The way from the root: it is put into words only for a complaint. */
export interface Place {
  readonly parent: Place | undefined;
  readonly step: string | number;
  readonly type: "root" | "field" | "key" | "item";
  /** The definition whose field this is or lies in: "Container". */
  readonly owner: string;
  /** The same with all of its name, where this is a field of it. */
  readonly definition: string | undefined;
}

export const ROOT: Place = { parent: undefined, step: "", type: "root", owner: "", definition: undefined };

/** For people: "spec.containers[0].image". */
export function pathOf({ parent, step, type }: Place): string {
  if (!parent) return "";
  const before = pathOf(parent);
  if (type === "item") return `${before}[${step}]`;
  return before === "" ? String(step) : `${before}.${step}`;
}

/** As upstream's decoder says it, without indexes and keys: "spec.containers.livenessProbe.ProbeHandler.exec". */
export function fieldsOf({ parent, step, type, definition }: Place): string {
  if (!parent) return "";
  const before = fieldsOf(parent);
  if (type !== "field") return before;
  const embedded = definition === undefined ? undefined : entriesOf(GO_EMBEDDED[definition]).get(String(step));
  return [before, embedded, String(step)].filter((part) => part).join(".");
}

/** Undefined where upstream calls the type what the schema calls it. */
export function namedTypeOf({ parent, step, type, definition }: Place): string | undefined {
  if (type === "field") return definition === undefined ? undefined : entriesOf(GO_TYPES[definition]).get(String(step));
  if (type !== "item" || !parent) return undefined;
  const list = namedTypeOf(parent);
  return list?.startsWith("[]") ? list.slice(2) : undefined;
}

/** Of one definition in a table of facts. */
function entriesOf(text = ""): ReadonlyMap<string, string> {
  return new Map(text.split(" ").map((entry) => entry.split("=") as [string, string])); // so the tables are written
}

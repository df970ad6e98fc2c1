// What a definition's fields show that nobody has set, read once from the table of facts.

import { ZEROS } from "@atoll/api/facts/zeros";

export interface ZeroFacts {
  /** Fields that are always shown, each with what it holds while nobody has set it: "", 0, false, null or {}. */
  readonly shown: ReadonlyMap<string, unknown>;
  /** Fields whose zero is a value and not the same as leaving them out. */
  readonly kept: ReadonlySet<string>;
}

const known = new Map<string, ZeroFacts | undefined>();

/** Undefined: nothing is known of the definition, and its objects are what is written. */
export function zeroFactsOf(definition: string): ZeroFacts | undefined {
  if (!known.has(definition)) known.set(definition, readFacts(definition));
  return known.get(definition);
}

function readFacts(definition: string): ZeroFacts | undefined {
  const text = ZEROS[definition];
  if (text === undefined) return undefined;
  const shown = new Map<string, unknown>();
  const kept = new Set<string>();
  for (const entry of text.split(" ").filter((part) => part !== "")) {
    const [, name = "", star, zero] = /^([^*=]+)(\*)?(?:=(.*))?$/.exec(entry) ?? [];
    if (star) kept.add(name);
    if (zero) shown.set(name, JSON.parse(zero));
  }
  return { shown, kept };
}

/**
 * Whether a field that holds `value` is the same as one that nobody has set. A list that is always shown is not: whoever says that
 * it is empty has said something of it.
 */
export function isLeftOut({ shown, kept }: ZeroFacts, field: string, value: unknown): boolean {
  if (!isEmpty(value) || kept.has(field)) return false;
  return Array.isArray(value) ? !shown.has(field) : (shown.get(field) ?? null) === null;
}

/** Empty records are for the caller to tell: a map is empty, a struct is there. */
function isEmpty(value: unknown): boolean {
  return value === "" || value === 0 || value === false || (Array.isArray(value) && value.length === 0);
}

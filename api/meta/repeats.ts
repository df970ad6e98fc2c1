// What stands in a list twice, found in one pass: a body has room for a hundred thousand entries, and to look through the list
// for each of them would hold up everybody else.

/** Places whose value stands at an earlier place, too; equal as JSON is. */
export function repeatedPlaces(values: readonly unknown[]): ReadonlySet<number> {
  const seen = new Set<string>();
  const repeated = new Set<number>();
  for (const [place, value] of values.entries()) {
    const text = canonicalText(value);
    if (seen.has(text)) repeated.add(place);
    else seen.add(text);
  }
  return repeated;
}

/** The same for values that are equal as JSON, in whatever order their fields stand; different for all others. */
export function canonicalText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([name, child]) => `${JSON.stringify(name)}:${canonicalText(child)}`).join(",")}}`;
}

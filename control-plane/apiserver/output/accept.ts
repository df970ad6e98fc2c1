// The Accept header as upstream reads it: media ranges with their parameters, sorted by its own rule, which is not quite that
// of RFC 9110. Clients depend on it: theirs list protobuf first and JSON as the fallback.

export interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** More ranges than any client sends; what follows is not read. */
const RANGES_MAX = 64;

/** The most wanted first. */
export function parseAccept(header: string): readonly MediaRange[] {
  const sorted: MediaRange[] = [];
  for (const text of header.split(",", RANGES_MAX)) {
    const range = parseRange(text);
    if (!range) continue;
    let at = sorted.length;
    while (at > 0 && isBefore(range, sorted[at - 1])) at--;
    sorted.splice(at, 0, range);
  }
  return sorted;
}

function parseRange(text: string): MediaRange | undefined {
  const [name = "", ...rest] = text.split(";");
  const [type = "", subtype, ...more] = name.split("/").map((part) => part.trim());
  if (more.length > 0 || (!subtype && type !== "*")) return undefined;
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const part of rest) {
    const [key = "", value, ...others] = part.split("=").map((word) => word.trim());
    if (!value || others.length > 0) continue;
    if (key === "q") quality = Number(value) || 0;
    else parameters.set(key, value);
  }
  return { type, subtype: subtype || "*", parameters, quality };
}

function isBefore(range: MediaRange, other: MediaRange | undefined): boolean {
  if (!other) return false;
  if (range.quality > other.quality) return true;
  if (range.type !== "*" && other.type === "*") return true;
  return range.subtype !== "*" && other.subtype === "*";
}

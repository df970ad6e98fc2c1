// Addresses as text, read as strictly as Go's netip does, with its words of complaint.

/** A string: why it is none. */
export function parseAddress(text: string): { readonly bytes: Uint8Array; readonly zone: string } | string {
  const shown = `ParseAddr(${JSON.stringify(text)})`;
  for (const character of text) {
    if (character === ".") {
      const bytes = parseIpv4(text);
      return typeof bytes === "string" ? `${shown}: ${bytes}` : { bytes, zone: "" };
    }
    if (character === ":") {
      const parsed = parseIpv6(text);
      return typeof parsed === "string" ? `${shown}: ${parsed}` : parsed;
    }
    if (character === "%") return `${shown}: missing IPv6 address`;
  }
  return `${shown}: unable to parse IP`;
}

function parseIpv4(text: string): Uint8Array | string {
  const parts = text.split(".");
  for (const [index, part] of parts.entries()) {
    if (index > 3) return "IPv4 address too long";
    if (part === "")
      return `IPv4 field must have at least one digit (at ${JSON.stringify(parts.slice(index).join("."))})`;
    const strange = /\D/.exec(part);
    if (strange)
      return `unexpected character (at ${JSON.stringify([part.slice(strange.index), ...parts.slice(index + 1)].join("."))})`;
    if (part.length > 1 && part.startsWith("0")) return "IPv4 field has octet with leading zero";
    if (Number(part) > 255) return "IPv4 field has value >255";
  }
  return parts.length < 4 ? "IPv4 address too short" : Uint8Array.from(parts, Number);
}

function parseIpv6(text: string): { readonly bytes: Uint8Array; readonly zone: string } | string {
  const percent = text.indexOf("%");
  const zone = percent < 0 ? "" : text.slice(percent + 1);
  if (percent >= 0 && zone === "") return "zone must be a non-empty string";
  const address = percent < 0 ? text : text.slice(0, percent);
  const halves = address.split("::");
  if (halves.length > 2) return `multiple :: in address (at ${JSON.stringify(`:${halves.slice(2).join("::")}`)})`;
  const groups = halves.map((half) => (half === "" ? [] : groupsOf(half)));
  const bad = groups.find((list): list is string => typeof list === "string");
  if (bad !== undefined) return bad;
  const [before = [], after] = groups.filter((list): list is number[] => Array.isArray(list));
  const length = before.length + (after?.length ?? 0);
  if (after === undefined && length !== 8)
    return length < 8 ? "address string too short" : "trailing garbage after address";
  if (after !== undefined && length > 7) return "the :: must expand to at least one field of zeros";
  const whole = after === undefined ? before : [...before, ...new Array<number>(8 - length).fill(0), ...after];
  return { bytes: Uint8Array.from(whole.flatMap((group) => [group >> 8, group & 0xff])), zone };
}

function groupsOf(half: string): number[] | string {
  const parts = half.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (part.includes(".")) {
      if (index !== parts.length - 1) return "embedded IPv4 address must replace the final 2 fields of the address";
      const bytes = parseIpv4(part);
      if (typeof bytes === "string") return bytes;
      const [a = 0, b = 0, c = 0, d = 0] = bytes;
      groups.push((a << 8) | b, (c << 8) | d);
    } else if (part === "") return 'colon must be followed by more characters (at ":")';
    else if (!/^[0-9a-fA-F]+$/.test(part)) {
      return `each colon-separated field must have at least one digit (at ${JSON.stringify(parts.slice(index).join(":"))})`;
    } else if (part.length > 4) {
      return `each group must have 4 or less digits (at ${JSON.stringify(parts.slice(index).join(":"))})`;
    } else groups.push(Number.parseInt(part, 16));
  }
  return groups;
}

/** The canonical form: the longest run of zeros as "::". */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const text = (list: readonly number[]) => list.map((group) => group.toString(16)).join(":");
  if (best.start < 0) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}

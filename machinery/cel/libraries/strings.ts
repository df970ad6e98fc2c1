// More that can be done with strings. Positions count code points.

import { declare, type FunctionDeclaration, overload } from "../check/function-declaration.ts";
import { regularExpression } from "../../object/regular-expression.ts";
import { checkLength } from "../values/text-length.ts";
import { showValue } from "../values/show.ts";
import { codePointCount, codePointsBetween, unitsBefore } from "../values/code-points.ts";
import { ArrayList, CelError, CelList, type CelValue } from "../values/values.ts";
import { formatString } from "./string-format.ts";

export const STRINGS: readonly FunctionDeclaration[] = [
  declare("charAt", [overload("string.(int) -> string", "string_char_at_int", charAt)]),
  declare("indexOf", [
    overload("string.(string) -> int", "string_index_of_string", (text: string, part: string) =>
      indexOf(text, part, 0n),
    ),
    overload("string.(string, int) -> int", "string_index_of_string_int", indexOf),
  ]),
  declare("lastIndexOf", [
    overload("string.(string) -> int", "string_last_index_of_string", (text: string, part: string) => {
      const length = BigInt(codePointCount(text));
      return part === "" ? length : text.length < part.length ? -1n : lastIndexOf(text, part, length - 1n);
    }),
    overload("string.(string, int) -> int", "string_last_index_of_string_int", lastIndexOf),
  ]),
  declare("lowerAscii", [
    overload("string.() -> string", "string_lower_ascii", (text: string) => {
      return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
    }),
  ]),
  declare("upperAscii", [
    overload("string.() -> string", "string_upper_ascii", (text: string) => {
      return text.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase());
    }),
  ]),
  declare("replace", [
    overload(
      "string.(string, string) -> string",
      "string_replace_string_string",
      (text: string, from: string, to: string) => replace(text, from, to, -1n),
    ),
    overload("string.(string, string, int) -> string", "string_replace_string_string_int", replace),
  ]),
  declare("split", [
    overload("string.(string) -> list(string)", "string_split_string", (text: string, separator: string) => {
      return split(text, separator, -1n);
    }),
    overload("string.(string, int) -> list(string)", "string_split_string_int", split),
  ]),
  declare("substring", [
    overload("string.(int) -> string", "string_substring_int", (text: string, start: bigint) => {
      const length = BigInt(codePointCount(text));
      if (start < 0n || start > length) return outOfRange(start);
      return substring(text, start, length);
    }),
    overload("string.(int, int) -> string", "string_substring_int_int", substring),
  ]),
  declare("trim", [
    overload("string.() -> string", "string_trim", (text: string) =>
      text.replaceAll(/^[\s\u0085]+|[\s\u0085]+$/gu, ""),
    ),
  ]),
  declare("join", [
    overload("list(string).() -> string", "list_join", (list: CelList) => join(list, "")),
    overload("list(string).(string) -> string", "list_join_string", join),
  ]),
  declare("format", [overload("string.(list(dyn)) -> string", "string_format", formatString)]),
  declare("strings.quote", [overload("(string) -> string", "strings_quote", quote)]),
  declare("find", [
    overload("string.(string) -> string", "string_find_string", (text: string, pattern: string) => {
      const found = findAll(text, pattern, 1n);
      return found instanceof CelList ? (found.size === 0 ? "" : found.at(0)) : found;
    }),
  ]),
  declare("findAll", [
    overload("string.(string) -> list(string)", "string_find_all_string", (text: string, pattern: string) => {
      return findAll(text, pattern, -1n);
    }),
    overload("string.(string, int) -> list(string)", "string_find_all_string_int", findAll),
  ]),
  declare("jsonpatch.escapeKey", [
    overload("(string) -> string", "string_jsonpatch_escapeKey_string", (key: string) => {
      return key.replaceAll("~", "~0").replaceAll("/", "~1");
    }),
  ]),
];

function outOfRange(index: bigint): CelError {
  return new CelError(`index out of range: ${index}`);
}

function charAt(text: string, index: bigint): CelValue {
  if (index < 0n || index > BigInt(codePointCount(text))) return outOfRange(index);
  return codePointsBetween(text, Number(index), Number(index) + 1);
}

function indexOf(text: string, part: string, offset: bigint): CelValue {
  if (part === "") return offset;
  if (offset < 0n) return outOfRange(offset);
  if (offset >= BigInt(codePointCount(text))) return -1n;
  const found = text.indexOf(part, unitsBefore(text, Number(offset)));
  return found < 0 ? -1n : BigInt(codePointCount(text.slice(0, found)));
}

function lastIndexOf(text: string, part: string, offset: bigint): CelValue {
  if (part === "") return offset;
  if (offset < 0n) return outOfRange(offset);
  if (offset >= BigInt(codePointCount(text))) return -1n;
  const found = text.lastIndexOf(part, unitsBefore(text, Number(offset)));
  return found < 0 ? -1n : BigInt(codePointCount(text.slice(0, found)));
}

/** At most so many times; a negative count is no limit. An empty `from` stands between all characters. */
function replace(text: string, from: string, to: string, count: bigint): string {
  const limit = count < 0n ? Number.POSITIVE_INFINITY : Number(count);
  const times = Math.min(limit, occurrencesIn(text, from));
  checkLength(text.length + times * (to.length - from.length));
  // A function, for a text may have dollars in it.
  if (from !== "" && count < 0n) return text.replaceAll(from, () => to);
  let left = times;
  return text.replaceAll(from === "" ? /(?:)/gu : from, (found) => (left-- > 0 ? to : found));
}

function occurrencesIn(text: string, part: string): number {
  if (part === "") return codePointCount(text) + 1;
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}

function split(text: string, separator: string, count: bigint): CelValue {
  if (count === 0n) return new ArrayList([]);
  const parts = separator === "" ? Array.from(text) : text.split(separator);
  const limit = count < 0n ? parts.length : Number(count);
  if (parts.length <= limit) return new ArrayList(parts);
  return new ArrayList([...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)]);
}

function substring(text: string, start: bigint, end: bigint): CelValue {
  if (start > end) return new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  const length = BigInt(codePointCount(text));
  if (start < 0n || start > length) return outOfRange(start);
  if (end < 0n || end > length) return outOfRange(end);
  return codePointsBetween(text, Number(start), Number(end));
}

function join(list: CelList, separator: string): CelValue {
  const parts: string[] = [];
  let length = Math.max(0, list.size - 1) * separator.length;
  for (const item of list) {
    if (typeof item !== "string") return new CelError(`join: invalid input: ${showValue(item)}`);
    parts.push(item);
    length += item.length;
    checkLength(length);
  }
  return parts.join(separator);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

function quote(text: string): string {
  return `"${text.toWellFormed().replaceAll(/[\p{Cc}\\"]/gu, (character) => ESCAPES[character] ?? character)}"`;
}

function findAll(text: string, pattern: string, count: bigint): CelValue {
  const expression = regularExpression(pattern);
  if (expression instanceof Error) return new CelError(`Illegal regex: ${expression.message}`);
  const found: string[] = [];
  const matcher = expression.matcher(text);
  const limit = count < 0n ? Number.POSITIVE_INFINITY : Number(count);
  while (found.length < limit && matcher.find()) found.push(matcher.group() ?? "");
  return new ArrayList(found);
}

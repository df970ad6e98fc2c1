// An expression's text as tokens.

import type { Complaint, Source } from "./source.ts";

export type TokenKind =
  | "symbol"
  | "identifier"
  | "escaped"
  | "int"
  | "uint"
  | "float"
  | "string"
  | "bytes"
  | "keyword"
  | "end";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly position: number;
}

const SYMBOLS = ["==", "!=", "<=", ">=", "&&", "||", ..."<>[]{}().,-!?:+*/%"];
const KEYWORDS: ReadonlySet<string> = new Set(["true", "false", "null", "in"]);

const STRING_BODY = String.raw`\\(?:[abfnrtv"'\\?${"`"}]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})`;
const STRING = [
  String.raw`"""(?:${STRING_BODY}|[^\\])*?"""`,
  String.raw`'''(?:${STRING_BODY}|[^\\])*?'''`,
  String.raw`"(?:${STRING_BODY}|[^\\"\n\r])*"`,
  String.raw`'(?:${STRING_BODY}|[^\\'\n\r])*'`,
  '[rR]"""[^]*?"""',
  "[rR]'''[^]*?'''",
  String.raw`[rR]"[^"\n\r]*"`,
  String.raw`[rR]'[^'\n\r]*'`,
].join("|");

/** Each sticky; in this order, the longer first. */
const RULES: readonly (readonly [TokenKind | "blank", RegExp])[] = [
  ["blank", /[\t \r\n\f]+|\/\/[^\n]*/uy],
  ["bytes", new RegExp(`[bB](?:${STRING})`, "uy")],
  ["string", new RegExp(STRING, "uy")],
  ["float", /\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?/uy],
  ["uint", /0x[0-9a-fA-F]+[uU]|\d+[uU]/uy],
  ["int", /0x[0-9a-fA-F]+|\d+/uy],
  ["identifier", /[A-Za-z_][A-Za-z0-9_]*/uy],
  ["escaped", /`[A-Za-z0-9_.\-/ ]+`/uy],
];

/** Characters that start no token are passed over with a complaint. */
export function tokensOf(source: Source, complain: (complaint: Complaint) => void): Token[] {
  const text = source.characters.join("");
  const tokens: Token[] = [];
  let index = 0;
  // Expressions are mostly plain; only beyond that do code points and code units differ.
  const isPlain = text.length === source.characters.length;
  let position = 0;
  const advance = (length: number) => {
    const passed = text.slice(index, index + length);
    index += length;
    position += isPlain ? length : Array.from(passed).length;
    return passed;
  };
  while (index < text.length) {
    const start = position;
    const found = matchAt(text, index);
    if (!found) {
      const length = unreadableLength(text, index);
      const passed = advance(length);
      complain({ position: start, message: `Syntax error: token recognition error at: '${escapeWhitespace(passed)}'` });
      continue;
    }
    const passed = advance(found.length);
    if (found.kind === "blank") continue;
    const kind = found.kind === "identifier" && KEYWORDS.has(passed) ? "keyword" : found.kind;
    tokens.push({ kind, text: passed, position: start });
  }
  tokens.push({ kind: "end", text: "<EOF>", position });
  return tokens;
}

function matchAt(
  text: string,
  index: number,
): { readonly kind: TokenKind | "blank"; readonly length: number } | undefined {
  for (const [kind, rule] of RULES) {
    rule.lastIndex = index;
    const match = rule.exec(text);
    if (match) return { kind, length: match[0].length };
  }
  const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, index));
  return symbol === undefined ? undefined : { kind: "symbol", length: symbol.length };
}

/** As far as a token might have gone: a string that does not end is passed over with its line. */
function unreadableLength(text: string, index: number): number {
  const quoted = /[bB]?[rR]?(["'])[^\n\r]*/uy;
  quoted.lastIndex = index;
  const open = quoted.exec(text);
  if (open) return unclosedLength(text, index, open[0]);
  const partial = /[=&|]./uy;
  partial.lastIndex = index;
  const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
  return partial.exec(text)?.[0].length ?? character.length;
}

function unclosedLength(text: string, index: number, line: string): number {
  // A bad escape ends the attempt right behind itself.
  const badEscape = /\\(?![abfnrtv"'\\?`0-3xXuU])./u.exec(line);
  if (badEscape) return badEscape.index + badEscape[0].length;
  const afterLine = index + line.length;
  return line.length + (afterLine < text.length ? 1 : 0);
}

function escapeWhitespace(text: string): string {
  return text.replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t");
}

import { type CelValue, Uint } from "../values/values.ts";
import type { Token } from "./lexer.ts";
import { unescapeBytes, unescapeString } from "./unescape.ts";

const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;

/** A literal of the right form that says no value; what is wrong with it. */
export class BadLiteral {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** The value that a literal's token says. `sign`: what stood before a number. */
export function literalValue({ kind, text }: Token, sign: "-" | ""): CelValue | BadLiteral {
  switch (kind) {
    case "int": {
      const value = BigInt(text) * (sign ? -1n : 1n);
      return value < INT_MIN || value > INT_MAX ? new BadLiteral("invalid int literal") : value;
    }
    case "uint": {
      const value = BigInt(text.slice(0, -1));
      return value > UINT_MAX ? new BadLiteral("invalid uint literal") : new Uint(value);
    }
    case "float": {
      const value = Number(sign + text);
      return Number.isFinite(value) ? value : new BadLiteral("invalid double literal");
    }
    case "string":
      return unescapeString(text) ?? new BadLiteral("invalid unicode code point");
    case "bytes":
      return unescapeBytes(text.slice(1)) ?? new BadLiteral("unable to unescape string");
    default:
      return text === "null" ? null : text === "true";
  }
}

// Reads tokens one by one and complains in upstream's words when the wrong one comes.
//
// Those words come from a generated parser that tries to go on: it leaves out one token too many, or thinks one up that is
// missing. Where it gives up for good, this one stops, and says no more about the expression.

import type { Token } from "./lexer.ts";
import type { Complaint } from "./source.ts";

/** Thrown to stop; all there is to say has been said. */
export class Unreadable extends Error {}

const STARTS = ["'['", "'{'", "'('", "'.'", "'-'", "'!'", "'true'", "'false'", "'null'"];
const VALUES = ["NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES", "IDENTIFIER"];
export const EXPRESSION_START = `{${[...STARTS, ...VALUES].join(", ")}}`;
export const INDEX_START = `{${[...STARTS.slice(0, 6), "'?'", ...STARTS.slice(6), ...VALUES].join(", ")}}`;
export const ARGUMENT_START = `{${["'['", "'{'", "'('", "')'", ...STARTS.slice(3), ...VALUES].join(", ")}}`;

export class TokenReader {
  readonly #tokens: readonly Token[];
  readonly #complain: (complaint: Complaint) => void;
  #index = 0;

  constructor(tokens: readonly Token[], complain: (complaint: Complaint) => void) {
    this.#tokens = tokens;
    this.#complain = complain;
  }

  get current(): Token {
    return this.#at(0);
  }

  get next(): Token {
    return this.#at(1);
  }

  #at(offset: number): Token {
    const token = this.#tokens[Math.min(this.#index + offset, this.#tokens.length - 1)];
    if (!token) throw new Error("A list of tokens ends with its end");
    return token;
  }

  /** How many tokens "a.b.c" takes when the symbol stands right behind it; 0: it does not. */
  nameLengthBefore(symbol: string): number {
    let length = 0;
    while (this.#at(length).kind === "identifier") {
      const after = this.#at(length + 1);
      if (this.isSymbol(symbol, after)) return length + 1;
      if (!this.isSymbol(".", after)) return 0;
      length += 2;
    }
    return 0;
  }

  take(): Token {
    const token = this.current;
    this.#index++;
    return token;
  }

  isSymbol(text: string, token = this.current): boolean {
    return token.kind === "symbol" && token.text === text;
  }

  takeSymbol(...texts: readonly string[]): Token | undefined {
    const token = this.current;
    const isWanted = (token.kind === "symbol" || token.text === "in") && texts.includes(token.text);
    return isWanted ? this.take() : undefined;
  }

  /** A symbol that has to stand here. `canFollow`: whether the expression could go on as it does if it were. */
  expect(text: string, canFollow: (token: Token) => boolean): Token {
    const wanted = text === "<EOF>" ? text : `'${text}'`;
    if (this.#matches(text, this.current)) return this.take();
    if (this.#matches(text, this.next)) {
      this.#syntaxError(`extraneous input ${quoted(this.current)} expecting ${wanted}`);
      this.take();
      return this.take();
    }
    if (canFollow(this.current)) {
      this.#syntaxError(`missing ${wanted} at ${quoted(this.current)}`);
      return { kind: "symbol", text, position: this.current.position };
    }
    return this.stop(`mismatched input ${quoted(this.current)} expecting ${wanted}`);
  }

  /** One of the symbols after an item of a list; the last of them ends it. */
  expectOneOf(texts: readonly string[]): void {
    const names = `{${[...texts]
      .reverse()
      .map((text) => `'${text}'`)
      .join(", ")}}`;
    if (texts.some((text) => this.isSymbol(text))) return;
    if (!texts.some((text) => this.isSymbol(text, this.next))) {
      this.stop(`mismatched input ${quoted(this.current)} expecting ${names}`);
    }
    this.#syntaxError(`extraneous input ${quoted(this.current)} expecting ${names}`);
    this.take();
  }

  #matches(text: string, token: Token): boolean {
    return text === "<EOF>" ? token.kind === "end" : this.isSymbol(text, token);
  }

  stop(message: string, position = this.current.position): never {
    this.#complain({ position, message: `Syntax error: ${message}` });
    throw new Unreadable(message);
  }

  #syntaxError(message: string): void {
    this.#complain({ position: this.current.position, message: `Syntax error: ${message}` });
  }

  /** Nothing that an expression can start with stands here. */
  skipToStart(expected: string): void {
    if (startsExpression(this.current)) return;
    if (startsExpression(this.next) && this.current.kind !== "end") {
      this.#syntaxError(`extraneous input ${quoted(this.current)} expecting ${expected}`);
      this.take();
      return;
    }
    this.stop(`mismatched input ${quoted(this.current)} expecting ${expected}`);
  }
}

function quoted(token: Token): string {
  return `'${token.text}'`;
}

const START_SYMBOLS: ReadonlySet<string> = new Set(["[", "{", "(", ".", "-", "!"]);

export function startsExpression(token: Token): boolean {
  switch (token.kind) {
    case "symbol":
      return START_SYMBOLS.has(token.text);
    case "keyword":
      return token.text !== "in";
    case "end":
    case "escaped":
      return false;
    default:
      return true;
  }
}

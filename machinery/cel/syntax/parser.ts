// Reads an expression: text to tree, with the macros unfolded. The grammar is that of the language's specification with
// optional fields and indices; the limits and the words of complaint are upstream's.

import type { Call, Expression, MapEntry, StructField } from "./ast.ts";
import { type Token, tokensOf } from "./lexer.ts";
import { BadLiteral, literalValue } from "./literal-value.ts";
import { expandMacro, MacroError, type OptionalMacro } from "./macros.ts";
import type { Complaint, Source } from "./source.ts";
import {
  ARGUMENT_START,
  EXPRESSION_START,
  INDEX_START,
  startsExpression,
  TokenReader,
  Unreadable,
} from "./token-reader.ts";

/** Code points. */
const EXPRESSION_LENGTH_MAX = 100_000;
/** Of brackets in brackets, and of chains of operators and selections. */
const DEPTH_MAX = 250;

const RESERVED: ReadonlySet<string> = new Set(
  "as break const continue else for function if import let loop package namespace return var void while".split(" "),
);

const RELATIONS = ["<", "<=", ">=", ">", "==", "!=", "in"];
const SUMS = ["+", "-"];
const PRODUCTS = ["*", "/", "%"];

/** Undefined: there were complaints. */
export function parseExpression(
  source: Source,
  macros: readonly OptionalMacro[],
): {
  readonly expression?: Expression;
  readonly complaints: Complaint[];
} {
  const complaints: Complaint[] = [];
  const complain = (complaint: Complaint) => complaints.push(complaint);
  const size = source.characters.length;
  if (size > EXPRESSION_LENGTH_MAX) {
    complain({
      position: -1,
      message: `expression code point size exceeds limit: size: ${size}, limit ${EXPRESSION_LENGTH_MAX}`,
    });
    return { complaints };
  }
  const reader = new TokenReader(tokensOf(source, complain), complain);
  try {
    const expression = new Parser(reader, macros, complain).parse();
    return complaints.length === 0 ? { expression, complaints } : { complaints };
  } catch (error) {
    if (error instanceof Unreadable) return { complaints };
    throw error;
  }
}

class Parser {
  readonly #reader: TokenReader;
  readonly #macros: readonly OptionalMacro[];
  readonly #complain: (complaint: Complaint) => void;
  #nesting = 0;
  /** How many operators and selections stand on each other. */
  readonly #heights = new WeakMap<Expression, number>();

  constructor(reader: TokenReader, macros: readonly OptionalMacro[], complain: (complaint: Complaint) => void) {
    this.#reader = reader;
    this.#macros = macros;
    this.#complain = complain;
  }

  parse(): Expression {
    this.#reader.skipToStart(EXPRESSION_START);
    const expression = this.#expression();
    this.#reader.expect("<EOF>", () => false);
    return expression;
  }

  #expression(): Expression {
    this.#nesting++;
    if (this.#nesting > DEPTH_MAX) this.#tooDeep(`expression recursion limit exceeded: ${DEPTH_MAX}`);
    const condition = this.#either();
    const operator = this.#reader.takeSymbol("?");
    const whole = operator ? this.#conditional(condition, operator) : condition;
    this.#nesting--;
    return whole;
  }

  #conditional(condition: Expression, operator: Token): Expression {
    this.#reader.skipToStart(EXPRESSION_START);
    const yes = this.#either();
    this.#reader.expect(":", startsExpression);
    this.#reader.skipToStart(EXPRESSION_START);
    return this.#operation("_?_:_", operator.position, [condition, yes, this.#expression()]);
  }

  #either(): Expression {
    return this.#logical("||", "_||_", () => this.#logical("&&", "_&&_", () => this.#relation()));
  }

  /** A long chain becomes a balanced tree, so that it is not deep. */
  #logical(symbol: string, name: string, term: () => Expression): Expression {
    const terms = [term()];
    const positions: number[] = [];
    for (let operator = this.#reader.takeSymbol(symbol); operator; operator = this.#reader.takeSymbol(symbol)) {
      this.#reader.skipToStart(EXPRESSION_START);
      positions.push(operator.position);
      terms.push(term());
    }
    const balance = (low: number, high: number): Expression => {
      const middle = Math.floor((low + high + 1) / 2);
      const left = middle === low ? terms[middle] : balance(low, middle - 1);
      const right = middle === high ? terms[middle + 1] : balance(middle + 1, high);
      if (!left || !right) throw new Error("A chain has one more term than operators");
      return this.#operation(name, positions[middle] ?? 0, [left, right], 0);
    };
    const [first] = terms;
    if (!first) throw new Error("A chain has a term");
    return positions.length === 0 ? first : balance(0, positions.length - 1);
  }

  #relation(): Expression {
    return this.#binary(RELATIONS, () => this.#binary(SUMS, () => this.#binary(PRODUCTS, () => this.#unary())));
  }

  #binary(symbols: readonly string[], operand: () => Expression): Expression {
    let left = operand();
    for (let operator = this.#reader.takeSymbol(...symbols); operator; operator = this.#reader.takeSymbol(...symbols)) {
      this.#reader.skipToStart(EXPRESSION_START);
      const name = operator.text === "in" ? "@in" : `_${operator.text}_`;
      left = this.#operation(name, operator.position, [left, operand()]);
    }
    return left;
  }

  #unary(): Expression {
    const { current, next } = this.#reader;
    for (const [symbol, name] of [
      ["!", "!_"],
      ["-", "-_"],
    ] as const) {
      if (!this.#reader.isSymbol(symbol)) continue;
      if (symbol === "-" && (next.kind === "int" || next.kind === "float")) continue;
      let count = 0;
      while (this.#reader.takeSymbol(symbol)) count++;
      this.#expectOperand(symbol);
      const operand = this.#member();
      return count % 2 === 0 ? operand : this.#operation(name, current.position, [operand], 0);
    }
    return this.#member();
  }

  #expectOperand(symbol: string): void {
    if (startsExpression(this.#reader.current)) return;
    const text = this.#reader.current.text;
    if (symbol === "!") this.#reader.stop(`extraneous input '${text}' expecting ${EXPRESSION_START}`);
    this.#reader.stop(`no viable alternative at input '-${text === "<EOF>" ? "" : text}'`);
  }

  #member(): Expression {
    let operand = this.#primary();
    for (;;) {
      const dot = this.#reader.takeSymbol(".");
      if (dot) {
        operand = this.#afterDot(operand, dot);
        continue;
      }
      const bracket = this.#reader.takeSymbol("[");
      if (!bracket) return operand;
      operand = this.#index(operand, bracket);
    }
  }

  #afterDot(operand: Expression, dot: Token): Expression {
    const isOptional = this.#reader.takeSymbol("?") !== undefined;
    const name = this.#reader.current;
    if (name.kind !== "identifier" && name.kind !== "escaped") this.#stopAtField(name, "");
    this.#reader.take();
    if (name.kind === "escaped") this.#complain({ position: name.position, message: "unsupported syntax: '`'" });
    if (isOptional) {
      const field: Expression = { kind: "literal", value: name.text, position: name.position };
      return this.#raise({
        kind: "call",
        name: "_?._",
        target: undefined,
        arguments: [operand, field],
        position: dot.position,
      });
    }
    const open = name.kind === "identifier" ? this.#reader.takeSymbol("(") : undefined;
    if (open) return this.#call(name.text, open, operand);
    const position = dot.position;
    return this.#raise({ kind: "selection", operand, field: name.text, isPresenceTest: false, position });
  }

  #stopAtField(token: Token, before: string): never {
    const isWord = token.kind === "keyword" && token.text !== "in";
    if (isWord) this.#reader.stop(`mismatched input '${token.text}' expecting IDENTIFIER`);
    this.#reader.stop(`no viable alternative at input '${before}.${token.kind === "end" ? "" : token.text}'`);
  }

  #index(operand: Expression, bracket: Token): Expression {
    const isOptional = this.#reader.takeSymbol("?") !== undefined;
    this.#reader.skipToStart(isOptional ? EXPRESSION_START : INDEX_START);
    const index = this.#expression();
    this.#reader.expect("]", continuesExpression);
    return this.#operation(isOptional ? "_[?_]" : "_[_]", bracket.position, [operand, index]);
  }

  #primary(): Expression {
    const reader = this.#reader;
    reader.skipToStart(EXPRESSION_START);
    const { position } = reader.current;
    const open = reader.takeSymbol("(", "[", "{");
    switch (open?.text) {
      case "(":
        return this.#nested();
      case "[":
        return { kind: "list", elements: this.#elements(), position };
      case "{":
        return { kind: "map", entries: this.#entries(), position };
      default:
        return reader.current.kind === "identifier" || reader.isSymbol(".") ? this.#name() : this.#literal();
    }
  }

  #nested(): Expression {
    this.#reader.skipToStart(EXPRESSION_START);
    const inner = this.#expression();
    this.#reader.expect(")", continuesExpression);
    return inner;
  }

  #elements(): { value: Expression; isOptional: boolean }[] {
    return this.#items("]", () => {
      const isOptional = this.#reader.takeSymbol("?") !== undefined;
      this.#reader.skipToStart(EXPRESSION_START);
      return { value: this.#expression(), isOptional };
    });
  }

  #entries(): MapEntry[] {
    return this.#items("}", () => {
      const isOptional = this.#reader.takeSymbol("?") !== undefined;
      this.#reader.skipToStart(EXPRESSION_START);
      const key = this.#expression();
      this.#reader.expect(":", startsExpression);
      this.#reader.skipToStart(EXPRESSION_START);
      return { key, value: this.#expression(), isOptional };
    });
  }

  #fields(): StructField[] {
    return this.#items("}", () => {
      const isOptional = this.#reader.takeSymbol("?") !== undefined;
      const name = this.#reader.current;
      if (name.kind !== "identifier" && name.kind !== "escaped") {
        const shown = `'${name.text}'`;
        this.#reader.stop(`mismatched input ${shown} expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}`);
      }
      this.#reader.take();
      if (name.kind === "escaped") this.#complain({ position: name.position, message: "unsupported syntax: '`'" });
      const { position } = this.#reader.expect(":", startsExpression);
      this.#reader.skipToStart(EXPRESSION_START);
      return { name: name.text, value: this.#expression(), isOptional, position };
    });
  }

  /** Up to the closing bracket; a comma may stand before it. */
  #items<Item>(close: string, item: () => Item): Item[] {
    const items: Item[] = [];
    while (!this.#reader.isSymbol(close)) {
      if (items.length === 0 && this.#reader.isSymbol(",") && this.#reader.isSymbol(close, this.#reader.next)) {
        this.#reader.take();
        break;
      }
      items.push(item());
      this.#reader.expectOneOf([",", close]);
      this.#reader.takeSymbol(",");
    }
    this.#reader.take();
    return items;
  }

  #name(): Expression {
    const reader = this.#reader;
    const dot = reader.takeSymbol(".");
    const first = reader.current;
    if (first.kind !== "identifier") this.#stopAtField(first, "");
    const struct = this.#structName();
    if (struct !== undefined) {
      const { position } = reader.take();
      return { kind: "struct", name: dot ? `.${struct}` : struct, fields: this.#fields(), position };
    }
    reader.take();
    const name = dot ? `.${first.text}` : first.text;
    const open = reader.takeSymbol("(");
    if (RESERVED.has(first.text)) {
      this.#complain({ position: (dot ?? first).position, message: `reserved identifier: ${first.text}` });
    }
    if (open) return this.#call(name, open, undefined);
    return { kind: "identifier", name, position: first.position };
  }

  /** Moves to the brace of "a.b{"; undefined, and nowhere, when none follows. */
  #structName(): string | undefined {
    const length = this.#reader.nameLengthBefore("{");
    if (length === 0) return undefined;
    let name = "";
    for (let count = 0; count < length; count++) name += this.#reader.take().text;
    return name;
  }

  #call(name: string, open: Token, target: Expression | undefined): Expression {
    const given = this.#arguments();
    const call: Call = { kind: "call", name, target, arguments: given, position: open.position };
    return this.#unfold(call);
  }

  #arguments(): Expression[] {
    const reader = this.#reader;
    if (reader.takeSymbol(")")) return [];
    const given: Expression[] = [];
    do {
      reader.skipToStart(given.length === 0 ? ARGUMENT_START : EXPRESSION_START);
      given.push(this.#expression());
    } while (reader.takeSymbol(","));
    reader.expect(")", continuesExpression);
    return given;
  }

  #unfold(call: Call): Expression {
    try {
      const expanded = expandMacro(call, this.#macros);
      if (expanded) return this.#raise(expanded, call.target ? 1 : 0, [call.target, ...call.arguments]);
    } catch (error) {
      if (!(error instanceof MacroError)) throw error;
      this.#complain({ position: error.position, message: error.message });
    }
    return this.#raise(call, call.target ? 1 : 0);
  }

  #literal(): Expression {
    const reader = this.#reader;
    const { position } = reader.current;
    const sign = reader.takeSymbol("-") ? "-" : "";
    const token = reader.take();
    const value = literalValue(token, sign);
    if (!(value instanceof BadLiteral)) return { kind: "literal", value, position };
    this.#complain({ position: token.position - sign.length, message: value.message });
    return { kind: "literal", value: null, position };
  }

  #operation(name: string, position: number, operands: readonly Expression[], height = 1): Expression {
    return this.#raise({ kind: "call", name, target: undefined, arguments: operands, position }, height);
  }

  #raise(
    expression: Expression,
    own = 1,
    parts: readonly (Expression | undefined)[] = partsOf(expression),
  ): Expression {
    const below = Math.max(0, ...parts.map((part) => (part && this.#heights.get(part)) ?? 0));
    const height = below + own;
    if (height > DEPTH_MAX) this.#tooDeep("max recursion depth exceeded");
    this.#heights.set(expression, height);
    return expression;
  }

  #tooDeep(message: string): never {
    this.#complain({ position: -1, message });
    throw new Unreadable(message);
  }
}

function partsOf(expression: Expression): readonly (Expression | undefined)[] {
  if (expression.kind === "call") return [expression.target, ...expression.arguments];
  return expression.kind === "selection" ? [expression.operand] : [];
}

/** What may stand after a whole operand. */
function continuesExpression(token: Token): boolean {
  return token.kind === "end" || (token.kind === "symbol" && !["!", "(", "{", ":"].includes(token.text));
}

// An expression as a tree. Macros are gone by then: they have become comprehensions, calls and presence tests. The checker
// writes what it finds out into the nodes; each node belongs to one expression.

import type { CelType } from "../check/cel-type.ts";
import type { Overload } from "../check/function-declaration.ts";
import type { CelValue } from "../values/values.ts";

export type Expression =
  | Literal
  | Identifier
  | Selection
  | Call
  | ListLiteral
  | MapLiteral
  | StructLiteral
  | Comprehension;

interface Node {
  /** Characters before it in the source; of an operator or a call, the operator or the opening parenthesis. */
  readonly position: number;
  /** Set by the checker. */
  type?: CelType;
}

export interface Literal extends Node {
  readonly kind: "literal";
  readonly value: CelValue;
}

export interface Identifier extends Node {
  readonly kind: "identifier";
  name: string;
  /** Set by the checker on the name of a type. */
  constant?: CelValue;
}

export interface Selection extends Node {
  readonly kind: "selection";
  readonly operand: Expression;
  readonly field: string;
  /** `has(operand.field)` */
  readonly isPresenceTest: boolean;
  /** Set by the checker where the whole is the name of one variable or type: "a.b". */
  resolved?: Identifier;
}

export interface Call extends Node {
  readonly kind: "call";
  name: string;
  target: Expression | undefined;
  readonly arguments: readonly Expression[];
  /** Set by the checker: those that may apply, as far as the types say. */
  overloads?: readonly Overload[];
}

export interface ListLiteral extends Node {
  readonly kind: "list";
  readonly elements: readonly { readonly value: Expression; readonly isOptional: boolean }[];
}

export interface MapLiteral extends Node {
  readonly kind: "map";
  readonly entries: readonly MapEntry[];
}

export interface MapEntry {
  readonly key: Expression;
  readonly value: Expression;
  readonly isOptional: boolean;
}

export interface StructLiteral extends Node {
  readonly kind: "struct";
  name: string;
  readonly fields: readonly StructField[];
}

export interface StructField {
  readonly name: string;
  readonly value: Expression;
  readonly isOptional: boolean;
  readonly position: number;
}

/** What `all`, `map` and the like become: a fold over a list or over the keys of a map. */
export interface Comprehension extends Node {
  readonly kind: "comprehension";
  readonly range: Expression;
  readonly variable: string;
  /** Of the forms with two: then the first is the index or the key, this is the item or the value. */
  readonly variable2: string | undefined;
  readonly accumulator: string;
  readonly start: Expression;
  readonly condition: Expression;
  readonly step: Expression;
  readonly result: Expression;
}

/** "a.b.c" of nothing but names and selections. */
export function qualifiedName(expression: Expression): string | undefined {
  if (expression.kind === "identifier") return expression.name;
  if (expression.kind !== "selection" || expression.isPresenceTest) return undefined;
  const prefix = qualifiedName(expression.operand);
  return prefix === undefined ? undefined : `${prefix}.${expression.field}`;
}

/** What the expression is made of, outermost first. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "literal":
    case "identifier":
      return [];
    case "selection":
      return [expression.operand];
    case "call":
      return expression.target ? [expression.target, ...expression.arguments] : expression.arguments;
    case "list":
      return expression.elements.map(({ value }) => value);
    case "map":
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case "struct":
      return expression.fields.map(({ value }) => value);
    case "comprehension":
      return [expression.range, expression.start, expression.condition, expression.step, expression.result];
  }
}

/** The checker writes into nodes: an expression that stands twice needs a copy of its own. */
export function copyExpression(expression: Expression): Expression {
  const copy = copyExpression;
  switch (expression.kind) {
    case "literal":
    case "identifier":
      return { ...expression };
    case "selection":
      return { ...expression, operand: copy(expression.operand) };
    case "call":
      return {
        ...expression,
        target: expression.target && copy(expression.target),
        arguments: expression.arguments.map(copy),
      };
    case "list":
      return {
        ...expression,
        elements: expression.elements.map((element) => ({ ...element, value: copy(element.value) })),
      };
    case "map":
      return {
        ...expression,
        entries: expression.entries.map((entry) => ({ ...entry, key: copy(entry.key), value: copy(entry.value) })),
      };
    case "struct":
      return { ...expression, fields: expression.fields.map((field) => ({ ...field, value: copy(field.value) })) };
    case "comprehension": {
      const { range, start, condition, step, result } = expression;
      const parts = { range: copy(range), start: copy(start), condition: copy(condition), step: copy(step) };
      return { ...expression, ...parts, result: copy(result) };
    }
  }
}

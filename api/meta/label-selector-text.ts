// Label selectors as text, "app=web,tier in (a,b),!old". Reading gives either the requirements or upstream's sentence about what
// is wrong.

import { tableOf } from "@atoll/base/table-of";
import type { LabelRequirement } from "./label-selector.ts";
import { checkLabelValue, checkQualifiedName } from "./names.ts";

export type SelectorResult = { readonly requirements: readonly LabelRequirement[] } | { readonly error: string };

/** More requirements than a person or a controller ever writes; bounds the work per object. */
export const REQUIREMENTS_MAX = 1000;

export function parseLabelSelector(text: string): SelectorResult {
  try {
    const requirements = new SelectorReader(text).read();
    return { requirements: requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)) };
  } catch (error) {
    if (error instanceof SelectorError) return { error: error.message };
    throw error;
  }
}

class SelectorError extends Error {}

type Operator = LabelRequirement["operator"];

const OPERATORS: Readonly<Record<string, Operator>> = tableOf({
  "=": "Equals",
  "==": "Equals",
  in: "In",
  notin: "NotIn",
  "!=": "NotEquals",
  ">": "GreaterThan",
  "<": "LessThan",
});
/** In the order in which they are told. */
const OPERATOR_TEXTS = "in, notin, =, ==, !=, gt, lt";

/** A run of symbols is cut into the longest ones that mean something; "" is the end. */
function tokensOf(text: string): readonly string[] {
  return [...(text.match(/==|!=|[=!(),><]|[^\s=!(),><]+/g) ?? []), ""];
}

class SelectorReader {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  read(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    while (this.#peek() !== "") {
      if (!isWord(this.#peek()) && this.#peek() !== "!") throw this.#unexpected("!, identifier, or 'end of string'");
      requirements.push(this.#readRequirement());
      if (requirements.length > REQUIREMENTS_MAX) throw new SelectorError(`more than ${REQUIREMENTS_MAX} requirements`);
      if (this.#peek() === "") break;
      if (this.#peek() !== ",") throw this.#unexpected("',' or 'end of string'");
      this.#take();
      if (!isWord(this.#peek()) && this.#peek() !== "!") throw this.#unexpected("identifier after ','");
    }
    return requirements;
  }

  #peek(): string {
    return this.#tokens[this.#position] ?? "";
  }

  #take(): string {
    const token = this.#peek();
    this.#position++;
    return token;
  }

  #unexpected(expected: string): SelectorError {
    return new SelectorError(`found '${this.#peek()}', expected: ${expected}`);
  }

  #readRequirement(): LabelRequirement {
    try {
      return checked(this.#readParts());
    } catch (error) {
      if (error instanceof SelectorError) throw new SelectorError(`unable to parse requirement: ${error.message}`);
      throw error;
    }
  }

  #readParts(): LabelRequirement {
    const isNegated = this.#peek() === "!";
    if (isNegated) this.#take();
    if (!isWord(this.#peek())) throw this.#unexpected("identifier");
    const key = this.#take();
    const badKey = checkQualifiedName(key);
    if (badKey.length > 0) throw invalid("<nil>", key, badKey.join("; "));
    const isAlone = this.#peek() === "" || this.#peek() === ",";
    if (isNegated) return { key, operator: "DoesNotExist", values: [] };
    if (isAlone) return { key, operator: "Exists", values: [] };
    const operator = OPERATORS[this.#peek()];
    if (operator === undefined) throw this.#unexpected(OPERATOR_TEXTS);
    this.#take();
    const values = operator === "In" || operator === "NotIn" ? this.#readValues() : [this.#readValue()];
    return { key, operator, values: [...new Set(values)].sort() };
  }

  #readValue(): string {
    if (this.#peek() === "" || this.#peek() === ",") return "";
    if (!isWord(this.#peek())) throw this.#unexpected("identifier");
    return this.#take();
  }

  /** "(a,b)": an empty place between commas is the empty value. */
  #readValues(): string[] {
    if (this.#peek() !== "(") throw new SelectorError(`found '${this.#peek()}' expected: '('`);
    this.#take();
    if (!isWord(this.#peek()) && this.#peek() !== "," && this.#peek() !== ")") {
      throw this.#unexpected("',', ')' or identifier");
    }
    const values: string[] = [];
    for (;;) {
      values.push(isWord(this.#peek()) ? this.#take() : "");
      if (this.#peek() === ")") break;
      if (this.#peek() !== ",") throw this.#unexpected(values.at(-1) === "" ? "',', or identifier" : "',' or ')'");
      this.#take();
    }
    this.#take();
    return values;
  }
}

function isWord(token: string): boolean {
  return token !== "" && !/^[=!(),><]/.test(token);
}

function invalid(path: string, value: string, why: string): SelectorError {
  return new SelectorError(`${path}: Invalid value: ${JSON.stringify(value)}: ${why}`);
}

function checked(requirement: LabelRequirement): LabelRequirement {
  const { key, operator, values } = requirement;
  if ((operator === "GreaterThan" || operator === "LessThan") && !/^[+-]?\d+$/.test(values[0] ?? "")) {
    throw invalid("values[0]", values[0] ?? "", "for 'Gt', 'Lt' operators, the value must be an integer");
  }
  for (const [index, value] of values.entries()) {
    const badValue = checkLabelValue(value);
    if (badValue.length > 0) throw invalid(`values[${index}][${key}]`, value, badValue.join("; "));
  }
  return requirement;
}

// What an expression can cost at most, before any value is seen: from the sizes that values can get, and the number of
// times that loops go round. Upstream refuses rules by this number, so it is reckoned exactly as there.

import { type CelType, DYN, itemOf } from "../check/cel-type.ts";
import type { Call, Comprehension, Expression, Identifier, ListLiteral, MapLiteral, Selection } from "../syntax/ast.ts";
import { ACCUMULATOR } from "../syntax/macros.ts";
import { sizeOf } from "../values/values.ts";
import { estimateCall } from "./call-estimate.ts";
import type { Operand, SizeOfPath } from "./operand.ts";
import { add, type CostRange, fixed, multiply, ONE, scale, UNBOUNDED, UNKNOWN, union, ZERO } from "./range.ts";

export function estimateCost(expression: Expression, sizeOfPath: SizeOfPath): CostRange {
  return new Estimator(sizeOfPath).cost(expression);
}

interface EntrySizes {
  readonly kind: "list" | "map";
  readonly key: CostRange;
  readonly value: CostRange;
}

interface Local {
  readonly path: readonly string[];
  readonly size: CostRange | undefined;
  readonly entries: EntrySizes | undefined;
}

const NO_RANGE: CostRange = { min: UNBOUNDED, max: 0 };
const LIST_COST = fixed(10);
const MAP_COST = fixed(30);
const STRUCT_COST = fixed(40);
const NO_PATH: readonly string[] = [];

class Estimator {
  readonly #sizeOfPath: SizeOfPath;
  readonly #paths = new Map<Expression, readonly string[]>();
  readonly #sizes = new Map<Expression, CostRange>();
  readonly #entries = new Map<Expression, EntrySizes>();
  readonly #locals = new Map<string, Local[]>();

  constructor(sizeOfPath: SizeOfPath) {
    this.#sizeOfPath = sizeOfPath;
  }

  cost(expression: Expression): CostRange {
    switch (expression.kind) {
      case "literal":
        return ZERO;
      case "identifier":
        return this.#identifierCost(expression);
      case "selection":
        return this.#selectionCost(expression);
      case "call":
        return this.#callCost(expression);
      case "list":
        return this.#listCost(expression);
      case "map":
        return this.#mapCost(expression);
      case "struct":
        return add(...expression.fields.map(({ value }) => this.cost(value)), STRUCT_COST);
      case "comprehension":
        return isBinding(expression) ? this.#bindingCost(expression) : this.#loopCost(expression);
    }
  }

  #identifierCost(identifier: Identifier): CostRange {
    this.#paths.set(identifier, this.#local(identifier.name)?.path ?? [identifier.name]);
    return ONE;
  }

  #selectionCost(selection: Selection): CostRange {
    if (selection.resolved) {
      this.#paths.set(selection, [selection.resolved.name]);
      return ONE;
    }
    const { operand } = selection;
    const own = this.cost(operand);
    // Presence tests cost nothing of their own.
    if (selection.isPresenceTest) return own;
    this.#paths.set(selection, [...this.#pathOf(operand), selection.field]);
    const kind = operand.type?.kind;
    return kind === "map" || kind === "object" || kind === "parameter" ? add(own, ONE) : own;
  }

  #callCost(call: Call): CostRange {
    const [first] = call.arguments;
    if (call.name === "dyn" && first) {
      const cost = this.cost(first);
      this.#copySizes(call, first);
      return add(ONE, cost);
    }
    const costs = call.arguments.map((argument) => this.cost(argument));
    const operands = call.arguments.map((argument) => this.#operand(argument));
    const overloads = call.overloads ?? [];
    if (call.name === "_?._") return add(...costs.slice(0, 1), ONE);
    if (overloads.length === 0) return ZERO;
    const targetCost = call.target ? this.cost(call.target) : ZERO;
    const target = call.target && this.#operand(call.target);
    let total = NO_RANGE;
    let resultSize: CostRange | undefined;
    for (const { id } of overloads) {
      const estimate = this.#overloadCost(call, id, { target, operands, costs });
      total = union(total, estimate.cost);
      if (estimate.size) resultSize = resultSize ? union(resultSize, estimate.size) : estimate.size;
      resultSize = this.#indexSize(call, id) ?? resultSize;
      resultSize ??= this.#sizeOf(call);
    }
    if (resultSize) this.#sizes.set(call, resultSize);
    return add(targetCost, total);
  }

  /** The path goes on through an index. */
  #indexSize(call: Call, id: string): CostRange | undefined {
    const [container] = call.arguments;
    if (!container || (id !== "index_list" && id !== "index_map")) return undefined;
    this.#paths.set(call, [...this.#pathOf(container), id === "index_list" ? "@items" : "@values"]);
    return this.#entriesOf(container)?.value;
  }

  #overloadCost(
    call: Call,
    id: string,
    given: {
      readonly target: Operand | undefined;
      readonly operands: readonly Operand[];
      readonly costs: readonly CostRange[];
    },
  ): { readonly cost: CostRange; readonly size?: CostRange | undefined } {
    const { costs } = given;
    const [first = ZERO, second = ZERO, third = ZERO] = costs;
    if (id === "logical_and" || id === "logical_or") return { cost: { min: first.min, max: add(first, second).max } };
    if (id === "conditional") {
      const [, yes, no] = call.arguments;
      if (!yes || !no) throw new Error("A condition has two ways");
      this.#joinEntries(call, yes, no);
      return { cost: add(first, union(second, third)), size: union(this.#sizeOrUnknown(yes), this.#sizeOrUnknown(no)) };
    }
    const [left, right] = call.arguments;
    if (left && right && (id === "add_list" || id === "add_string" || id === "add_bytes")) {
      const size = add(this.#sizeOrUnknown(left), this.#sizeOrUnknown(right));
      this.#joinEntries(call, left, right);
      return { cost: add(id === "add_list" ? ONE : scale(size, 0.1), ...costs), size };
    }
    const estimate = estimateCall({ name: call.name, id, ...given, sizeOfPath: this.#sizeOfPath });
    return { cost: add(estimate.cost, ...costs), size: estimate.size };
  }

  #joinEntries(call: Call, a: Expression, b: Expression): void {
    const [own, other] = [this.#entriesOf(a), this.#entriesOf(b)];
    if (!own || !other) return;
    this.#entries.set(call, { kind: own.kind, key: union(own.key, other.key), value: union(own.value, other.value) });
  }

  #listCost(list: ListLiteral): CostRange {
    let total = ZERO;
    let value = list.elements.length === 0 ? ZERO : NO_RANGE;
    for (const element of list.elements) {
      total = add(total, this.cost(element.value));
      value = union(value, this.#sizeOrUnknown(element.value));
    }
    this.#entries.set(list, { kind: "list", key: ONE, value });
    return add(total, LIST_COST);
  }

  #mapCost(map: MapLiteral): CostRange {
    let total = ZERO;
    let key = map.entries.length === 0 ? ZERO : NO_RANGE;
    let value = key;
    for (const entry of map.entries) {
      total = add(total, this.cost(entry.key), this.cost(entry.value));
      key = union(key, this.#sizeOrUnknown(entry.key));
      value = union(value, this.#sizeOrUnknown(entry.value));
    }
    this.#entries.set(map, { kind: "map", key, value });
    return add(total, MAP_COST);
  }

  #loopCost(fold: Comprehension): CostRange {
    const before = add(this.cost(fold.range), this.cost(fold.start));
    this.#push(fold.accumulator, this.#asLocal(fold.start));
    for (const [variable, local] of this.#loopLocals(fold)) this.#push(variable, local);
    const round = add(this.cost(fold.step), this.cost(fold.condition));
    this.#pop(fold.variable);
    if (fold.variable2 !== undefined) this.#pop(fold.variable2);
    const result = this.cost(fold.result);
    this.#pop(fold.accumulator);
    const rounds = this.#sizeOrUnknown(fold.range);
    if (fold.start.kind === "literal") {
      const size = this.#sizeOf(fold.start);
      if (size) this.#sizes.set(fold, size);
    } else if (fold.start.kind === "list" || fold.start.kind === "map") {
      this.#sizes.set(fold, rounds);
      const entries = this.#entriesOf(fold.step);
      if (entries) this.#entries.set(fold, entries);
    }
    return add(before, result, multiply(rounds, round));
  }

  #loopLocals(fold: Comprehension): [string, Local][] {
    const { range, variable, variable2 } = fold;
    const entries = this.#entriesOf(range);
    const path = this.#pathOf(range);
    const isList = (entries?.kind ?? range.type?.kind) === "list";
    const at = (step: string, size: CostRange | undefined): Local => ({
      path: [...path, step],
      size,
      entries: undefined,
    });
    if (variable2 === undefined) {
      return [[variable, isList ? at("@items", entries?.value) : at("@keys", entries?.key)]];
    }
    return [
      [variable, at(isList ? "@indices" : "@keys", entries?.key)],
      [variable2, at(isList ? "@items" : "@values", entries?.value)],
    ];
  }

  #bindingCost(fold: Comprehension): CostRange {
    const before = add(this.cost(fold.range), this.cost(fold.start));
    this.#push(fold.accumulator, this.#asLocal(fold.start));
    const result = this.cost(fold.result);
    this.#pop(fold.accumulator);
    this.#copySizes(fold, fold.result);
    return add(before, result);
  }

  #asLocal(expression: Expression): Local {
    const entries = this.#entriesOf(expression);
    return { path: this.#pathOf(expression), size: this.#sizeOf(expression), entries };
  }

  #push(name: string, local: Local): void {
    const stack = this.#locals.get(name);
    if (stack) stack.push(local);
    else this.#locals.set(name, [local]);
  }

  #pop(name: string): void {
    this.#locals.get(name)?.pop();
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1);
  }

  #pathOf(expression: Expression): readonly string[] {
    const local = expression.kind === "identifier" ? this.#local(expression.name) : undefined;
    return local?.path ?? this.#paths.get(expression) ?? NO_PATH;
  }

  #operand(expression: Expression): Operand {
    const path = this.#pathOf(expression);
    return {
      type: expression.type ?? DYN,
      // What is being collected is no part of any variable.
      path: path.length === 0 || path[0] === ACCUMULATOR ? undefined : path,
      size: this.#sizeOf(expression),
      literal: expression.kind === "literal" ? expression : undefined,
    };
  }

  #copySizes(to: Expression, from: Expression): void {
    const size = this.#sizeOf(from);
    if (size) this.#sizes.set(to, size);
    const entries = this.#entriesOf(from);
    if (entries) this.#entries.set(to, entries);
  }

  #sizeOrUnknown(expression: Expression): CostRange {
    return this.#sizeOf(expression) ?? UNKNOWN;
  }

  #sizeOf(expression: Expression): CostRange | undefined {
    const known = this.#sizes.get(expression) ?? ownSize(expression);
    if (known) return known;
    const path = this.#pathOf(expression);
    const declared = path.length === 0 ? undefined : this.#sizeOfPath(path);
    if (declared) {
      this.#sizes.set(expression, declared);
      return declared;
    }
    if (isScalar(expression.type ?? DYN)) return ONE;
    return expression.kind === "identifier" ? this.#local(expression.name)?.size : undefined;
  }

  #entriesOf(expression: Expression): EntrySizes | undefined {
    const known = this.#entries.get(expression);
    if (known) return known;
    return expression.kind === "identifier" ? this.#local(expression.name)?.entries : undefined;
  }
}

/** A loop over nothing: it only names a value. */
function isBinding({ range, condition, accumulator }: Comprehension): boolean {
  const loopsOverNothing = range.kind === "list" && range.elements.length === 0;
  const neverRuns = condition.kind === "literal" && condition.value === false;
  return loopsOverNothing && neverRuns && accumulator !== ACCUMULATOR;
}

function ownSize(expression: Expression): CostRange | undefined {
  if (expression.kind === "literal") return fixed(sizeOf(expression.value));
  if (expression.kind === "list") return fixed(expression.elements.length);
  return expression.kind === "map" ? fixed(expression.entries.length) : undefined;
}

const SCALARS: ReadonlySet<CelType["kind"]> = new Set(["bool", "double", "duration", "int", "timestamp", "uint"]);

function isScalar(type: CelType): boolean {
  return SCALARS.has(type.kind) || (type.kind === "opaque" && type.name === "optional_type" && isScalar(itemOf(type)));
}

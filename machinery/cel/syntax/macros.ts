// Calls that are not calls: presence tests, and loops over lists and maps. They are rewritten while the expression is read.

import type { CelValue } from "../values/values.ts";
import {
  type Call,
  type Comprehension,
  copyExpression,
  type Expression,
  type Identifier,
  type ListLiteral,
  type MapLiteral,
} from "./ast.ts";

/** No expression can say this name. */
export const ACCUMULATOR = "@result";
/** The same in older versions of the language, still refused as a name of a loop's variable. */
const FORMER_ACCUMULATOR = "__result__";

/** The macro was meant, but not called as it must be. */
export class MacroError extends Error {
  readonly position: number;

  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}

type Macro = (call: Call, build: Builder) => Expression;

/** By name, number of arguments, and whether it has a target. */
const MACROS: ReadonlyMap<string, Macro> = new Map<string, Macro>([
  ["has:1:false", presenceTest],
  ["all:2:true", quantifier(allParts)],
  ["exists:2:true", quantifier(existsParts)],
  ["exists_one:2:true", quantifier(existsOneParts)],
  ["map:2:true", transformation(1, listParts)],
  ["map:3:true", transformation(1, listParts)],
  ["filter:2:true", filterItems],
  ["all:3:true", quantifier(allParts)],
  ["exists:3:true", quantifier(existsParts)],
  ["exists_one:3:true", quantifier(existsOneParts)],
  ["existsOne:3:true", quantifier(existsOneParts)],
  ["transformList:3:true", transformation(2, listParts)],
  ["transformList:4:true", transformation(2, listParts)],
  ["transformMap:3:true", transformation(2, mapParts)],
  ["transformMap:4:true", transformation(2, mapParts)],
  ["transformMapEntry:3:true", transformation(2, mapEntryParts)],
  ["transformMapEntry:4:true", transformation(2, mapEntryParts)],
  ["optMap:2:true", optionalMap("optMap")],
  ["optFlatMap:2:true", optionalMap("optFlatMap")],
  ["sortBy:2:true", sortBy],
]);

/** Macros that only some environments have. */
export type OptionalMacro = "cel.bind";

/** Undefined: it is a call like any other. */
export function expandMacro(call: Call, optional: readonly OptionalMacro[]): Expression | undefined {
  const build = new Builder(call.position);
  if (optional.includes("cel.bind") && isBind(call)) return bindName(call, build);
  const macro = MACROS.get(`${call.name}:${call.arguments.length}:${call.target !== undefined}`);
  return macro?.(call, build);
}

function isBind({ name, target, arguments: given }: Call): boolean {
  return name === "bind" && given.length === 3 && target?.kind === "identifier" && target.name === "cel";
}

function bindName(call: Call, build: Builder): Expression {
  const name = argumentOf(call, 0);
  if (name.kind !== "identifier") {
    throw new MacroError(name.position, "cel.bind() variable names must be simple identifiers");
  }
  return bind(build, name.name, argumentOf(call, 1), argumentOf(call, 2));
}

/** Makes nodes that all stand where the macro does. */
class Builder {
  readonly #position: number;

  constructor(position: number) {
    this.#position = position;
  }

  literal(value: CelValue): Expression {
    return { kind: "literal", value, position: this.#position };
  }

  identifier(name: string): Identifier {
    return { kind: "identifier", name, position: this.#position };
  }

  accumulator(): Expression {
    return this.identifier(ACCUMULATOR);
  }

  list(...values: readonly Expression[]): ListLiteral {
    const elements = values.map((value) => ({ value, isOptional: false }));
    return { kind: "list", elements, position: this.#position };
  }

  emptyMap(): MapLiteral {
    return { kind: "map", entries: [], position: this.#position };
  }

  call(name: string, ...given: readonly Expression[]): Expression {
    return { kind: "call", name, target: undefined, arguments: given, position: this.#position };
  }

  memberCall(name: string, target: Expression): Expression {
    return { kind: "call", name, target, arguments: [], position: this.#position };
  }

  fold(
    parts: Omit<Comprehension, "kind" | "position" | "accumulator"> & { readonly accumulator?: string },
  ): Comprehension {
    return { kind: "comprehension", accumulator: ACCUMULATOR, ...parts, position: this.#position };
  }
}

function presenceTest(call: Call): Expression {
  const [argument] = call.arguments;
  if (argument?.kind !== "selection") throw new MacroError(argument?.position ?? 0, "invalid argument to has() macro");
  const { operand, field } = argument;
  return { kind: "selection", operand, field, isPresenceTest: true, position: call.position };
}

interface LoopParts {
  readonly start: Expression;
  readonly condition: Expression;
  readonly step: Expression;
  readonly result: Expression;
}

function quantifier(partsOf: (predicate: Expression, build: Builder) => LoopParts): Macro {
  return (call, build) => {
    const names = call.arguments.slice(0, -1);
    const variables = loopVariables(names, "argument must be a simple name");
    return build.fold({ range: targetOf(call), ...variables, ...partsOf(argumentOf(call, names.length), build) });
  };
}

function allParts(predicate: Expression, build: Builder): LoopParts {
  return {
    start: build.literal(true),
    condition: build.call("@not_strictly_false", build.accumulator()),
    step: build.call("_&&_", build.accumulator(), predicate),
    result: build.accumulator(),
  };
}

function existsParts(predicate: Expression, build: Builder): LoopParts {
  return {
    start: build.literal(false),
    condition: build.call("@not_strictly_false", build.call("!_", build.accumulator())),
    step: build.call("_||_", build.accumulator(), predicate),
    result: build.accumulator(),
  };
}

function existsOneParts(predicate: Expression, build: Builder): LoopParts {
  const counted = build.call("_+_", build.accumulator(), build.literal(1n));
  return {
    start: build.literal(0n),
    condition: build.literal(true),
    step: build.call("_?_:_", predicate, counted, build.accumulator()),
    result: build.call("_==_", build.accumulator(), build.literal(1n)),
  };
}

function filterItems(call: Call, build: Builder): Expression {
  const variables = loopVariables(call.arguments.slice(0, 1), "argument is not an identifier");
  return collect(call, build, { variables, ...listParts(argumentOf(call, 0), build), filter: 1 });
}

interface Transformed {
  readonly start: Expression;
  readonly step: Expression;
}

/** One or two variables, perhaps a filter, and what becomes of each item. */
function transformation(
  variableCount: 1 | 2,
  partsOf: (transform: Expression, build: Builder, variable: string) => Transformed,
): Macro {
  const complaint = variableCount === 1 ? "argument is not an identifier" : "argument must be a simple name";
  return (call, build) => {
    const variables = loopVariables(call.arguments.slice(0, variableCount), complaint);
    const transform = argumentOf(call, call.arguments.length - 1);
    const filter = call.arguments.length === variableCount + 2 ? variableCount : undefined;
    return collect(call, build, { variables, ...partsOf(transform, build, variables.variable), filter });
  };
}

function listParts(transform: Expression, build: Builder): Transformed {
  return { start: build.list(), step: build.call("_+_", build.accumulator(), build.list(transform)) };
}

function mapParts(transform: Expression, build: Builder, variable: string): Transformed {
  const step = build.call("cel.@mapInsert", build.accumulator(), build.identifier(variable), transform);
  return { start: build.emptyMap(), step };
}

function mapEntryParts(transform: Expression, build: Builder): Transformed {
  return { start: build.emptyMap(), step: build.call("cel.@mapInsert", build.accumulator(), transform) };
}

function collect(
  call: Call,
  build: Builder,
  parts: {
    readonly variables: LoopVariables;
    readonly start: Expression;
    readonly step: Expression;
    /** Which argument says whether an item counts. */
    readonly filter: number | undefined;
  },
): Expression {
  const { variables, start, filter } = parts;
  const step =
    filter === undefined ? parts.step : build.call("_?_:_", argumentOf(call, filter), parts.step, build.accumulator());
  const condition = build.literal(true);
  return build.fold({ range: targetOf(call), ...variables, start, condition, step, result: build.accumulator() });
}

/** A loop over nothing whose accumulator is the variable: it is worked out once, and only if it is asked for. */
function bind(build: Builder, variable: string, value: Expression, result: Expression): Expression {
  return build.fold({
    range: build.list(),
    variable: "#unused",
    variable2: undefined,
    accumulator: variable,
    start: value,
    condition: build.literal(false),
    step: build.identifier(variable),
    result,
  });
}

function optionalMap(name: "optMap" | "optFlatMap"): Macro {
  return (call, build) => {
    const variable = argumentOf(call, 0);
    if (variable.kind !== "identifier") {
      throw new MacroError(variable.position, `${name}() variable name must be a simple identifier`);
    }
    const target = targetOf(call);
    const value = build.memberCall("value", copyExpression(target));
    const mapped = bind(build, variable.name, value, argumentOf(call, 1));
    const some = name === "optMap" ? build.call("optional.of", mapped) : mapped;
    return build.call("_?_:_", build.memberCall("hasValue", target), some, build.call("optional.none"));
  };
}

const SORT_SUBJECT = "@__sortBy_input__";

function sortBy(call: Call, build: Builder): Expression {
  const target = targetOf(call);
  if (!["list", "selection", "identifier", "comprehension", "call"].includes(target.kind)) {
    throw new MacroError(
      target.position,
      "sortBy can only be applied to a list, identifier, comprehension, call or select expression",
    );
  }
  const variables = loopVariables(call.arguments.slice(0, 1), "argument is not an identifier");
  const subject = build.identifier(SORT_SUBJECT);
  const keys = collect({ ...call, target: subject }, build, {
    variables,
    ...listParts(argumentOf(call, 1), build),
    filter: undefined,
  });
  const sorted: Call = {
    kind: "call",
    name: "@sortByAssociatedKeys",
    target: build.identifier(SORT_SUBJECT),
    arguments: [keys],
    position: call.position,
  };
  return bind(build, SORT_SUBJECT, target, sorted);
}

interface LoopVariables {
  readonly variable: string;
  readonly variable2: string | undefined;
}

function loopVariables(names: readonly Expression[], complaint: string): LoopVariables {
  const [variable = "", variable2] = names.map((name) => {
    if (name.kind !== "identifier") throw new MacroError(name.position, complaint);
    return name.name;
  });
  if (variable === variable2) throw new MacroError(names[1]?.position ?? 0, `duplicate variable name: ${variable}`);
  for (const name of names) {
    if (name.kind === "identifier" && name.name === FORMER_ACCUMULATOR) {
      throw new MacroError(name.position, "iteration variable overwrites accumulator variable");
    }
  }
  return { variable, variable2 };
}

function targetOf(call: Call): Expression {
  if (!call.target) throw new Error(`"${call.name}" is only unfolded with a target`);
  return call.target;
}

function argumentOf(call: Call, index: number): Expression {
  const argument = call.arguments[index];
  if (!argument) throw new Error(`"${call.name}" is only unfolded with enough arguments`);
  return argument;
}

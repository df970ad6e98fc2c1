// Expressions of CEL that the checker takes: made from the declarations of all functions there are, each part of the type that is
// wanted where it stands. So that what is evaluated, and what it may cost, is looked at too and not the checker alone.

import { baseEnvironment } from "@atoll/machinery/cel/base-environment";
import {
  BOOL,
  type CelType,
  DOUBLE,
  DYN,
  formatType,
  INT,
  listOf,
  mapOf,
  STRING,
} from "@atoll/machinery/cel/check/cel-type";
import type { Overload } from "@atoll/machinery/cel/check/function-declaration";
import type { Random } from "@atoll/base/random";
import { chance, pick } from "../differential/random-values.ts";
import { literalOf } from "./typed-literals.ts";

/** What can be named in an expression. */
export interface Named {
  readonly text: string;
  readonly type: CelType;
}

interface Production {
  readonly name: string;
  readonly overload: Overload;
}

const DEPTH_MAX = 4;

/** With names of their own in the language. */
const BINARY = /^_(\+|-|\*|\/|%|==|!=|<|<=|>|>=|&&|\|\|)_$/;

const PRODUCTIONS: readonly Production[] = [...baseEnvironment().functions.values()]
  .filter(({ name }) => !name.includes("@") || name === "@in")
  .flatMap(({ name, overloads }) => overloads.map((overload) => ({ name, overload })));

/** Those whose result may be of the type, by the type. */
const byResult = new Map<string, readonly Production[]>();

const SIMPLE: readonly CelType[] = [BOOL, INT, STRING, STRING, DOUBLE, listOf(INT), listOf(STRING), mapOf(STRING, INT)];

export function simpleType(random: Random): CelType {
  return pick(random, SIMPLE);
}

/** `depth` levels at most. */
export function typedExpression(random: Random, type: CelType, names: readonly Named[], depth = DEPTH_MAX): string {
  return new TypedWriter(random, names).write(type, DEPTH_MAX - depth);
}

class TypedWriter {
  readonly #random: Random;
  /** With those that macros declare, while they are written. */
  #names: readonly Named[];
  readonly #hasAuthorizer: boolean;

  constructor(random: Random, names: readonly Named[]) {
    this.#random = random;
    this.#names = names;
    this.#hasAuthorizer = names.some(({ type }) => isAuthorization(type));
  }

  write(type: CelType, depth: number): string {
    const random = this.#random;
    if (depth >= DEPTH_MAX || chance(random, 0.15 + depth * 0.1)) return this.#leaf(type);
    if ((type.kind === "bool" || type.kind === "list") && chance(random, 0.2)) return this.#macro(type, depth);
    const productions = productionsOf(type).filter((production) => !asksAuthorizer(production) || this.#hasAuthorizer);
    return productions.length === 0 ? this.#leaf(type) : this.#call(pick(random, productions), type, depth);
  }

  #call({ name, overload }: Production, type: CelType, depth: number): string {
    const bindings = new Map<string, CelType>();
    unify(overload.result, type, bindings);
    const args = overload.parameters.map((parameter) => this.write(this.#bound(parameter, bindings, depth), depth + 1));
    const [first = "", second = "", third = ""] = args;
    const operator = BINARY.exec(name)?.[1];
    if (operator !== undefined) return `(${first}) ${operator} (${second})`;
    switch (name) {
      case "_?_:_":
        return `(${first}) ? (${second}) : (${third})`;
      case "_[_]":
        return `(${first})[${second}]`;
      case "_[?_]":
        return `(${first})[?${second}]`;
      case "@in":
        return `(${first}) in (${second})`;
      case "!_":
      case "-_":
        return `${name.charAt(0)}(${first})`;
      default:
        return overload.isMember ? `(${first}).${name}(${args.slice(1).join(", ")})` : `${name}(${args.join(", ")})`;
    }
  }

  /** What a parameter is, chosen where nothing says it yet. */
  #bound(type: CelType, bindings: Map<string, CelType>, depth: number): CelType {
    if (type.kind !== "parameter") {
      return { ...type, parameters: type.parameters.map((inner) => this.#bound(inner, bindings, depth)) };
    }
    const known = bindings.get(type.name) ?? (depth > 2 ? pick(this.#random, [INT, STRING]) : simpleType(this.#random));
    bindings.set(type.name, known);
    return known;
  }

  /** Of lists and maps, as a truth or a list. */
  #macro(type: CelType, depth: number): string {
    const random = this.#random;
    const name = `v${this.#names.length}`;
    const item = pick(random, [INT, STRING]);
    const among = pick(random, [listOf(item), mapOf(item, BOOL)]);
    const within = (bound: CelType, inner: CelType) => this.#withName({ text: name, type: bound }, inner, depth + 1);
    const [first = DYN] = type.parameters;
    if (type.kind === "list" && chance(random, 0.5)) {
      return `(${this.write(type, depth + 1)}).filter(${name}, ${within(first, BOOL)})`;
    }
    const [macro, result] =
      type.kind === "list" ? ["map", first] : [pick(random, ["all", "exists", "exists_one"]), BOOL];
    return `(${this.write(among, depth + 1)}).${macro}(${name}, ${within(item, result)})`;
  }

  #withName(named: Named, type: CelType, depth: number): string {
    const before = this.#names;
    this.#names = [...before, named];
    const text = this.write(type, depth);
    this.#names = before;
    return text;
  }

  /** Mostly something that was given. */
  #leaf(type: CelType): string {
    const random = this.#random;
    const fitting = this.#names.filter((named) => unify(named.type, type, new Map()));
    if (fitting.length > 0 && chance(random, 0.75)) return pick(random, fitting).text;
    return literalOf(random, type, (inner) => this.#leaf(inner));
  }
}

function productionsOf(type: CelType): readonly Production[] {
  const key = formatType(type);
  let found = byResult.get(key);
  if (!found) {
    found = PRODUCTIONS.filter(({ overload }) => unify(overload.result, type, new Map()));
    byResult.set(key, found);
  }
  return found;
}

function isAuthorization({ name }: CelType): boolean {
  return name.startsWith("kubernetes.authorization.");
}

function asksAuthorizer({ overload }: Production): boolean {
  return overload.parameters.some(isAuthorization);
}

/** Whether what gives the one type can stand where the other is wanted; notes what parameters then are. */
function unify(given: CelType, wanted: CelType, bindings: Map<string, CelType>): boolean {
  if (given.kind === "parameter") {
    const known = bindings.get(given.name);
    if (known) return formatType(known) === formatType(wanted);
    bindings.set(given.name, wanted);
    return true;
  }
  if (wanted.kind === "dyn" || given.kind === "dyn") return wanted.kind === given.kind;
  if (given.kind !== wanted.kind || given.name !== wanted.name) return false;
  return given.parameters.every((parameter, index) => unify(parameter, wanted.parameters[index] ?? DYN, bindings));
}

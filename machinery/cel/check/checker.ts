// Finds the type of every part of an expression and which functions it calls, or says what is wrong with it. What it finds
// is written into the nodes.

import {
  type Call,
  type Comprehension,
  type Expression,
  type Identifier,
  type ListLiteral,
  type MapLiteral,
  qualifiedName,
  type Selection,
  type StructLiteral,
} from "../syntax/ast.ts";
import type { Complaint } from "../syntax/source.ts";
import { type CelValue, TypeValue } from "../values/values.ts";
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DYN,
  ERROR,
  formatSignature,
  formatType,
  INT,
  isOptional,
  isSameType,
  itemOf,
  listOf,
  mapOf,
  NULL,
  objectType,
  optionalOf,
  STRING,
  typeOf,
  typeParameter,
  UINT,
  unwrapOptional,
  mapValueOf,
} from "./cel-type.ts";
import type { Environment } from "./environment.ts";
import type { FunctionDeclaration, Overload } from "./function-declaration.ts";
import { TYPE_NAMES } from "./type-names.ts";
import { assign, mostGeneral, type Substitution, substitute } from "./unification.ts";

/** The type of the whole, and what is wrong. */
export function check(
  expression: Expression,
  environment: Environment,
): { readonly type: CelType; readonly complaints: Complaint[] } {
  return new Checker(environment).run(expression);
}

class Checker {
  readonly #environment: Environment;
  readonly #complaints: Complaint[] = [];
  readonly #nodes: Expression[] = [];
  /** Variables of loops, the innermost last. */
  readonly #scopes: Map<string, CelType>[] = [];
  #known: Substitution = new Map();
  #freeCount = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  run(expression: Expression): { readonly type: CelType; readonly complaints: Complaint[] } {
    this.#check(expression);
    for (const node of this.#nodes) node.type = substitute(node.type ?? DYN, this.#known, true);
    return { type: expression.type ?? ERROR, complaints: this.#complaints };
  }

  #check(expression: Expression): CelType {
    const type = this.#typeOf(expression);
    expression.type = type;
    this.#nodes.push(expression);
    return type;
  }

  #typeOf(expression: Expression): CelType {
    switch (expression.kind) {
      case "literal":
        return literalType(expression.value);
      case "identifier":
        return this.#checkIdentifier(expression);
      case "selection":
        return this.#checkSelection(expression);
      case "call":
        return expression.name === "_?._" ? this.#checkOptionalSelection(expression) : this.#checkCall(expression);
      case "list":
        return this.#checkList(expression);
      case "map":
        return this.#checkMap(expression);
      case "struct":
        return this.#checkStruct(expression);
      case "comprehension":
        return this.#checkComprehension(expression);
    }
  }

  #checkIdentifier(identifier: Identifier): CelType {
    const found = this.#lookUp(identifier.name);
    if (!found) return this.#undeclared(identifier.position, identifier.name);
    identifier.name = found.name;
    if (found.constant) identifier.constant = found.constant;
    return found.type;
  }

  #undeclared(position: number, name: string): CelType {
    return this.#complain(position, `undeclared reference to '${name}' (in container '')`);
  }

  #complain(position: number, message: string): CelType {
    this.#complaints.push({ position, message });
    return ERROR;
  }

  #lookUp(
    written: string,
  ): { readonly name: string; readonly type: CelType; readonly constant?: TypeValue } | undefined {
    const name = written.replace(/^\./, "");
    for (const scope of this.#scopes.toReversed()) {
      const type = scope.get(name);
      if (type) return { name, type };
    }
    const variable = this.#environment.variables.get(name);
    if (variable) return { name, type: variable };
    if (this.#environment.objectNamed(name)) {
      return { name, type: typeOf(objectType(name)), constant: new TypeValue(name) };
    }
    const type = TYPE_NAMES.get(name);
    return type && { name, type: typeOf(type), constant: new TypeValue(name) };
  }

  #checkSelection(selection: Selection): CelType {
    const name = qualifiedName(selection);
    const found = name === undefined ? undefined : this.#lookUp(name);
    if (found) {
      const { position } = selection;
      selection.resolved = { kind: "identifier", name: found.name, position };
      if (found.constant) selection.resolved.constant = found.constant;
      return found.type;
    }
    const type = this.#fieldType(selection.position, selection.operand, selection.field, false);
    return substitute(selection.isPresenceTest ? BOOL : type, this.#known, false);
  }

  #checkOptionalSelection(call: Call): CelType {
    const [operand, field] = call.arguments;
    if (!operand || field?.kind !== "literal" || typeof field.value !== "string") {
      throw new Error("An optional selection is read with an operand and a field");
    }
    call.overloads = [];
    return substitute(this.#fieldType(call.position, operand, field.value, true), this.#known, false);
  }

  #fieldType(position: number, operand: Expression, field: string, makesOptional: boolean): CelType {
    const operandType = substitute(this.#check(operand), this.#known, false);
    const type = this.#fieldOf(position, unwrapOptional(operandType), field);
    return isOptional(operandType) || makesOptional ? optionalOf(type) : type;
  }

  #fieldOf(position: number, type: CelType, field: string): CelType {
    switch (type.kind) {
      case "map":
        return mapValueOf(type);
      case "object":
        return this.#declaredField(position, type.name, field);
      case "parameter":
        this.#isAssignable(DYN, type);
        return DYN;
      case "dyn":
      case "error":
        return DYN;
      default:
        this.#complain(position, `type '${formatType(type)}' does not support field selection`);
        return DYN;
    }
  }

  #declaredField(position: number, object: string, field: string): CelType {
    const declared = this.#environment.objectNamed(object);
    if (!declared) return this.#complain(position, `unexpected failed resolution of '${object}'`);
    return declared.fieldType(field) ?? this.#complain(position, `undefined field '${field}'`);
  }

  #checkCall(call: Call): CelType {
    for (const argument of call.arguments) this.#check(argument);
    if (!call.target) return this.#checkFreeCall(call);
    const prefix = qualifiedName(call.target);
    const namespaced = prefix === undefined ? undefined : this.#functionNamed(`${prefix}.${call.name}`);
    if (namespaced) {
      call.target = undefined;
      return this.#resolve(call, namespaced);
    }
    this.#check(call.target);
    const declared = this.#functionNamed(call.name);
    return declared ? this.#resolve(call, declared) : this.#undeclared(call.position, call.name);
  }

  #checkFreeCall(call: Call): CelType {
    const declared = this.#functionNamed(call.name);
    return declared ? this.#resolve(call, declared) : this.#undeclared(call.position, call.name);
  }

  #functionNamed(name: string): FunctionDeclaration | undefined {
    return this.#environment.functions.get(name.replace(/^\./, ""));
  }

  #resolve(call: Call, declared: FunctionDeclaration): CelType {
    call.name = declared.name;
    const operands = call.target ? [call.target, ...call.arguments] : call.arguments;
    const types = operands.map(({ type }) => type ?? ERROR);
    if (declared.name === "_&&_" || declared.name === "_||_") return this.#resolveLogical(call, declared, types);
    const matching: Overload[] = [];
    let result: CelType | undefined;
    for (const candidate of declared.overloads) {
      if (candidate.isMember !== (call.target !== undefined)) continue;
      const fresh = this.#instantiate(candidate);
      if (!this.#areAssignable(types, fresh.parameters)) continue;
      matching.push(candidate);
      const own = substitute(fresh.result, this.#known, false);
      if (!result) result = own;
      else if (result.kind !== "dyn" && !isSameType(own, result)) result = DYN;
    }
    call.overloads = matching;
    if (result) return result;
    const shown = types.map((type) => substitute(type, this.#known, true));
    const signature = formatSignature(shown, call.target !== undefined);
    return this.#complain(call.position, `found no matching overload for '${declared.name}' applied to '${signature}'`);
  }

  #resolveLogical(call: Call, declared: FunctionDeclaration, types: readonly CelType[]): CelType {
    call.overloads = declared.overloads;
    let isSound = true;
    for (const [index, type] of types.entries()) {
      if (this.#isAssignable(type, BOOL)) continue;
      isSound = false;
      this.#complain(call.arguments[index]?.position ?? 0, mismatch(BOOL, type));
    }
    return isSound ? BOOL : ERROR;
  }

  /** The overload with type parameters of its own. */
  #instantiate(candidate: Overload): { readonly parameters: readonly CelType[]; readonly result: CelType } {
    const own = new Map<string, CelType>();
    const fresh = (type: CelType): CelType => {
      if (type.kind === "parameter") {
        const made = own.get(type.name) ?? this.#freeType();
        own.set(type.name, made);
        return made;
      }
      return type.parameters.length === 0 ? type : { ...type, parameters: type.parameters.map(fresh) };
    };
    return { parameters: candidate.parameters.map(fresh), result: fresh(candidate.result) };
  }

  #freeType(): CelType {
    return typeParameter(`_var${this.#freeCount++}`);
  }

  #checkList(list: ListLiteral): CelType {
    let joined: CelType | undefined;
    for (const { value, isOptional: mayBeAbsent } of list.elements) {
      const type = this.#checkElement(value, mayBeAbsent);
      joined = this.#join(joined, type);
    }
    return listOf(joined ?? this.#freeType());
  }

  #checkElement(value: Expression, mayBeAbsent: boolean): CelType {
    const type = this.#check(value);
    if (!mayBeAbsent) return type;
    if (!isOptional(type) && type.kind !== "dyn") this.#complain(value.position, mismatch(optionalOf(type), type));
    return unwrapOptional(type);
  }

  #checkMap(map: MapLiteral): CelType {
    let keys: CelType | undefined;
    let values: CelType | undefined;
    for (const entry of map.entries) {
      keys = this.#join(keys, this.#check(entry.key));
      const type = this.#checkElement(entry.value, entry.isOptional);
      values = this.#join(values, type);
    }
    return mapOf(keys ?? this.#freeType(), values ?? this.#freeType());
  }

  #join(before: CelType | undefined, type: CelType): CelType {
    if (!before) return type;
    return this.#isAssignable(before, type) ? mostGeneral(before, type) : DYN;
  }

  #checkStruct(struct: StructLiteral): CelType {
    const found = this.#lookUp(struct.name);
    if (!found) return this.#undeclared(struct.position, struct.name);
    struct.name = found.name;
    const result = this.#instanceType(struct, found.type);
    for (const field of struct.fields) {
      const given = this.#checkElement(field.value, field.isOptional);
      const type = this.#declaredField(field.position, struct.name, field.name);
      if (this.#isAssignable(type, given)) continue;
      const names = `'${formatType(type)}' but provided type is '${formatType(given)}'`;
      this.#complain(field.position, `expected type of field '${field.name}' is ${names}`);
    }
    return result;
  }

  #instanceType({ position }: StructLiteral, type: CelType): CelType {
    if (type.kind !== "type") return this.#complain(position, `'${type.name}' is not a type`);
    const instance = itemOf(type);
    if (instance.kind === "object") return instance;
    return this.#complain(position, `'${instance.name}' is not a message type`);
  }

  #checkComprehension(fold: Comprehension): CelType {
    const range = substitute(this.#check(fold.range), this.#known, false);
    const start = this.#check(fold.start);
    this.#scopes.push(new Map([[fold.accumulator, start]]));
    const [first, second] = this.#loopTypes(fold, range);
    const loop = new Map([[fold.variable, first]]);
    if (fold.variable2 !== undefined) loop.set(fold.variable2, second);
    this.#scopes.push(loop);
    this.#checkAs(fold.condition, BOOL);
    this.#checkAs(fold.step, start);
    this.#scopes.pop();
    const result = this.#check(fold.result);
    this.#scopes.pop();
    return substitute(result, this.#known, false);
  }

  #checkAs(expression: Expression, wanted: CelType): void {
    const type = this.#check(expression);
    if (!this.#isAssignable(wanted, type)) this.#complain(expression.position, mismatch(wanted, type));
  }

  #loopTypes(fold: Comprehension, range: CelType): readonly [CelType, CelType] {
    const hasTwo = fold.variable2 !== undefined;
    switch (range.kind) {
      case "list":
        return hasTwo ? [INT, itemOf(range)] : [itemOf(range), DYN];
      case "map":
        return [itemOf(range), mapValueOf(range)];
      case "dyn":
      case "error":
      case "parameter":
        this.#isAssignable(DYN, range);
        return [DYN, DYN];
      default: {
        const what = `expression of type '${formatType(range)}' cannot be range of a comprehension`;
        this.#complain(fold.range.position, `${what} (must be list, map, or dynamic)`);
        return [ERROR, ERROR];
      }
    }
  }

  #isAssignable(type: CelType, target: CelType): boolean {
    return this.#areAssignable([type], [target]);
  }

  #areAssignable(types: readonly CelType[], targets: readonly CelType[]): boolean {
    const known = assign(types, targets, this.#known);
    if (known) this.#known = known;
    return known !== undefined;
  }
}

function mismatch(wanted: CelType, type: CelType): string {
  return `expected type '${formatType(wanted)}' but found '${formatType(type)}'`;
}

function literalType(value: CelValue): CelType {
  switch (typeof value) {
    case "boolean":
      return BOOL;
    case "bigint":
      return INT;
    case "number":
      return DOUBLE;
    case "string":
      return STRING;
    default:
      return value === null ? NULL : value instanceof Uint8Array ? BYTES : UINT;
  }
}

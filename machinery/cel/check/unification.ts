// Which type fits where: an expression without a fixed type (an empty list, a function for any type) gets one from where it
// stands. A substitution says what each type parameter has turned out to be.

import { type CelType, DYN, isSameType } from "./cel-type.ts";

export type Substitution = ReadonlyMap<string, CelType>;

/** The substitution grown by what was learnt; undefined: they do not fit. */
export function assign(
  types: readonly CelType[],
  targets: readonly CelType[],
  known: Substitution,
): Substitution | undefined {
  const grown = new Map(known);
  return areAssignable(types, targets, grown) ? grown : undefined;
}

/** Every bound parameter replaced. With `freeToDyn` the others become dyn. */
export function substitute(type: CelType, known: Substitution, freeToDyn: boolean): CelType {
  const bound = type.kind === "parameter" ? known.get(type.name) : undefined;
  if (bound) return substitute(bound, known, freeToDyn);
  if (type.kind === "parameter") return freeToDyn ? DYN : type;
  if (type.parameters.length === 0) return type;
  return { ...type, parameters: type.parameters.map((parameter) => substitute(parameter, known, freeToDyn)) };
}

/** Of two types that fit each other the one that says less. */
export function mostGeneral(a: CelType, b: CelType): CelType {
  return isEqualOrLessSpecific(a, b) ? a : b;
}

function isEqualOrLessSpecific(a: CelType, b: CelType): boolean {
  if (a.kind === "dyn" || a.kind === "parameter") return true;
  if (b.kind === "dyn" || b.kind === "parameter") return false;
  if (a.kind !== b.kind) return false;
  if (a.kind === "type") return true;
  if (a.kind !== "opaque" && a.kind !== "list" && a.kind !== "map") return isSameType(a, b);
  if (a.name !== b.name || a.parameters.length !== b.parameters.length) return false;
  return a.parameters.every((parameter, index) => isEqualOrLessSpecific(parameter, b.parameters[index] ?? DYN));
}

const NULLABLE: ReadonlySet<CelType["kind"]> = new Set(["null", "opaque", "object", "duration", "timestamp"]);

function isAssignable(type: CelType, target: CelType, known: Map<string, CelType>): boolean {
  if (target.kind === "parameter") {
    const { fits, isBound } = bindParameter(type, target, known);
    if (fits) return true;
    if (isBound) return false;
  }
  if (type.kind === "parameter") return bindParameter(target, type, known).fits;
  if (isAnything(type) || isAnything(target)) return true;
  if (type.kind === "null") return NULLABLE.has(target.kind);
  if (target.kind === "null") return NULLABLE.has(type.kind);
  switch (type.kind) {
    case "type":
      return target.kind === "type";
    case "opaque":
    case "list":
    case "map":
      return (
        type.kind === target.kind &&
        type.name === target.name &&
        areAssignable(type.parameters, target.parameters, known)
      );
    default:
      return isSameType(type, target);
  }
}

function areAssignable(types: readonly CelType[], targets: readonly CelType[], known: Map<string, CelType>): boolean {
  if (types.length !== targets.length) return false;
  return types.every((type, index) => isAssignable(type, targets[index] ?? DYN, known));
}

function isAnything(type: CelType): boolean {
  return type.kind === "dyn" || type.kind === "error";
}

function bindParameter(
  type: CelType,
  parameter: CelType,
  known: Map<string, CelType>,
): { readonly fits: boolean; readonly isBound: boolean } {
  if (isSameType(type, parameter)) return { fits: true, isBound: true };
  const bound = known.get(parameter.name);
  if (!bound) {
    if (!isFreeOf(parameter, type, known)) return { fits: false, isBound: false };
    known.set(parameter.name, type);
    return { fits: true, isBound: false };
  }
  if (isSameType(type, bound)) return { fits: true, isBound: true };
  if (!isAssignable(type, bound, known)) return { fits: false, isBound: true };
  const general = mostGeneral(type, bound);
  if (isFreeOf(parameter, general, known)) known.set(parameter.name, general);
  return { fits: true, isBound: true };
}

/** A parameter must not stand within what it stands for. */
function isFreeOf(parameter: CelType, within: CelType, known: Substitution): boolean {
  if (isSameType(parameter, within)) return false;
  if (within.kind === "parameter") {
    const bound = known.get(within.name);
    return bound === undefined || isFreeOf(parameter, bound, known);
  }
  return within.parameters.every((inner) => isFreeOf(parameter, inner, known));
}

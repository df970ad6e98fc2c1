// The types of expressions, as the checker reckons with them.

export type TypeKind =
  | "bool"
  | "int"
  | "uint"
  | "double"
  | "string"
  | "bytes"
  | "null"
  | "timestamp"
  | "duration"
  | "list"
  | "map"
  /** An object with known fields. */
  | "object"
  /** A type that only functions look into: optional_type, net.IP. */
  | "opaque"
  /** The type of a type. */
  | "type"
  | "dyn"
  /** Some type, the same wherever its name stands in a function's signature. */
  | "parameter"
  /** What a wrong part has, so that it is complained about once. */
  | "error";

export interface CelType {
  readonly kind: TypeKind;
  readonly name: string;
  /** Of a list its items', of a map its keys' and values', of an opaque type its own. */
  readonly parameters: readonly CelType[];
}

function plain(kind: TypeKind, name: string = kind): CelType {
  return { kind, name, parameters: [] };
}

export const BOOL = plain("bool");
export const INT = plain("int");
export const UINT = plain("uint");
export const DOUBLE = plain("double");
export const STRING = plain("string");
export const BYTES = plain("bytes");
export const NULL = plain("null");
export const TIMESTAMP = plain("timestamp");
export const DURATION = plain("duration");
export const DYN = plain("dyn");
/** What nobody knows before there is a value; it says "any" of itself. */
export const ANY: CelType = { kind: "dyn", name: "any", parameters: [] };
export const ERROR = plain("error", "!error!");

export function listOf(item: CelType): CelType {
  return { kind: "list", name: "list", parameters: [item] };
}

export function mapOf(key: CelType, value: CelType): CelType {
  return { kind: "map", name: "map", parameters: [key, value] };
}

export function objectType(name: string): CelType {
  return plain("object", name);
}

export function opaqueType(name: string, ...parameters: readonly CelType[]): CelType {
  return { kind: "opaque", name, parameters };
}

export function optionalOf(value: CelType): CelType {
  return opaqueType(OPTIONAL, value);
}

export function typeOf(type: CelType): CelType {
  return { kind: "type", name: "type", parameters: [type] };
}

export function typeParameter(name: string): CelType {
  return plain("parameter", name);
}

const OPTIONAL = "optional_type";

export function isOptional(type: CelType): boolean {
  return type.kind === "opaque" && type.name === OPTIONAL;
}

/** What is in the optional; the type itself if it is none. */
export function unwrapOptional(type: CelType): CelType {
  return (isOptional(type) ? type.parameters[0] : undefined) ?? type;
}

export function itemOf(type: CelType): CelType {
  return type.parameters[0] ?? DYN;
}

/** Of a map. */
export function mapValueOf(type: CelType): CelType {
  return type.parameters[1] ?? DYN;
}

export function isSameType(a: CelType, b: CelType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.name !== b.name || a.parameters.length !== b.parameters.length) return false;
  return a.parameters.every((parameter, index) => isSameType(parameter, b.parameters[index] ?? DYN));
}

/** "map(string, list(int))" */
export function formatType(type: CelType): string {
  if (type.parameters.length === 0) return type.name;
  return `${type.name}(${type.parameters.map(formatType).join(", ")})`;
}

/** "list(int).(string)" of a call with a target, "(list(int), string)" of one without. */
export function formatSignature(types: readonly CelType[], hasTarget: boolean): string {
  const [target, ...rest] = types;
  if (!hasTarget || !target) return `(${types.map(formatType).join(", ")})`;
  return `${formatType(target)}.(${rest.map(formatType).join(", ")})`;
}

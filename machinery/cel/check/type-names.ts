// The names that types have in expressions: `type(self.port) == int`.

import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  opaqueType,
  optionalOf,
  STRING,
  TIMESTAMP,
  typeOf,
  UINT,
} from "./cel-type.ts";

export const TYPE_NAMES: ReadonlyMap<string, CelType> = new Map([
  ["bool", BOOL],
  ["bytes", BYTES],
  ["double", DOUBLE],
  ["google.protobuf.Duration", DURATION],
  ["google.protobuf.Timestamp", TIMESTAMP],
  ["int", INT],
  ["list", listOf(DYN)],
  ["map", mapOf(DYN, DYN)],
  ["null_type", NULL],
  ["optional_type", optionalOf(DYN)],
  ["string", STRING],
  ["type", typeOf(DYN)],
  ["uint", UINT],
  ["net.IP", opaqueType("net.IP")],
  ["net.CIDR", opaqueType("net.CIDR")],
]);

const RUNTIME_NAMES: Readonly<Partial<Record<CelType["kind"], string>>> = {
  null: "null_type",
  timestamp: "google.protobuf.Timestamp",
  duration: "google.protobuf.Duration",
};

/** As messages about results name a type: "map(string, google.protobuf.Timestamp)". */
export function nameOfType(type: CelType): string {
  const name = RUNTIME_NAMES[type.kind] ?? type.name;
  return type.parameters.length === 0 ? name : `${name}(${type.parameters.map(nameOfType).join(", ")})`;
}

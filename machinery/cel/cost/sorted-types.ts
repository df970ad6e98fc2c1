/** By their names at run time, the types whose lists can be sorted: what a sort costs goes by overloads with such names. */
export const SORTED_TYPES = [
  "int",
  "uint",
  "double",
  "bool",
  "google.protobuf.Duration",
  "google.protobuf.Timestamp",
  "string",
  "bytes",
] as const;

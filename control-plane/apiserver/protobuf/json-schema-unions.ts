// Three definitions of API extensions are one thing or another in JSON and a message with a field for each in protobuf.

const PREFIX = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";

export const JSON_SCHEMA = `${PREFIX}JSONSchemaProps`;

export interface SchemaUnion {
  readonly schemaNumber: number;
  /** What stands there when it is no single schema. */
  readonly other: { readonly type: "boolean" | "schemas" | "texts"; readonly number: number };
}

const UNIONS: Readonly<Record<string, SchemaUnion>> = {
  [`${PREFIX}JSONSchemaPropsOrBool`]: { schemaNumber: 2, other: { type: "boolean", number: 1 } },
  [`${PREFIX}JSONSchemaPropsOrArray`]: { schemaNumber: 1, other: { type: "schemas", number: 2 } },
  [`${PREFIX}JSONSchemaPropsOrStringArray`]: { schemaNumber: 1, other: { type: "texts", number: 2 } },
};

/** Undefined: an ordinary definition. */
export function schemaUnion(definition: string | undefined): SchemaUnion | undefined {
  return definition === undefined ? undefined : UNIONS[definition];
}

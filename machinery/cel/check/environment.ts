// What an expression may speak of: variables, functions and the types of objects.

import type { CelValue } from "../values/values.ts";
import type { OptionalMacro } from "../syntax/macros.ts";
import { type CelType, objectType } from "./cel-type.ts";
import type { FunctionDeclaration } from "./function-declaration.ts";

/** The type of an object whose fields are known. */
export interface ObjectDeclaration {
  readonly name: string;
  /** Undefined: there is no such field. */
  readonly fieldType: (field: string) => CelType | undefined;
  /** Makes one of the fields of `Name{field: value}`. Undefined: expressions cannot make any. */
  readonly create?: (fields: ReadonlyMap<string, CelValue>) => CelValue;
}

export interface Environment {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  /** Undefined: there is no such type. Asked for names of types and of their fields. */
  readonly objectNamed: (name: string) => ObjectDeclaration | undefined;
  /** Beside those that every expression has. */
  readonly macros: readonly OptionalMacro[];
}

export interface EnvironmentAdditions {
  readonly variables?: Readonly<Record<string, CelType>>;
  readonly functions?: readonly FunctionDeclaration[];
  readonly objects?: readonly ObjectDeclaration[];
  readonly macros?: readonly OptionalMacro[];
  /** For types of endless many names. */
  readonly objectNamed?: (name: string) => ObjectDeclaration | undefined;
}

/** The environment and more; an addition of the same name stands instead. */
export function extendEnvironment(base: Environment, additions: EnvironmentAdditions): Environment {
  const objects = new Map((additions.objects ?? []).map((declared) => [declared.name, declared]));
  const added = (additions.functions ?? []).map((declared): [string, FunctionDeclaration] => [declared.name, declared]);
  return {
    variables: new Map([...base.variables, ...Object.entries(additions.variables ?? {})]),
    functions: added.length === 0 ? base.functions : new Map([...base.functions, ...added]),
    objectNamed: (name) => objects.get(name) ?? additions.objectNamed?.(name) ?? base.objectNamed(name),
    macros: [...base.macros, ...(additions.macros ?? [])],
  };
}

/** An object type with these fields, and its declaration. */
export function objectWithFields(
  name: string,
  fields: Readonly<Record<string, CelType>>,
): { readonly type: CelType; readonly declaration: ObjectDeclaration } {
  const types = new Map(Object.entries(fields));
  return { type: objectType(name), declaration: { name, fieldType: (field) => types.get(field) } };
}

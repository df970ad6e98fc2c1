// What a MutatingAdmissionPolicy says shall change: an object laid over the request's, or the operations of a JSON patch.

import type { MutatingAdmissionPolicy } from "@atoll/api/admission-registration/mutating-admission-policy/kind";
import { DYN, listOf, objectType, STRING } from "@atoll/machinery/cel/check/cel-type";
import {
  type Environment,
  extendEnvironment,
  type ObjectDeclaration,
  objectWithFields,
} from "@atoll/machinery/cel/check/environment";
import { toJson } from "@atoll/machinery/cel/values/to-json";
import { CelError, CelList, CelMap, type CelValue } from "@atoll/machinery/cel/values/values";
import { admissionEnvironment, withVariables } from "@atoll/machinery/cel/admission/environment";
import { type AdmissionExpression, compileExpression } from "../expressions/compile-expression.ts";
import { type CompiledCondition, compileConditions } from "../expressions/match-conditions.ts";
import { type CompiledVariables, compileVariables } from "../expressions/variables.ts";

const OBJECT = "Object";
const PATCH = "JSONPatch";

/** `Object.spec.template{...}`: an object of the type that its path from the root names. */
class MadeObject extends CelMap {
  readonly typeName: string;
  readonly fields: ReadonlyMap<string, CelValue>;

  constructor(typeName: string, fields: ReadonlyMap<string, CelValue>) {
    super();
    this.typeName = typeName;
    this.fields = fields;
  }

  get size(): number {
    return this.fields.size;
  }

  get(key: CelValue): CelValue | undefined {
    return typeof key === "string" ? this.fields.get(key) : undefined;
  }

  keys(): Iterable<CelValue> {
    return this.fields.keys();
  }
}

/** Any field is taken: which there are is known when the object is laid over another. */
function madeType(name: string): ObjectDeclaration {
  return { name, fieldType: () => DYN, create: (fields) => new MadeObject(name, fields) };
}

const PATCH_TYPE: ObjectDeclaration = {
  ...objectWithFields(PATCH, { op: STRING, path: STRING, from: STRING, value: DYN }).declaration,
  create: (fields) => {
    for (const [name, value] of fields) {
      if (name !== "value" && typeof value !== "string") {
        return new CelError(`unexpected type for JSONPatchType '${name}' field`);
      }
    }
    return new MadeObject(PATCH, fields);
  },
};

function withPatchTypes(environment: Environment): Environment {
  return extendEnvironment(environment, {
    objects: [PATCH_TYPE],
    objectNamed: (name) => (name === OBJECT || name.startsWith(`${OBJECT}.`) ? madeType(name) : undefined),
  });
}

export interface CompiledMutation {
  readonly type: "ApplyConfiguration" | "JSONPatch";
  readonly expression: AdmissionExpression;
}

export interface CompiledMutatingPolicy {
  readonly conditions: readonly CompiledCondition[];
  readonly variables: CompiledVariables;
  readonly mutations: readonly CompiledMutation[];
}

export function compileMutatingPolicy(policy: MutatingAdmissionPolicy): CompiledMutatingPolicy {
  const { mutations, ...rest } = compileMutationsStepwise(policy);
  return { ...rest, mutations: [...mutations] };
}

/** The long list one by one, as it is asked for. */
export function compileMutationsStepwise({ spec }: MutatingAdmissionPolicy): Omit<
  CompiledMutatingPolicy,
  "mutations"
> & {
  readonly mutations: Iterable<CompiledMutation>;
} {
  const hasParams = spec.paramKind !== undefined;
  const plain = admissionEnvironment({ hasParams, hasAuthorizer: true });
  const variables = compileVariables(spec.variables ?? [], plain);
  const environment = withPatchTypes(withVariables(plain, variables.types));
  return {
    conditions: compileConditions(spec.matchConditions ?? [], hasParams),
    variables,
    mutations: (spec.mutations ?? []).values().map(({ patchType, jsonPatch, applyConfiguration }): CompiledMutation => {
      const isPatch = patchType === "JSONPatch";
      const text = ((isPatch ? jsonPatch : applyConfiguration)?.expression ?? "").trim();
      const result = isPatch ? listOf(objectType(PATCH)) : objectType(OBJECT);
      return {
        type: isPatch ? "JSONPatch" : "ApplyConfiguration",
        expression: compileExpression(text, environment, [result]),
      };
    }),
  };
}

/** The configuration as JSON, or what is wrong with the types of its parts. */
export function configurationOf(value: CelValue): Record<string, unknown> | string {
  if (!(value instanceof MadeObject)) return "unsupported return type from ApplyConfiguration expression";
  const fault = typeFault(value, OBJECT);
  if (fault !== undefined) return `type mismatch: ${fault}`;
  return toJson(value) as Record<string, unknown>; // a MadeObject becomes a record
}

/** The operations of the patch as JSON, or what is wrong with them. */
export function patchOf(value: CelValue): Record<string, unknown>[] | string {
  if (!(value instanceof CelList)) return "type mismatch: JSONPatchType.expression should evaluate to array";
  const operations: Record<string, unknown>[] = [];
  for (const item of value) {
    if (!(item instanceof MadeObject) || item.typeName !== PATCH) {
      return "type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch";
    }
    const own = item.fields.get("value");
    const fault = own instanceof MadeObject ? typeFault(own, own.typeName) : undefined;
    if (fault !== undefined) return `type mismatch: ${fault}`;
    operations.push(toJson(item) as Record<string, unknown>); // likewise
  }
  return operations;
}

/** Each object has to have the name of its place. */
function typeFault(value: CelValue, name: string): string | undefined {
  if (value instanceof CelList) {
    for (const item of value) {
      const fault = typeFault(item, name);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  if (!(value instanceof MadeObject)) return undefined;
  if (value.typeName !== name) {
    const wanted = JSON.stringify(name);
    return `unexpected type name ${JSON.stringify(value.typeName)}, expected ${wanted}, which matches field name path from root Object type`;
  }
  for (const [field, item] of value.fields) {
    const fault = typeFault(item, `${name}.${field}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

// The expressions of an admission policy, checked against the kinds that its rules name outright.

import type { ValidatingAdmissionPolicy } from "@atoll/api/admission-registration/validating-admission-policy/kind";
import type { CustomResourceDefinition } from "@atoll/api/apiextensions/custom-resource-definition/kind";
import { schemaModel } from "@atoll/api/generated/schemas";
import type { ExpressionWarning } from "@atoll/api/generated/types";
import { kinds } from "@atoll/api/kinds";
import { apiVersionOf } from "@atoll/api/resource";
import { admissionEnvironment, withVariables } from "@atoll/machinery/cel/admission/environment";
import { type CelType, DYN } from "@atoll/machinery/cel/check/cel-type";
import type { Environment } from "@atoll/machinery/cel/check/environment";
import { parseAndCheck } from "@atoll/machinery/cel/program";
import { type DeclaredType, declaredType } from "@atoll/machinery/cel/schema/declared-type";
import { schemaFromModel } from "@atoll/machinery/cel/schema/model-schema";
import type { StructuralSchema } from "@atoll/machinery/object/structural-schema/structural-schema";

/** A rule may name more; the rest is not looked at. */
const KINDS_MAX = 10;
const METADATA = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

interface KnownKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly schema: () => StructuralSchema | undefined;
}

/** A pure function of the policy and of the kinds there are. */
export function typeWarnings(
  policy: ValidatingAdmissionPolicy,
  definitions: readonly CustomResourceDefinition[],
): ExpressionWarning[] {
  const known = [...builtInKinds(), ...definitions.flatMap(customKinds)];
  const { paramKind } = policy.spec;
  const params = paramKind && known.find((one) => isParamKind(one, paramKind));
  const paramsType = params && typeOf(params, `${params.kind}.params`);
  const targets = kindsToCheck(policy, known).flatMap((target) => {
    const type = typeOf(target, target.kind);
    return type ? [{ title: titleOf(target), environment: environmentOf(policy, type, paramsType) }] : [];
  });
  const warn = (expression: string, fieldRef: string): ExpressionWarning[] => {
    const warning = targets.flatMap(({ title, environment }) => {
      const checked = parseAndCheck(expression, environment);
      return "error" in checked ? [`${title}: ${checked.error}\n`] : [];
    });
    return warning.length === 0 ? [] : [{ fieldRef, warning: warning.join("\n") }];
  };
  return (policy.spec.validations ?? []).flatMap(({ expression, messageExpression }, index) => [
    ...warn(expression, `spec.validations[${index}].expression`),
    ...(messageExpression ? warn(messageExpression, `spec.validations[${index}].messageExpression`) : []),
  ]);
}

function environmentOf(
  { spec }: ValidatingAdmissionPolicy,
  object: DeclaredType,
  params: DeclaredType | undefined,
): Environment {
  const plain = admissionEnvironment({
    hasParams: spec.paramKind !== undefined,
    hasAuthorizer: true,
    types: { object: object.type, ...(params ? { params: params.type } : {}) },
    objects: [...object.objects, ...(params?.objects ?? [])],
  });
  const types = new Map<string, CelType>();
  for (const { name, expression } of spec.variables ?? []) {
    const checked = parseAndCheck(expression, withVariables(plain, new Map(types)));
    types.set(name, "error" in checked ? DYN : checked.type);
  }
  return withVariables(plain, types);
}

/** Those that the rules name without wildcards, in order. */
function kindsToCheck({ spec }: ValidatingAdmissionPolicy, known: readonly KnownKind[]): KnownKind[] {
  const found = new Map<string, KnownKind>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of spec.matchConstraints?.resourceRules ?? []) {
    if ([...apiGroups, ...apiVersions].some((name) => name.includes("*"))) continue;
    const matching = known.filter(
      ({ group, version, plural }) =>
        apiGroups.includes(group) && apiVersions.includes(version) && resources.includes(plural),
    );
    for (const kind of matching) if (found.size < KINDS_MAX) found.set(titleOf(kind), kind);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
}

function isParamKind({ group, version, kind }: KnownKind, wanted: { apiVersion?: string; kind?: string }): boolean {
  return kind === wanted.kind && apiVersionOf({ group, version }) === wanted.apiVersion;
}

function titleOf({ group, version, kind }: KnownKind): string {
  return `${group === "" ? "" : `${group}/`}${version}, Kind=${kind}`;
}

function typeOf({ schema }: KnownKind, name: string): DeclaredType | undefined {
  const found = schema();
  return found && declaredType(found, name, true);
}

function builtInKinds(): KnownKind[] {
  return kinds.map(({ resource: { group, version, kind, plural }, schema }) => ({
    ...{ group, version, kind, plural },
    schema: () => schemaFromModel(schemaModel, schema),
  }));
}

function customKinds({ spec: { group, names, versions } }: CustomResourceDefinition): KnownKind[] {
  return versions
    .filter(({ served }) => served)
    .map(({ name, schema }) => ({
      ...{ group, version: name, kind: names.kind, plural: names.plural },
      schema: () => withMetadata(schema?.openAPIV3Schema as StructuralSchema | undefined), // it was checked to be one
    }));
}

/** Every object has that, whether its definition says so or not. */
function withMetadata(schema: StructuralSchema | undefined): StructuralSchema | undefined {
  if (!schema) return undefined;
  const metadata = schemaFromModel(schemaModel, METADATA) ?? { type: "object" };
  const text: StructuralSchema = { type: "string" };
  return { ...schema, properties: { ...schema.properties, apiVersion: text, kind: text, metadata } };
}

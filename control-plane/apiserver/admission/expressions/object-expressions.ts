// The expressions of objects as they are written: what is wrong with each, for the checks of their kinds, which may know too
// little to read them.

import { MutatingAdmissionPolicy } from "@atoll/api/admission-registration/mutating-admission-policy/kind";
import { MutatingWebhookConfiguration } from "@atoll/api/admission-registration/mutating-webhook-configuration/kind";
import { ValidatingAdmissionPolicy } from "@atoll/api/admission-registration/validating-admission-policy/kind";
import { ValidatingWebhookConfiguration } from "@atoll/api/admission-registration/validating-webhook-configuration/kind";
import { CustomResourceDefinition } from "@atoll/api/apiextensions/custom-resource-definition/kind";
import type { MatchCondition, Variable } from "@atoll/api/generated/types";
import type { FieldError, KindDefinition } from "@atoll/api/kind";
import { forbidden, invalidValue } from "@atoll/api/meta/field-error";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { DeviceClass } from "@atoll/api/resource/device-class/kind";
import { ResourceClaim } from "@atoll/api/resource/resource-claim/kind";
import { ResourceClaimTemplate } from "@atoll/api/resource/resource-claim-template/kind";
import { selectorFault } from "@atoll/machinery/cel/devices/device-selector";
import type { ReadExpressions } from "../../registry/environment.ts";
import type { ResourceTable } from "../../registry/resource-table.ts";
import { compileMutatingPolicy } from "../policies/mutations.ts";
import { compileValidatingPolicy } from "../policies/validating-policies.ts";
import { definitionFaults } from "../../custom-resources/definition-faults.ts";
import { expressionFaults } from "./compile-expression.ts";
import { compileConditions, conditionFaults } from "./match-conditions.ts";
import type { CompiledVariables } from "./variables.ts";

export function objectExpressions(resources: ResourceTable): ReadonlyMap<KindDefinition, ReadExpressions> {
  const read = <T extends KubeObject>(resource: Resource<T>, faultsOf: (object: T) => FieldError[]) => {
    const readObject: ReadExpressions = (object) => {
      const faults = Map.groupBy(faultsOf(object as T), ({ field }) => field); // the map is by kind
      return (path) => faults.get(path) ?? [];
    };
    return [resources.of(resource).kind, readObject] as const;
  };
  return new Map([
    [resources.of(CustomResourceDefinition).kind, definitionFaults] as const,
    read(MutatingWebhookConfiguration, ({ webhooks = [] }) => webhooks.flatMap(webhookFaults)),
    read(ValidatingWebhookConfiguration, ({ webhooks = [] }) => webhooks.flatMap(webhookFaults)),
    read(MutatingAdmissionPolicy, mutatingFaults),
    read(ValidatingAdmissionPolicy, validatingFaults),
    read(DeviceClass, ({ spec }) => selectorFaults(spec?.selectors, "spec.selectors")),
    read(ResourceClaim, ({ spec }) => requestFaults(spec?.devices, "spec.devices")),
    read(ResourceClaimTemplate, ({ spec }) => requestFaults(spec?.spec?.devices, "spec.spec.devices")),
  ]);
}

function webhookFaults({ matchConditions = [] }: { matchConditions?: MatchCondition[] }, index: number): FieldError[] {
  return conditionFaults(compileConditions(matchConditions, false), `webhooks[${index}].matchConditions`);
}

function validatingFaults(policy: ValidatingAdmissionPolicy): FieldError[] {
  const { conditions, variables, validations, annotations } = compileValidatingPolicy(policy);
  return [
    ...conditionFaults(conditions, "spec.matchConditions"),
    ...variableFaults(policy.spec.variables, variables),
    ...validations.flatMap(({ expression, message }, index) => [
      ...expressionFaults(expression, `spec.validations[${index}].expression`),
      ...(message ? expressionFaults(message, `spec.validations[${index}].messageExpression`) : []),
    ]),
    ...annotations.flatMap(({ expression }, index) =>
      expressionFaults(expression, `spec.auditAnnotations[${index}].valueExpression`),
    ),
  ];
}

function mutatingFaults(policy: MutatingAdmissionPolicy): FieldError[] {
  const { conditions, variables, mutations } = compileMutatingPolicy(policy);
  return [
    ...conditionFaults(conditions, "spec.matchConditions"),
    ...variableFaults(policy.spec.variables, variables),
    ...mutations.flatMap(({ type, expression }, index) => {
      const field = type === "JSONPatch" ? "jsonPatch" : "applyConfiguration";
      return expressionFaults(expression, `spec.mutations[${index}].${field}.expression`);
    }),
  ];
}

function variableFaults(variables: readonly Variable[] = [], { expressions }: CompiledVariables): FieldError[] {
  return variables.flatMap(({ name }, index) => {
    const expression = expressions.get(name);
    return expression ? expressionFaults(expression, `spec.variables[${index}].expression`) : [];
  });
}

interface Selector {
  readonly cel?: { readonly expression: string };
}

interface Request {
  readonly selectors?: readonly Selector[];
}

interface Devices {
  readonly requests?: readonly { readonly exactly?: Request; readonly firstAvailable?: readonly Request[] }[];
}

function requestFaults({ requests = [] }: Devices = {}, path: string): FieldError[] {
  return requests.flatMap(({ exactly, firstAvailable = [] }, index) => {
    const place = `${path}.requests[${index}]`;
    return [
      ...selectorFaults(exactly?.selectors, `${place}.exactly.selectors`),
      ...firstAvailable.flatMap(({ selectors }, alternative) =>
        selectorFaults(selectors, `${place}.firstAvailable[${alternative}].selectors`),
      ),
    ];
  });
}

function selectorFaults(selectors: readonly Selector[] = [], path: string): FieldError[] {
  return selectors.flatMap(({ cel }, index) => {
    const fault = cel && selectorFault(cel.expression);
    if (!fault) return [];
    const field = `${path}[${index}].cel.expression`;
    return [fault.type === "invalid" ? invalidValue(field, cel.expression, fault.text) : forbidden(field, fault.text)];
  });
}

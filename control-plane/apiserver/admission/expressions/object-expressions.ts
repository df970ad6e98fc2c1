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
import { endOfLongStep } from "@atoll/base/node/long-step";
import { selectorFault } from "@atoll/machinery/cel/devices/device-selector";
import type { ReadExpressions } from "../../registry/environment.ts";
import type { ResourceTable } from "../../registry/resource-table.ts";
import { compileMutationsStepwise } from "../policies/mutations.ts";
import { compileStepwise } from "../policies/validating-policies.ts";
import { definitionFaults } from "../../custom-resources/definition-faults.ts";
import { expressionFaults } from "./compile-expression.ts";
import { compileConditions, conditionFaults } from "./match-conditions.ts";
import type { CompiledVariables } from "./variables.ts";

/** What is wrong with one expression after the other: each takes long enough to be a step of its own. */
type Faults = Iterable<readonly FieldError[]>;

export function objectExpressions(resources: ResourceTable): ReadonlyMap<KindDefinition, ReadExpressions> {
  const read = <T extends KubeObject>(resource: Resource<T>, faultsOf: (object: T) => Faults) => {
    const readObject: ReadExpressions = async (object) => {
      const all: FieldError[] = [];
      // The map is by kind.
      for (const some of faultsOf(object as T)) {
        all.push(...some);
        const pause = endOfLongStep();
        if (pause) await pause;
      }
      const faults = Map.groupBy(all, ({ field }) => field);
      return (path) => faults.get(path) ?? [];
    };
    return [resources.of(resource).kind, readObject] as const;
  };
  return new Map([
    read(MutatingWebhookConfiguration, ({ webhooks = [] }) => webhooks.values().map(webhookFaults)),
    read(ValidatingWebhookConfiguration, ({ webhooks = [] }) => webhooks.values().map(webhookFaults)),
    read(MutatingAdmissionPolicy, mutatingFaults),
    read(ValidatingAdmissionPolicy, validatingFaults),
    read(DeviceClass, ({ spec }) => selectorFaults(spec?.selectors, "spec.selectors")),
    read(ResourceClaim, ({ spec }) => requestFaults(spec?.devices, "spec.devices")),
    read(ResourceClaimTemplate, ({ spec }) => requestFaults(spec?.spec?.devices, "spec.spec.devices")),
    [resources.of(CustomResourceDefinition).kind, definitionFaults] as const,
  ]);
}

function webhookFaults({ matchConditions = [] }: { matchConditions?: MatchCondition[] }, index: number): FieldError[] {
  return conditionFaults(compileConditions(matchConditions, false), `webhooks[${index}].matchConditions`);
}

function* validatingFaults(policy: ValidatingAdmissionPolicy): Faults {
  const { conditions, variables, validations, annotations } = compileStepwise(policy);
  yield conditionFaults(conditions, "spec.matchConditions");
  yield variableFaults(policy.spec.variables, variables);
  let index = 0;
  for (const { expression, message } of validations) {
    yield expressionFaults(expression, `spec.validations[${index}].expression`);
    if (message) yield expressionFaults(message, `spec.validations[${index}].messageExpression`);
    index++;
  }
  index = 0;
  for (const { expression } of annotations) {
    yield expressionFaults(expression, `spec.auditAnnotations[${index++}].valueExpression`);
  }
}

function* mutatingFaults(policy: MutatingAdmissionPolicy): Faults {
  const { conditions, variables, mutations } = compileMutationsStepwise(policy);
  yield conditionFaults(conditions, "spec.matchConditions");
  yield variableFaults(policy.spec.variables, variables);
  let index = 0;
  for (const { type, expression } of mutations) {
    const field = type === "JSONPatch" ? "jsonPatch" : "applyConfiguration";
    yield expressionFaults(expression, `spec.mutations[${index++}].${field}.expression`);
  }
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

function* requestFaults({ requests = [] }: Devices = {}, path: string): Faults {
  for (const [index, { exactly, firstAvailable = [] }] of requests.entries()) {
    const place = `${path}.requests[${index}]`;
    yield* selectorFaults(exactly?.selectors, `${place}.exactly.selectors`);
    for (const [alternative, { selectors }] of firstAvailable.entries()) {
      yield* selectorFaults(selectors, `${place}.firstAvailable[${alternative}].selectors`);
    }
  }
}

function* selectorFaults(selectors: readonly Selector[] = [], path: string): Faults {
  for (const [index, { cel }] of selectors.entries()) {
    const fault = cel && selectorFault(cel.expression);
    const field = `${path}[${index}].cel.expression`;
    if (!fault) yield [];
    else if (fault.type === "invalid") yield [invalidValue(field, cel.expression, fault.text)];
    else yield [forbidden(field, fault.text)];
  }
}

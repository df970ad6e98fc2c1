// ValidatingAdmissionPolicy: expressions that a request has to satisfy, where a binding says so.

import { ValidatingAdmissionPolicy } from "@atoll/api/admission-registration/validating-admission-policy/kind";
import { ValidatingAdmissionPolicyBinding } from "@atoll/api/admission-registration/validating-admission-policy-binding/kind";
import type { Validation } from "@atoll/api/generated/types";
import { BOOL, NULL, STRING } from "@atoll/machinery/cel/check/cel-type";
import { ApiError } from "@atoll/machinery/object/api-error";
import type { AdmissionRequest, AdmissionStep } from "../admission.ts";
import { admissionEnvironment, withVariables } from "@atoll/machinery/cel/admission/environment";
import { type AdmissionExpression, compileExpression } from "../expressions/compile-expression.ts";
import { type ExpressionRunner, OutOfBudget, POLICY_COST_MAX } from "../expressions/evaluate.ts";
import { type CompiledCondition, compileConditions, holdConditions } from "../expressions/match-conditions.ts";
import { type CompiledVariables, compileVariables } from "../expressions/variables.ts";
import { isExemptFromAdmission } from "../matching/request-matcher.ts";
import { forbid } from "../namespace-lifecycle.ts";
import type { ResourceTable } from "../../registry/resource-table.ts";
import { type BoundBinding, type BoundPolicy, PolicyList } from "./policy-list.ts";
import {
  type ExpressionScope,
  type Invocation,
  invocationsFor,
  type PolicyTools,
  RequestScopes,
} from "./policy-request.ts";

/** Bytes. */
const MESSAGE_SIZE_MAX = 5 * 1024;
const ANNOTATION_SIZE_MAX = 10 * 1024;
const FAILURE_ANNOTATION = "validation.policy.admission.k8s.io/validation_failure";

interface CompiledValidation {
  readonly validation: Validation;
  readonly expression: AdmissionExpression;
  readonly message: AdmissionExpression | undefined;
}

interface CompiledAnnotation {
  readonly key: string;
  readonly expression: AdmissionExpression;
}

interface CompiledPolicy {
  readonly conditions: readonly CompiledCondition[];
  readonly variables: CompiledVariables;
  readonly validations: readonly CompiledValidation[];
  readonly annotations: readonly CompiledAnnotation[];
}

function compileValidatingPolicy(policy: ValidatingAdmissionPolicy): CompiledPolicy {
  const { conditions, variables, validations, annotations } = compileStepwise(policy);
  return { conditions, variables, validations: [...validations], annotations: [...annotations] };
}

/** The long lists one by one, as they are asked for. */
export function compileStepwise({ spec }: ValidatingAdmissionPolicy): Pick<
  CompiledPolicy,
  "conditions" | "variables"
> & {
  readonly validations: Iterable<CompiledValidation>;
  readonly annotations: Iterable<CompiledAnnotation>;
} {
  const hasParams = spec.paramKind !== undefined;
  const plain = admissionEnvironment({ hasParams, hasAuthorizer: true });
  const variables = compileVariables(spec.variables ?? [], plain);
  const environment = withVariables(plain, variables.types);
  const messages = withVariables(admissionEnvironment({ hasParams, hasAuthorizer: false }), variables.types);
  return {
    conditions: compileConditions(spec.matchConditions ?? [], hasParams),
    variables,
    validations: (spec.validations ?? []).values().map((validation) => ({
      validation,
      expression: compileExpression(validation.expression, environment, [BOOL]),
      message: validation.messageExpression
        ? compileExpression(validation.messageExpression, messages, [STRING])
        : undefined,
    })),
    annotations: (spec.auditAnnotations ?? []).values().map(({ key, valueExpression }) => ({
      key,
      expression: compileExpression(valueExpression.trim(), environment, [STRING, NULL]),
    })),
  };
}

type Bound = BoundPolicy<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, CompiledPolicy>;

export function validatingPolicies(resources: ResourceTable, tools: PolicyTools): AdmissionStep {
  const kinds = { policy: ValidatingAdmissionPolicy, binding: ValidatingAdmissionPolicyBinding };
  const list = new PolicyList(resources, kinds, compileValidatingPolicy);
  return {
    name: "ValidatingAdmissionPolicy",
    seesEverything: true,
    validate(request) {
      const policies = list.current();
      if (policies.length === 0 || isExemptFromAdmission(request)) return undefined;
      return new Judgement(tools, request).run(policies);
    },
  };
}

interface Refusal {
  readonly bound: Bound;
  readonly binding: BoundBinding<ValidatingAdmissionPolicyBinding> | undefined;
  readonly message: string;
  readonly reason: string;
}

/** What one validation has come to. Undefined: it holds. */
interface Finding {
  readonly index: number;
  readonly message: string;
  readonly reason: string;
}

class Judgement {
  readonly #tools: PolicyTools;
  readonly #request: AdmissionRequest;
  readonly #scopes: RequestScopes;
  readonly #refusals: Refusal[] = [];
  readonly #annotations = new Map<string, string[]>();

  constructor(tools: PolicyTools, request: AdmissionRequest) {
    this.#tools = tools;
    this.#request = request;
    this.#scopes = new RequestScopes(tools, request);
  }

  async run(policies: readonly Bound[]): Promise<void> {
    const invocations = await invocationsFor(this.#tools, this.#request, policies, ({ bound, binding, message }) => {
      if (!bound.ignoresFailure) this.#refusals.push({ bound, binding, message, reason: "Invalid" });
    });
    for (const invocation of invocations) await this.#judge(invocation);
    for (const [key, values] of this.#annotations) this.#request.annotations?.add(key, values.join(", "));
    const [first] = this.#refusals;
    if (first) throw refuse(this.#request, first);
  }

  async #judge(invocation: Invocation<Bound, ValidatingAdmissionPolicyBinding>): Promise<void> {
    const { bound, binding, match, params } = invocation;
    const scope = await this.#scopes.of(match, params);
    for (const finding of await this.#findings(bound, scope)) this.#act(bound, binding, finding);
    await this.#annotate(bound, binding, scope);
  }

  async #findings({ compiled, ignoresFailure }: Bound, scope: ExpressionScope): Promise<Finding[]> {
    const failed = (message: string): Finding[] => (ignoresFailure ? [] : [{ index: 0, message, reason: "Invalid" }]);
    const verdict = await holdConditions(compiled.conditions, scope.facts, scope.read);
    if ("error" in verdict) return failed(verdict.error);
    if (!verdict.matches) {
      this.#skipped.add(scope);
      return [];
    }
    try {
      return await this.#validate(compiled, ignoresFailure, scope);
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
      return failed(error.message);
    }
  }

  /** Where the conditions did not hold, nothing is annotated either. */
  readonly #skipped = new WeakSet<ExpressionScope>();

  async #validate(compiled: CompiledPolicy, ignoresFailure: boolean, scope: ExpressionScope): Promise<Finding[]> {
    const runner = scope.runner(compiled.variables, POLICY_COST_MAX);
    const findings: Finding[] = [];
    for (const [index, { validation, expression, message }] of compiled.validations.entries()) {
      const outcome = await runner.run(expression);
      if ("error" in outcome) {
        if (!ignoresFailure) findings.push({ index, message: outcome.error, reason: "Invalid" });
      } else if (outcome.value !== true) {
        const own = message && (await messageOf(runner, message));
        const text = own || validation.message?.trim() || `failed expression: ${validation.expression.trim()}`;
        findings.push({ index, message: text, reason: validation.reason ?? "Invalid" });
      }
    }
    return findings;
  }

  #act(bound: Bound, binding: BoundBinding<ValidatingAdmissionPolicyBinding>, finding: Finding): void {
    const { message, reason, index } = finding;
    const actions = binding.binding.spec.validationActions ?? [];
    for (const action of actions) {
      if (action === "Deny") this.#refusals.push({ bound, binding, message, reason });
      else if (action === "Warn") {
        const whose = `ValidatingAdmissionPolicy '${bound.name}' with binding '${binding.name}'`;
        this.#request.warnings.push(`Validation failed for ${whose}: ${message}`);
      } else {
        const failure = {
          message,
          policy: bound.name,
          binding: binding.name,
          expressionIndex: index,
          validationActions: actions,
        };
        this.#request.annotations?.add(FAILURE_ANNOTATION, JSON.stringify([failure]));
      }
    }
  }

  async #annotate(
    bound: Bound,
    binding: BoundBinding<ValidatingAdmissionPolicyBinding>,
    scope: ExpressionScope,
  ): Promise<void> {
    const { annotations, variables } = bound.compiled;
    if (annotations.length === 0 || this.#skipped.has(scope)) return;
    const runner = scope.runner(variables, POLICY_COST_MAX);
    for (const { key, expression } of annotations) {
      const outcome = await runOrRefuse(runner, expression);
      if ("error" in outcome) {
        if (!bound.ignoresFailure) this.#refusals.push({ bound, binding, message: outcome.error, reason: "Invalid" });
      } else if (typeof outcome.value === "string" && outcome.value.trim() !== "") {
        const values = this.#annotations.get(`${bound.name}/${key}`) ?? [];
        const value = outcome.value.trim().slice(0, ANNOTATION_SIZE_MAX);
        if (!values.includes(value)) this.#annotations.set(`${bound.name}/${key}`, [...values, value]);
      }
    }
  }
}

async function runOrRefuse(
  runner: ExpressionRunner,
  expression: AdmissionExpression,
): ReturnType<ExpressionRunner["run"]> {
  try {
    return await runner.run(expression);
  } catch (error) {
    if (error instanceof OutOfBudget) return { error: error.message };
    throw error;
  }
}

/** Undefined: it says nothing that can be shown. */
async function messageOf(runner: ExpressionRunner, expression: AdmissionExpression): Promise<string | undefined> {
  const outcome = await runner.run(expression);
  if ("error" in outcome || typeof outcome.value !== "string") return undefined;
  const text = outcome.value.trim();
  const isShown = !text.includes("\n") && new TextEncoder().encode(text).length <= MESSAGE_SIZE_MAX;
  return isShown ? text : undefined;
}

function refuse(request: AdmissionRequest, { bound, binding, message, reason }: Refusal): ApiError {
  const whose = `ValidatingAdmissionPolicy '${bound.name}'${binding ? ` with binding '${binding.name}'` : ""}`;
  const why = `${whose} denied request: ${message}`;
  const { message: text, details } = forbid(request, why);
  return new ApiError(reasonOf(reason), text, { details: { ...details, causes: [{ message: why }] } });
}

function reasonOf(reason: string): "Forbidden" | "Unauthorized" | "RequestEntityTooLarge" | "Invalid" {
  return reason === "Forbidden" || reason === "Unauthorized" || reason === "RequestEntityTooLarge" ? reason : "Invalid";
}

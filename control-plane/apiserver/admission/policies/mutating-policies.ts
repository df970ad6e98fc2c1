// MutatingAdmissionPolicy: expressions that say what of an object shall be different, where a binding says so.

import { MutatingAdmissionPolicy } from "@atoll/api/admission-registration/mutating-admission-policy/kind";
import { MutatingAdmissionPolicyBinding } from "@atoll/api/admission-registration/mutating-admission-policy-binding/kind";
import type { KubeObject } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import { describeError } from "@atoll/base/errors";
import { ApiError } from "@atoll/machinery/object/api-error";
import { applyJsonPatch, isFailedTest } from "@atoll/machinery/object/json-patch";
import { shapeOfDefinition } from "@atoll/machinery/object/managed-fields/shape";
import type { ResourceTable } from "../../registry/resource-table.ts";
import type { AdmissionRequest, AdmissionStep, MutationRounds } from "../admission.ts";
import { adoptChanged, readChanged } from "../adopt-object.ts";
import { OutOfBudget, POLICY_COST_MAX } from "../expressions/evaluate.ts";
import { holdConditions } from "../expressions/match-conditions.ts";
import { isExemptFromAdmission } from "../matching/request-matcher.ts";
import { forbid } from "../namespace-lifecycle.ts";
import { applyConfiguration } from "./apply-configuration.ts";
import {
  type CompiledMutatingPolicy,
  type CompiledMutation,
  compileMutatingPolicy,
  configurationOf,
  patchOf,
} from "./mutations.ts";
import { type BoundPolicy, PolicyList } from "./policy-list.ts";
import {
  type ExpressionScope,
  type Invocation,
  invocationsFor,
  type PolicyTools,
  RequestScopes,
} from "./policy-request.ts";

type Bound = BoundPolicy<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, CompiledMutatingPolicy>;
type MutatingInvocation = Invocation<Bound, MutatingAdmissionPolicyBinding>;

export interface MutatingPolicyTools extends PolicyTools {
  /** With the kinds of custom resources that are served now. */
  readonly model: () => SchemaModel;
}

const NAME = "MutatingAdmissionPolicy";

export function mutatingPolicies(resources: ResourceTable, tools: MutatingPolicyTools): AdmissionStep {
  const kinds = { policy: MutatingAdmissionPolicy, binding: MutatingAdmissionPolicyBinding };
  const list = new PolicyList(resources, kinds, compileMutatingPolicy);
  return {
    name: NAME,
    seesEverything: true,
    mutate(request, rounds) {
      const policies = list.current();
      if (policies.length === 0 || !request.object || isExemptFromAdmission(request)) return undefined;
      const notes = rounds.notesOf(NAME, () => new InvocationNotes());
      return new Mutation(tools, { request, rounds, notes }).run(policies);
    },
  };
}

/** Which invocations there have been, and which have to be made again. */
class InvocationNotes {
  readonly #made = new Set<string>();
  readonly #wanted = new Set<string>();
  /** The object as the last policy left it, as text. */
  lastOutput = "";

  remember(invocation: MutatingInvocation): void {
    if (invocation.bound.policy.spec.reinvocationPolicy === "IfNeeded") this.#made.add(keyOf(invocation));
  }

  wantAgain(): void {
    for (const key of this.#made) this.#wanted.add(key);
    this.#made.clear();
  }

  isWantedAgain(invocation: MutatingInvocation): boolean {
    return this.#wanted.has(keyOf(invocation));
  }
}

function keyOf({ bound, binding, params }: MutatingInvocation): string {
  return JSON.stringify([bound.name, binding.name, params?.metadata.namespace, params?.metadata.name]);
}

interface MutationParts {
  readonly request: AdmissionRequest;
  readonly rounds: MutationRounds;
  readonly notes: InvocationNotes;
}

/** One request's way through the policies, in one round. */
class Mutation {
  readonly #tools: MutatingPolicyTools;
  readonly #parts: MutationParts;
  readonly #scopes: RequestScopes;
  readonly #refusals: string[] = [];

  constructor(tools: MutatingPolicyTools, parts: MutationParts) {
    this.#tools = tools;
    this.#parts = parts;
    this.#scopes = new RequestScopes(tools, parts.request);
  }

  async run(policies: readonly Bound[]): Promise<void> {
    const { request, rounds, notes } = this.#parts;
    if (rounds.isSecond && notes.lastOutput !== JSON.stringify(request.object)) notes.wantAgain();
    const invocations = await invocationsFor(this.#tools, request, policies, ({ bound, binding, message }) => {
      this.#refuse(bound, binding?.name, message);
    });
    for (const invocation of invocations) {
      if (rounds.isSecond && !notes.isWantedAgain(invocation)) continue;
      await this.#invoke(invocation);
    }
    if (invocations.length > 0) notes.lastOutput = JSON.stringify(request.object);
    if (this.#refusals.length > 0) throw this.#refusal();
  }

  #refuse({ ignoresFailure, name }: Bound, binding: string | undefined, why: string): void {
    if (ignoresFailure) return;
    const whose =
      binding === undefined ? `policy ${JSON.stringify(name)}` : `policy '${name}' with binding '${binding}'`;
    this.#refusals.push(`${whose} denied request: ${why}`);
  }

  #refusal(): ApiError {
    const [first = ""] = this.#refusals;
    const { details } = forbid(this.#parts.request, first);
    const causes = this.#refusals.map((message) => ({ message }));
    return new ApiError("Forbidden", first, { details: { ...details, causes }, shownReason: "Invalid" });
  }

  async #invoke(invocation: MutatingInvocation): Promise<void> {
    const { bound, binding, match, params } = invocation;
    const { rounds, notes } = this.#parts;
    const scope = await this.#scopes.of(match, params);
    const verdict = await holdConditions(bound.compiled.conditions, scope.facts, scope.read);
    if ("error" in verdict) {
      this.#refuse(bound, binding.name, verdict.error);
      return;
    }
    if (!verdict.matches) return;
    let isChanged = false;
    for (const mutation of bound.compiled.mutations) {
      const outcome = await this.#mutate(mutation, invocation);
      if (typeof outcome === "string") this.#refuse(bound, binding.name, outcome);
      else isChanged ||= outcome;
    }
    if (isChanged) {
      notes.wantAgain();
      rounds.needsSecond = true;
      rounds.isForeign = true;
    }
    notes.remember(invocation);
  }

  /** Whether the object is different now; a string: why it could not be done. */
  async #mutate(mutation: CompiledMutation, { bound, match, params }: MutatingInvocation): Promise<boolean | string> {
    const { request } = this.#parts;
    const scope = await this.#scopes.of(match, params);
    const seen = scope.facts.objects.object;
    if (!seen) return false;
    try {
      const value = await this.#changed(mutation, { bound, scope, seen });
      if (typeof value === "string") return value;
      const changed = readChanged(this.#tools.model(), request, { match, value });
      const isChanged = await adoptChanged(this.#tools.convert, request, { match, seen, changed });
      this.#scopes.forgetObjects();
      return isChanged;
    } catch (error) {
      if (error instanceof OutOfBudget || error instanceof ApiError) return describeError(error);
      throw error;
    }
  }

  /** The object as the mutation wants it. */
  async #changed(
    { type, expression }: CompiledMutation,
    { bound, scope, seen }: { readonly bound: Bound; readonly scope: ExpressionScope; readonly seen: KubeObject },
  ): Promise<unknown> {
    if (expression.error !== undefined) return expression.error;
    const outcome = await scope.runner(bound.compiled.variables, POLICY_COST_MAX).run(expression);
    if ("error" in outcome) return outcome.error;
    if (type === "JSONPatch") {
      const patch = patchOf(outcome.value);
      return typeof patch === "string" ? patch : patched(seen, patch);
    }
    const configuration = configurationOf(outcome.value);
    if (typeof configuration === "string") return configuration;
    const shape = shapeOfDefinition(this.#tools.model(), schemaOf(scope));
    return applyConfiguration(shape, seen, configuration);
  }
}

function schemaOf({ facts: { request, match } }: ExpressionScope): string {
  return request.bodyKind?.schema ?? match.kind.schema;
}

/** A patch whose test fails leaves the object as it is. */
function patched(object: KubeObject, patch: readonly Record<string, unknown>[]): unknown {
  try {
    return applyJsonPatch(object, [...patch]);
  } catch (error) {
    return isFailedTest(error) ? object : `JSON Patch: ${describeError(error)}`;
  }
}

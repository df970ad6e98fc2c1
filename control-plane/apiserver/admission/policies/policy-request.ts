// One request's way through the policies of one kind: which of their bindings it concerns, with which parameters.

import type { ParamKind, ParamRef } from "@atoll/api/generated/types";
import type { KubeObject } from "@atoll/api/resource";
import { describeError } from "@atoll/base/errors";
import { ApiError } from "@atoll/machinery/object/api-error";
import type { Authorizer } from "../../authorization/authorizer.ts";
import type { AdmissionRequest } from "../admission.ts";
import {
  AuthorizationAnswers,
  type ReadVariable,
  type RequestFacts,
  requestVariables,
} from "../expressions/request-variables.ts";
import { type CompiledVariables, LazyVariables } from "../expressions/variables.ts";
import { ExpressionRunner } from "../expressions/evaluate.ts";
import { type ConvertObject, ObjectVersions } from "../matching/object-versions.ts";
import type { RequestMatch, RequestMatcher } from "../matching/request-matcher.ts";
import { ConfigurationError, type ParamFinder } from "./params.ts";
import type { BoundBinding, BoundPolicy } from "./policy-list.ts";

export interface PolicyTools {
  readonly matcher: RequestMatcher;
  readonly params: ParamFinder;
  readonly authorizer: Authorizer;
  readonly convert: ConvertObject;
}

interface PolicyShape {
  spec: { paramKind?: ParamKind };
}

interface BindingShape {
  spec: { paramRef?: ParamRef };
}

export interface Invocation<Bound, Binding> {
  readonly bound: Bound;
  readonly binding: BoundBinding<Binding>;
  readonly match: RequestMatch;
  readonly params: KubeObject | undefined;
}

/** A policy or a binding that cannot be used as it is. */
export interface Misconfiguration<Bound, Binding> {
  readonly bound: Bound;
  readonly binding: BoundBinding<Binding> | undefined;
  readonly message: string;
}

/** All that the request concerns, in order; what cannot be used is handed to `onError`. */
export async function invocationsFor<Policy extends PolicyShape, Binding extends BindingShape, Compiled>(
  { matcher, params }: PolicyTools,
  request: AdmissionRequest,
  policies: readonly BoundPolicy<Policy, Binding, Compiled>[],
  onError: (error: Misconfiguration<BoundPolicy<Policy, Binding, Compiled>, Binding>) => void,
): Promise<Invocation<BoundPolicy<Policy, Binding, Compiled>, Binding>[]> {
  const invocations: Invocation<BoundPolicy<Policy, Binding, Compiled>, Binding>[] = [];
  for (const bound of policies) {
    const match = await matcher.match(bound.criteria, request);
    if (!match) continue;
    for (const binding of bound.bindings) {
      try {
        if (!(await matcher.match(binding.criteria, request))) continue;
        const { paramKind } = bound.policy.spec;
        const found = await params.find(paramKind, binding.binding.spec.paramRef, request.namespace);
        for (const one of found) invocations.push({ bound, binding, match, params: one });
      } catch (error) {
        if (!(error instanceof ConfigurationError) && !(error instanceof ApiError)) throw error;
        onError({ bound, binding, message: `failed to configure binding: ${describeError(error)}` });
      }
    }
  }
  return invocations;
}

/** What the expressions of one invocation run with. */
export interface ExpressionScope {
  readonly facts: RequestFacts;
  /** Without the policy's own variables. */
  readonly read: ReadVariable;
  /** With them; each runner has its own, for what they cost is charged to it. */
  readonly runner: (variables: CompiledVariables, budget: number) => ExpressionRunner;
}

export class RequestScopes {
  readonly #tools: PolicyTools;
  readonly #request: AdmissionRequest;
  readonly #answers: AuthorizationAnswers;
  #versions: ObjectVersions;

  constructor(tools: PolicyTools, request: AdmissionRequest) {
    this.#tools = tools;
    this.#request = request;
    this.#answers = new AuthorizationAnswers(tools.authorizer, request.user);
    this.#versions = new ObjectVersions(request, tools.convert);
  }

  /** After the object has been changed: it is read anew. */
  forgetObjects(): void {
    this.#versions = new ObjectVersions(this.#request, this.#tools.convert);
  }

  async of(match: RequestMatch, params: KubeObject | undefined): Promise<ExpressionScope> {
    const request = this.#request;
    const isNamespace = request.kind.resource.group === "" && request.kind.resource.kind === "Namespace";
    const namespace = isNamespace ? undefined : await this.#tools.matcher.namespaceOf(request);
    const objects = await this.#versions.of(match);
    const facts: RequestFacts = { request, match, objects, namespace, params, answers: this.#answers };
    const read = requestVariables(facts);
    const answers = this.#answers;
    const runner = (variables: CompiledVariables, budget: number): ExpressionRunner => {
      const withOwn: ReadVariable = (name) => (name === "variables" ? own : read(name));
      const made = new ExpressionRunner({ read: withOwn, answers, budget });
      const own = new LazyVariables(variables, { read: withOwn, charge: (cost) => made.charge(cost) });
      return made;
    };
    return { facts, read, runner };
  }
}

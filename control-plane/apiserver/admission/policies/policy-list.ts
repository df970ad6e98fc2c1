// The policies of one kind that are bound to anything, compiled. Follows policies and bindings: what was acknowledged holds
// for the next request, and as long as there are none nothing is looked up.

import type { MatchResources, ParamKind, ParamRef } from "@atoll/api/generated/types";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { ObjectFollower } from "../../registry/object-follower.ts";
import type { ResourceTable } from "../../registry/resource-table.ts";
import { compileCriteria, type MatchCriteria } from "../matching/request-matcher.ts";

interface AnyPolicy extends KubeObject {
  spec: { matchConstraints?: MatchResources; paramKind?: ParamKind; failurePolicy?: string };
}

interface AnyBinding extends KubeObject {
  spec: { policyName?: string; paramRef?: ParamRef; matchResources?: MatchResources };
}

export interface BoundPolicy<Policy, Binding, Compiled> {
  readonly name: string;
  readonly policy: Policy;
  readonly criteria: MatchCriteria;
  readonly ignoresFailure: boolean;
  readonly compiled: Compiled;
  readonly bindings: readonly BoundBinding<Binding>[];
}

export interface BoundBinding<Binding> {
  readonly name: string;
  readonly binding: Binding;
  readonly criteria: MatchCriteria;
}

export class PolicyList<Policy extends AnyPolicy, Binding extends AnyBinding, Compiled> {
  readonly #policies: IndexByName<Policy>;
  readonly #bindings: IndexByName<Binding>;
  readonly #compile: (policy: Policy) => Compiled;
  /** By the object itself: a policy that has not changed is not compiled again. */
  readonly #compiled = new WeakMap<Policy, Compiled>();
  #current: readonly BoundPolicy<Policy, Binding, Compiled>[] = [];
  #version = "";

  constructor(
    resources: ResourceTable,
    kinds: { readonly policy: Resource<Policy>; readonly binding: Resource<Binding> },
    compile: (policy: Policy) => Compiled,
  ) {
    this.#policies = new IndexByName(resources, kinds.policy);
    this.#bindings = new IndexByName(resources, kinds.binding);
    this.#compile = compile;
  }

  /** In the order of the policies' names, each with its bindings by name. Policies that nothing binds are left out. */
  current(): readonly BoundPolicy<Policy, Binding, Compiled>[] {
    this.#policies.pull();
    this.#bindings.pull();
    const version = `${this.#policies.version}/${this.#bindings.version}`;
    if (version !== this.#version) {
      this.#current = this.#assemble();
      this.#version = version;
    }
    return this.#current;
  }

  #assemble(): BoundPolicy<Policy, Binding, Compiled>[] {
    const byPolicy = Map.groupBy(this.#bindings.sorted(), ([, { spec }]) => spec.policyName ?? "");
    return this.#policies.sorted().flatMap(([name, policy]) => {
      const bindings = byPolicy.get(name) ?? [];
      if (bindings.length === 0) return [];
      return {
        name,
        policy,
        criteria: criteriaOf(policy.spec.matchConstraints),
        ignoresFailure: policy.spec.failurePolicy === "Ignore",
        compiled: this.#compiledOf(policy),
        bindings: bindings.map(([bindingName, binding]) => ({
          name: bindingName,
          binding,
          criteria: criteriaOf(binding.spec.matchResources),
        })),
      };
    });
  }

  #compiledOf(policy: Policy): Compiled {
    let compiled = this.#compiled.get(policy);
    if (compiled === undefined) {
      compiled = this.#compile(policy);
      this.#compiled.set(policy, compiled);
    }
    return compiled;
  }
}

function criteriaOf(match: MatchResources = {}): MatchCriteria {
  return compileCriteria({
    namespaceSelector: match.namespaceSelector,
    objectSelector: match.objectSelector,
    resourceRules: match.resourceRules ?? [],
    excludeResourceRules: match.excludeResourceRules,
    matchPolicy: match.matchPolicy ?? "Equivalent",
    matchesWithoutRules: true,
  });
}

class IndexByName<T extends KubeObject> {
  readonly #follower: ObjectFollower<T>;
  readonly #objects = new Map<string, T>();
  version = 0;

  constructor(resources: ResourceTable, resource: Resource<T>) {
    this.#follower = new ObjectFollower(resources, resource, {
      clear: () => {
        this.#objects.clear();
        this.version++;
      },
      add: (object) => {
        this.#objects.set(object.metadata.name ?? "", object);
        this.version++;
      },
      remove: ({ metadata: { name = "" } }) => {
        this.#objects.delete(name);
        this.version++;
      },
    });
  }

  pull(): void {
    this.#follower.pull();
  }

  sorted(): [string, T][] {
    return [...this.#objects].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }
}

// Role-based access control: a request is allowed when a role bound to the user, or to one of his groups, has a rule for it.

import type { PolicyRule, RoleRef } from "@atoll/api/generated/types";
import type { Eventual } from "@atoll/base/eventual";
import type { User } from "../../request/request.ts";
import type { Attributes, Authorizer, Decision } from "../authorizer.ts";
import { describeGrant, type Grant } from "./binding-grants.ts";
import type { RoleIndex } from "./role-index.ts";

export interface HeldRules {
  readonly rules: readonly PolicyRule[];
  /** Roles that are bound and are not there. */
  readonly problems: readonly string[];
}

export class RoleAuthorizer implements Authorizer {
  readonly #index: RoleIndex;
  /** A grant's text is made once, and only where somebody is allowed by it. */
  readonly #decisions = new WeakMap<Grant, Decision>();

  constructor(index: RoleIndex) {
    this.#index = index;
  }

  /** A refusal is given only with all roles that were acknowledged before: who has just been bound must not be turned away. */
  authorize(user: User, attributes: Attributes): Eventual<Decision> {
    this.#index.pull();
    const decision = this.#decide(user, attributes);
    return decision.type === "allow" ? decision : this.#decideNewest(user, attributes);
  }

  /** Everything the user may do in the namespace and in the cluster. */
  async rulesFor(user: User, namespace: string): Promise<HeldRules> {
    await this.#index.pullNewest();
    const rules: PolicyRule[] = [];
    const problems: string[] = [];
    this.#index.findGrant(user, namespace, (grant) => {
      const role = this.#index.role(grant);
      if (role) rules.push(...role.rules);
      else problems.push(missingRole(grant.role));
      return false;
    });
    return { rules, problems };
  }

  /** The rules a binding in the namespace ("" for the cluster) would hand out; undefined: there is no such role. */
  async rulesOf(role: RoleRef, namespace: string): Promise<readonly PolicyRule[] | undefined> {
    await this.#index.pullNewest();
    return this.#index.role({ binding: "", namespace, role, subject: { kind: "", name: "" } })?.rules;
  }

  async #decideNewest(user: User, attributes: Attributes): Promise<Decision> {
    await this.#index.pullNewest();
    return this.#decide(user, attributes);
  }

  #decide(user: User, attributes: Attributes): Decision {
    const problems: string[] = [];
    const grant = this.#index.findGrant(user, attributes.namespace, (candidate) => {
      const role = this.#index.role(candidate);
      if (!role) problems.push(missingRole(candidate.role));
      return role?.compiled.allow(attributes) ?? false;
    });
    if (!grant)
      return problems.length === 0 ? NO_OPINION : { type: "no-opinion", reason: `RBAC: ${joinProblems(problems)}` };
    let decision = this.#decisions.get(grant);
    if (!decision) {
      decision = { type: "allow", reason: `RBAC: allowed by ${describeGrant(grant)}` };
      this.#decisions.set(grant, decision);
    }
    return decision;
  }
}

const NO_OPINION: Decision = { type: "no-opinion" };

export function missingRole({ kind, name }: RoleRef): string {
  return `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`;
}

/** As Go prints several errors. */
export function joinProblems(problems: readonly string[]): string {
  const distinct = [...new Set(problems)];
  return distinct.length === 1 ? (distinct[0] ?? "") : `[${distinct.join(", ")}]`;
}

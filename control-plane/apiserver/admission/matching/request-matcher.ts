// Whether a webhook or a policy is meant by a request, and as what it wants to see the objects. One door for both kinds of
// configuration: their rules, selectors and match policies mean the same.

import { Namespace } from "@atoll/api/core/namespace/kind";
import type { LabelSelector, NamedRuleWithOperations } from "@atoll/api/generated/types";
import type { KindDefinition } from "@atoll/api/kind";
import type { KubeObject } from "@atoll/api/resource";
import { notFound } from "@atoll/machinery/object/api-error";
import { type LabelRequirement, matchesLabels, requirementsOf } from "@atoll/machinery/object/label-selector";
import type { ResourceStore } from "../../registry/resource-store.ts";
import type { ResourceTable } from "../../registry/resource-table.ts";
import type { AdmissionRequest, GroupVersionKind } from "../admission.ts";
import { ResourceEquivalents } from "./equivalents.ts";
import { matchesRule } from "./rule.ts";

/** As a configuration says it, selectors and rules of any of its kinds. */
export interface MatchResources {
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly objectSelector?: LabelSelector | undefined;
  readonly resourceRules: readonly NamedRuleWithOperations[];
  readonly excludeResourceRules?: readonly NamedRuleWithOperations[] | undefined;
  readonly matchPolicy?: string | undefined;
  /** Whether no rules at all mean every request; webhooks without rules are never called. */
  readonly matchesWithoutRules: boolean;
}

/** MatchResources made ready for many requests. */
export interface MatchCriteria {
  readonly namespaceRequirements: readonly LabelRequirement[];
  readonly objectRequirements: readonly LabelRequirement[];
  readonly rules: readonly NamedRuleWithOperations[];
  readonly excludedRules: readonly NamedRuleWithOperations[];
  readonly takesEquivalents: boolean;
  readonly matchesWithoutRules: boolean;
}

/** As what a configuration sees the request. */
export interface RequestMatch {
  /** Its resource is the one that the rule names: another version or group than the request's, maybe. */
  readonly kind: KindDefinition;
  readonly subresource: string;
  /** What its object is. */
  readonly objectKind: GroupVersionKind;
}

const ADMISSION_GROUP = "admissionregistration.k8s.io";
const EXEMPT: ReadonlySet<string> = new Set([
  "ValidatingWebhookConfiguration",
  "MutatingWebhookConfiguration",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
]);

/** Nobody may be kept from mending the configuration that keeps everybody from everything. */
export function isExemptFromAdmission({ kind: { resource } }: Pick<AdmissionRequest, "kind">): boolean {
  return resource.group === ADMISSION_GROUP && EXEMPT.has(resource.kind);
}

export function compileCriteria(match: MatchResources): MatchCriteria {
  return {
    namespaceRequirements: requirementsOf(match.namespaceSelector ?? {}),
    objectRequirements: requirementsOf(match.objectSelector ?? {}),
    rules: match.resourceRules,
    excludedRules: match.excludeResourceRules ?? [],
    takesEquivalents: match.matchPolicy === "Equivalent",
    matchesWithoutRules: match.matchesWithoutRules,
  };
}

export class RequestMatcher {
  readonly #equivalents: ResourceEquivalents;
  readonly #namespaces: ResourceStore;

  constructor(resources: ResourceTable) {
    this.#equivalents = new ResourceEquivalents(resources);
    this.#namespaces = resources.of(Namespace);
  }

  /** Undefined: it is not meant. Throws NotFound when that depends on a namespace that is not there. */
  async match(criteria: MatchCriteria, request: AdmissionRequest): Promise<RequestMatch | undefined> {
    // The cheap questions first; nothing is looked up for a configuration that is not about this resource.
    if (this.#findRule(criteria.excludedRules, criteria, request)) return undefined;
    const found =
      criteria.rules.length === 0 && criteria.matchesWithoutRules
        ? request.kind
        : this.#findRule(criteria.rules, criteria, request);
    if (!found || !matchesObjects(criteria.objectRequirements, request)) return undefined;
    if (!(await this.#matchesNamespace(criteria.namespaceRequirements, request))) return undefined;
    return {
      kind: found,
      subresource: request.subresource,
      objectKind: request.bodyKind ?? found.resource,
    };
  }

  /** The namespace a request is in, as it is; undefined for cluster-scoped objects and for a creation of a namespace. */
  async namespaceOf(request: AdmissionRequest): Promise<Namespace | undefined> {
    if (this.#isNamespaceKind(request) && request.operation === "CREATE") return undefined;
    const name = namespaceNameOf(request);
    if (name === "") return undefined;
    const key = this.#namespaces.keyOf("", name);
    const stored = this.#namespaces.peek(key) ?? (await this.#namespaces.get(key));
    if (!stored) throw notFound({ group: "", name: "namespaces" }, name);
    return stored.object as Namespace; // the store holds Namespaces only
  }

  #findRule(
    rules: readonly NamedRuleWithOperations[],
    { takesEquivalents }: MatchCriteria,
    request: AdmissionRequest,
  ): KindDefinition | undefined {
    if (rules.some((rule) => matchesNamedRule(rule, request, request.kind))) return request.kind;
    if (!takesEquivalents || rules.length === 0) return undefined;
    const others = this.#equivalents.of(request.kind);
    if (others.length < 2) return undefined;
    for (const rule of rules) {
      const found = others.find(({ kind }) => kind !== request.kind && matchesNamedRule(rule, request, kind));
      if (found) return found.kind;
    }
    return undefined;
  }

  async #matchesNamespace(requirements: readonly LabelRequirement[], request: AdmissionRequest): Promise<boolean> {
    if (requirements.length === 0) return true;
    const isNamespace = this.#isNamespaceKind(request);
    // Only namespaced objects, and namespaces themselves, can be told apart by namespace.
    if (!isNamespace && request.namespace === "") return true;
    const { operation, subresource, object } = request;
    if (isNamespace && subresource === "" && (operation === "CREATE" || operation === "UPDATE")) {
      return matchesLabels(requirements, object?.metadata.labels);
    }
    return matchesLabels(requirements, (await this.namespaceOf(request))?.metadata.labels);
  }

  #isNamespaceKind({ kind }: AdmissionRequest): boolean {
    return kind === this.#namespaces.kind;
  }
}

/** The namespace as webhooks and policies are told: that of a namespace is its own name. */
export function namespaceNameOf({ kind, namespace, name }: AdmissionRequest): string {
  const { group, plural } = kind.resource;
  return group === "" && plural === "namespaces" ? name : namespace;
}

function matchesNamedRule(
  rule: NamedRuleWithOperations,
  { operation, subresource, name }: AdmissionRequest,
  { resource }: KindDefinition,
): boolean {
  const { group, version, plural, scope } = resource;
  if (!matchesRule(rule, { operation, group, version, plural, subresource, scope })) return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || names.includes(name);
}

function matchesObjects(requirements: readonly LabelRequirement[], { object, oldObject }: AdmissionRequest): boolean {
  if (requirements.length === 0) return true;
  return [object, oldObject].some(
    (one: KubeObject | undefined) => one && matchesLabels(requirements, one.metadata?.labels),
  );
}

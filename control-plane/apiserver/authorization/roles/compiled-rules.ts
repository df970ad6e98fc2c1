// The rules of one role in the form that answers "may this be done" by looking up the resource, not by reading every rule.

import { ALL, type PolicyRule } from "@atoll/api/rbac/policy-rule";
import type { Attributes } from "../authorizer.ts";

/** Undefined: any. */
type Words = ReadonlySet<string> | undefined;

interface ResourceRule {
  readonly verbs: Words;
  readonly groups: Words;
  readonly names: Words;
}

interface PathRule {
  readonly verbs: Words;
  readonly path: string;
  /** The path is a beginning, or everything where it is empty. */
  readonly isPrefix: boolean;
}

export class CompiledRules {
  /** By "resource" or "resource/subresource" as written in the rules; any resource has the name "*". */
  readonly #byResource = new Map<string, ResourceRule[]>();
  readonly #paths: PathRule[] = [];

  constructor(rules: readonly PolicyRule[]) {
    for (const rule of rules) {
      const verbs = wordsOf(rule.verbs);
      this.#addResources(rule, verbs);
      for (const url of rule.nonResourceURLs ?? []) {
        const isPrefix = url.endsWith(ALL);
        this.#paths.push({ verbs, path: isPrefix ? url.replace(/\*+$/, "") : url, isPrefix });
      }
    }
  }

  allow(attributes: Attributes): boolean {
    if (!attributes.isResourceRequest) return this.#allowPath(attributes);
    const { resource, subresource } = attributes;
    if (this.#allowBy(ALL, attributes)) return true;
    if (subresource === "") return this.#allowBy(resource, attributes);
    return (
      this.#allowBy(`${resource}/${subresource}`, attributes) || this.#allowBy(`${ALL}/${subresource}`, attributes)
    );
  }

  #addResources(rule: PolicyRule, verbs: Words): void {
    const { apiGroups = [], resources = [], resourceNames = [] } = rule;
    if (apiGroups.length === 0) return;
    const names = resourceNames.length === 0 ? undefined : new Set(resourceNames);
    const compiled: ResourceRule = { verbs, groups: wordsOf(apiGroups), names };
    for (const resource of new Set(resources)) {
      const present = this.#byResource.get(resource);
      if (present) present.push(compiled);
      else this.#byResource.set(resource, [compiled]);
    }
  }

  #allowBy(key: string, { verb, group, name }: Attributes): boolean {
    const rules = this.#byResource.get(key);
    if (rules === undefined) return false;
    for (const { verbs, groups, names } of rules) {
      if (has(verbs, verb) && has(groups, group) && has(names, name)) return true;
    }
    return false;
  }

  #allowPath({ verb, path }: Attributes): boolean {
    return this.#paths.some(
      (rule) => has(rule.verbs, verb) && (rule.isPrefix ? path.startsWith(rule.path) : path === rule.path),
    );
  }
}

function wordsOf(list: readonly string[]): Words {
  return list.includes(ALL) ? undefined : new Set(list);
}

function has(words: Words, word: string): boolean {
  return words === undefined || words.has(word);
}

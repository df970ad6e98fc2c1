// Which ReplicaSet belongs to which state of a Deployment's pod template, and what it is called.

import type { Deployment, PodTemplateSpec, ReplicaSet } from "@atoll/api/generated/types";

export const TEMPLATE_HASH_LABEL = "pod-template-hash";

const canonicalForms = new WeakMap<PodTemplateSpec, string>();

/** JSON with sorted keys and without the hash label: equal for equal templates. */
export function canonicalTemplate(template: PodTemplateSpec): string {
  let form = canonicalForms.get(template);
  if (form === undefined) {
    form = JSON.stringify(template, (key, value) => {
      if (key === TEMPLATE_HASH_LABEL) return undefined;
      if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
      const entries = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
      if (entries.length === 0) return undefined;
      return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
    });
    canonicalForms.set(template, form);
  }
  return form;
}

/** The ReplicaSet whose template is the Deployment's present one; the oldest, should there be two. */
export function findNewReplicaSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const wanted = canonicalTemplate(deployment.spec.template);
  return oldestFirst(sets).find((set) => set.spec.template && canonicalTemplate(set.spec.template) === wanted);
}

export function oldestFirst(sets: readonly ReplicaSet[]): ReplicaSet[] {
  const key = ({ metadata }: ReplicaSet) => `${metadata.creationTimestamp ?? ""} ${metadata.name ?? ""}`;
  return sets.toSorted((left, right) => (key(left) < key(right) ? -1 : 1));
}

// No vowels, as in all generated names: a hash never spells a word.
const HASH_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** Of the ReplicaSet for the present template. */
export function newReplicaSetName({ metadata, spec, status }: Deployment): string {
  return `${metadata.name}-${templateHash(spec.template, status?.collisionCount ?? 0)}`;
}

/** At most ten characters that depend on the template and on how often a name was found taken. FNV-1a, 32 bits. */
export function templateHash(template: PodTemplateSpec, collisionCount: number): string {
  const text = `${canonicalTemplate(template)}${collisionCount}`;
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return Array.from(String(hash), (digit) => HASH_ALPHABET[(digit.charCodeAt(0) * 7) % HASH_ALPHABET.length]).join("");
}

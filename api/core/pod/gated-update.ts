// What may still change of a pod that a scheduling gate holds back: where it may go can be narrowed, never widened.

import type { NodeSelectorRequirement, NodeSelectorTerm, Pod, PodSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, isEqualJson } from "../../meta/field-error.ts";

export function isGated({ spec }: Pod): boolean {
  return (spec.schedulingGates ?? []).length > 0;
}

export function validateGatedUpdate({ spec }: Pod, { spec: old }: Pod): FieldError[] {
  return [...validateSelector(spec, old), ...validateTerms(spec, old)];
}

function validateSelector({ nodeSelector }: PodSpec, { nodeSelector: old }: PodSpec): FieldError[] {
  const isKept = Object.entries(old ?? {}).every(([key, value]) => nodeSelector?.[key] === value);
  const text = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
  return isKept ? [] : [invalidValue("spec.nodeSelector", nodeSelector ?? null, text)];
}

function validateTerms(spec: PodSpec, old: PodSpec): FieldError[] {
  const field = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
  const former = termsOf(old);
  const terms = termsOf(spec);
  if (former.length === 0) return [];
  if (terms.length !== former.length) {
    return [invalidValue(field, terms, "no additions/deletions to non-empty NodeSelectorTerms list are allowed")];
  }
  return terms.flatMap((term, i) =>
    isNarrowed(term, former[i] ?? {})
      ? []
      : [invalidValue(`${field}[${i}]`, term, "only additions are allowed (no mutations or deletions)")],
  );
}

function termsOf({ affinity }: PodSpec): readonly NodeSelectorTerm[] {
  return affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
}

function isNarrowed(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const count = ({ matchExpressions, matchFields }: NodeSelectorTerm) =>
    (matchExpressions ?? []).length + (matchFields ?? []).length;
  // A term without requirements selects nothing; with one it would select something.
  if (count(old) === 0 && count(term) > 0) return false;
  return beginsWith(term.matchExpressions, old.matchExpressions) && beginsWith(term.matchFields, old.matchFields);
}

function beginsWith(list: readonly NodeSelectorRequirement[] = [], start: readonly NodeSelectorRequirement[] = []) {
  return isEqualJson(list.slice(0, start.length), start);
}

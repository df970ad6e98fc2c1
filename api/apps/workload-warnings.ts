// What is said to whoever writes a workload that is taken and may not do what its writer thinks.

import { templateWarnings } from "../core/pod/warnings.ts";
import type { ObjectMeta, PodTemplateSpec } from "../generated/types.ts";
import { isEqualJson } from "../meta/field-error.ts";
import { checkDns1123Label } from "../meta/names.ts";

interface Workload {
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
}

/** Of a new workload whose pods are named after it, and of its template whenever the workload changes. */
export function namedWorkloadWarnings<T extends Workload>(
  templateOf: (workload: T) => { readonly template: PodTemplateSpec | undefined; readonly path: string },
): (workload: T, old?: T) => string[] {
  const ofTemplate = workloadWarnings(templateOf);
  return (workload, old) => [...(old ? [] : nameWarnings(workload.metadata.name ?? "")), ...ofTemplate(workload, old)];
}

export function workloadWarnings<T extends Workload>(
  templateOf: (workload: T) => { readonly template: PodTemplateSpec | undefined; readonly path: string },
): (workload: T, old?: T) => string[] {
  return (workload, old) => {
    const { template, path } = templateOf(workload);
    const isKnown =
      old !== undefined && isEqualJson(templateOf(old).template, template) && isEqualJson(old.spec, workload.spec);
    return template && !isKnown ? templateWarnings(template, path) : [];
  };
}

function nameWarnings(name: string): string[] {
  const problems = checkDns1123Label(name);
  if (problems.length === 0) return [];
  const text =
    "this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended";
  return [`metadata.name: ${text}: [${problems.join(" ")}]`];
}

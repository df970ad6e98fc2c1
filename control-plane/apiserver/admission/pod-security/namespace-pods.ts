// What a namespace that is made stricter is told about the pods that are in it: one line for all pods that do the same wrong.

import type { Pod } from "@atoll/api/core/pod/kind";
import { controllerOf } from "@atoll/machinery/controller/ownership-references";
import { formatLevel, type LevelVersion } from "./policy.ts";
import { reasonsOf, violationsOf } from "./standards.ts";

/** More pods than this are not looked at: somebody waits for the answer. Upstream's number. */
const PODS_MAX = 3000;

export function podsWarnings(namespace: string, level: LevelVersion, pods: readonly Pod[]): string[] {
  const checked = inOrder(pods).slice(0, PODS_MAX);
  const names = new Map<string, string[]>();
  for (const pod of checked) {
    const violations = violationsOf(level, pod);
    if (violations.length === 0) continue;
    const reasons = reasonsOf(violations);
    const known = names.get(reasons);
    if (known) known.push(pod.metadata.name ?? "");
    else names.set(reasons, [pod.metadata.name ?? ""]);
  }
  const warnings: string[] = [];
  if (checked.length < pods.length) {
    const count = `${checked.length} of ${pods.length}`;
    warnings.push(`new PodSecurity enforce level only checked against the first ${count} existing pods`);
  }
  if (names.size === 0) return warnings;
  const quoted = [namespace, formatLevel(level)].map((text) => JSON.stringify(text));
  warnings.push(`existing pods in namespace ${quoted[0]} violate the new PodSecurity enforce level ${quoted[1]}`);
  return [...warnings, ...[...names].map(([reasons, of]) => `${nameSome(of)}: ${reasons}`).sort()];
}

/** One pod of each controller before its siblings, which are like it. */
function inOrder(pods: readonly Pod[]): Pod[] {
  const seen = new Set<string>();
  const siblings: Pod[] = [];
  const firsts = pods.filter((pod) => {
    const uid = controllerOf(pod)?.uid;
    if (uid === undefined || !seen.has(uid)) {
      if (uid !== undefined) seen.add(uid);
      return true;
    }
    siblings.push(pod);
    return false;
  });
  return [...firsts, ...siblings];
}

function nameSome(names: readonly string[]): string {
  const [first = ""] = [...names].sort();
  if (names.length === 1) return first;
  return `${first} (and ${names.length - 1} other ${names.length === 2 ? "pod" : "pods"})`;
}

// Resolves a pod's priority class to its number, and keeps the classes' default one: of several classes that claim to be
// the default, only the first is let in.

import { Pod } from "@atoll/api/core/pod/kind";
import { PriorityClass, SYSTEM_PRIORITIES } from "@atoll/api/scheduling/priority-class/kind";
import type { EnsureObject } from "../registry/ensure-object.ts";
import type { ResourceStore } from "../registry/resource-store.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionRequest, AdmissionStep } from "./admission.ts";
import { forbid } from "./namespace-lifecycle.ts";

export function podPriority(resources: ResourceTable): AdmissionStep {
  const pods = resources.of(Pod);
  const classes = resources.of(PriorityClass);
  return {
    name: "Priority",
    async mutate(request) {
      if (request.kind !== pods.kind || request.subresource !== "" || !request.object) return;
      const pod = request.object as Pod; // the kind is Pod
      if (!pod.spec) return;
      if (request.operation === "CREATE") await resolvePriority(request, pod, classes);
      else keepPriority(pod, request.oldObject as Pod | undefined); // likewise
    },
    validate(request) {
      if (request.kind !== classes.kind) return;
      if (request.operation === "DELETE" && request.name in SYSTEM_PRIORITIES) {
        throw forbid(request, "this is a system priority class and cannot be deleted");
      }
      if (!request.object) return;
      const { globalDefault, metadata } = request.object as PriorityClass; // the kind is PriorityClass
      if (!globalDefault) return;
      const present = defaultClass(classes);
      if (!present || (request.operation === "UPDATE" && present.metadata.name === metadata.name)) return;
      const why = `PriorityClass ${present.metadata.name} is already marked as default. Only one default can exist`;
      throw forbid(request, why);
    },
  };
}

async function resolvePriority(request: AdmissionRequest, { spec }: Pod, classes: ResourceStore): Promise<void> {
  const named = spec.priorityClassName ? await findClass(request, spec.priorityClassName, classes) : undefined;
  const chosen = named ?? defaultClass(classes);
  if (chosen) spec.priorityClassName = chosen.metadata.name ?? "";
  const priority = chosen?.value ?? 0;
  if (spec.priority !== undefined && spec.priority !== priority) {
    throw forbid(
      request,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
    );
  }
  spec.priority = priority;
  const policy = chosen ? chosen.preemptionPolicy : "PreemptLowerPriority";
  if (policy === undefined) return;
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    throw forbid(
      request,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    );
  }
  spec.preemptionPolicy = policy;
}

async function findClass(request: AdmissionRequest, name: string, classes: ResourceStore): Promise<PriorityClass> {
  const key = classes.keyOf("", name);
  // A class made a moment ago may not have reached the cache yet.
  const found = classes.peek(key) ?? (await classes.get(key));
  if (!found) throw forbid(request, `no PriorityClass with name ${name} was found`);
  return found.object as PriorityClass; // the store holds PriorityClasses only
}

/** Of several, which a race may leave, the one that ranks lowest. */
function defaultClass(classes: ResourceStore): PriorityClass | undefined {
  const { items } = classes.rangeCached(classes.rangeOf(""), 0);
  return items
    .map(({ object }) => object as PriorityClass) // the store holds PriorityClasses only
    .filter(({ globalDefault }) => globalDefault === true)
    .toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
}

/** Clients that do not know the fields leave them out when they update; the checks that follow keep them from changing. */
function keepPriority({ spec }: Pod, old: Pod | undefined): void {
  if (spec.priority === undefined && old?.spec?.priority !== undefined) spec.priority = old.spec.priority;
  if (spec.preemptionPolicy === undefined && old?.spec?.preemptionPolicy !== undefined) {
    spec.preemptionPolicy = old.spec.preemptionPolicy;
  }
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  "system-cluster-critical":
    "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
  "system-node-critical": "Used for system critical pods that must not be moved from their current node.",
};

/** Makes Kubernetes' own classes, which pods of the cluster itself name. */
export async function ensurePriorityClasses(ensure: EnsureObject): Promise<void> {
  for (const [name, value] of Object.entries(SYSTEM_PRIORITIES)) {
    const wanted: PriorityClass = {
      metadata: { name },
      value,
      description: DESCRIPTIONS[name] ?? "",
      preemptionPolicy: "PreemptLowerPriority",
    };
    await ensure(PriorityClass, wanted, () => undefined);
  }
}

// PUT and PATCH of pods/<name>/resize: more or less CPU and memory for containers that stay. The server checks and stores the
// wish; the host carries it out and says so in the pod's status.

import { ownValue } from "@atoll/base/own-value";
import type { Container, Pod, PodSpec, Quantity, ResourceRequirements } from "../../generated/types.ts";
import type { FieldError, PartialUpdate } from "../../kind.ts";
import { forbidden, invalidValue, isEqualJson } from "../../meta/field-error.ts";
import { applyPodDefaults } from "./defaults.ts";
import { isMirrorPod, keepPodBut } from "./part-of-pod.ts";
import { qosClassOf } from "./quality-of-service.ts";
import { validatePod } from "./validation.ts";

const RESIZABLE = ["cpu", "memory"];

export const resizeUpdate: PartialUpdate<Pod> = {
  prepare(pod, old) {
    applyPodDefaults(pod);
    const { initContainers, resources } = pod.spec;
    const containers = containersOf(pod);
    const isSameList =
      containers.length === old.spec.containers.length &&
      (initContainers ?? []).length === (old.spec.initContainers ?? []).length;
    // Validation says what is wrong with another list.
    if (!isSameList) return;
    keepPodBut(pod, old, (spec) => {
      const { resources: _former, ...rest } = spec;
      return {
        ...rest,
        containers: withSizesOf(containers, spec.containers),
        ...(initContainers && spec.initContainers
          ? { initContainers: withSizesOf(initContainers, spec.initContainers) }
          : {}),
        ...(resources ? { resources } : {}),
      };
    });
  },
  validate(pod, old) {
    if (isMirrorPod(old)) return [forbidden("", "static pods cannot be resized")];
    if (old.spec.os?.name === "windows") return [forbidden("", "windows pods cannot be resized")];
    return [...validatePod(pod), ...validateResize(pod, old)];
  },
};

/** An empty list is none once it is read. */
function containersOf({ spec: { containers } }: Pod): readonly Container[] {
  return containers ?? [];
}

/** Renamed or reordered containers stay as they came, for validation to refuse. */
function withSizesOf(wanted: readonly Container[], old: readonly Container[]): Container[] {
  if (wanted.some(({ name }, i) => name !== old[i]?.name)) return [...wanted];
  return old.map((container, i) => {
    const { resources: _size, resizePolicy: _policy, ...rest } = container;
    const { resources, resizePolicy } = wanted[i] ?? {};
    return { ...rest, ...(resources ? { resources } : {}), ...(resizePolicy ? { resizePolicy } : {}) };
  });
}

function validateResize(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  if (qosClassOf(pod) !== (old.status?.qosClass ?? qosClassOf(old))) {
    const text = "Pod QOS Class may not change as a result of resizing";
    errors.push(invalidValue("spec", pod.status?.qosClass ?? "", text));
  }
  if (!canHostResize(old)) errors.push(forbidden("spec", "Pod running on node without support for resize"));
  errors.push(...validatePodLevel(pod.spec, old.spec));
  const order = [
    ...validateSameContainers(containersOf(pod), old.spec.containers, "containers"),
    ...validateSameContainers(pod.spec.initContainers ?? [], old.spec.initContainers ?? [], "initContainers"),
  ];
  if (order.length > 0) return [...errors, ...order];
  errors.push(
    ...validateNothingRemoved(pod.spec.initContainers ?? [], old.spec.initContainers ?? [], "spec.initContainers"),
    ...validateNothingRemoved(pod.spec.containers, old.spec.containers, "spec.containers"),
    ...pod.spec.containers
      .filter((container, i) => !isEqualJson(withOldSize(container, old.spec.containers[i]), old.spec.containers[i]))
      .map(() => forbidden("spec", "only cpu and memory resources are mutable")),
    ...(pod.spec.initContainers ?? []).flatMap((container, i) =>
      validateInitContainer(container, old.spec.initContainers?.[i], `spec.initContainers[${i}]`),
    ),
  );
  return errors;
}

/** A host that reports what running containers have can change it. Before any runs nobody knows. */
function canHostResize({ status }: Pod): boolean {
  const running = status?.containerStatuses?.find(({ state }) => state?.running);
  return running === undefined || running.resources !== undefined;
}

function validatePodLevel({ resources }: PodSpec, { resources: old }: PodSpec): FieldError[] {
  const field = "spec.resources";
  if (old && !resources) return [forbidden(field, "pod-level resources cannot be removed")];
  const errors: FieldError[] = [];
  if (old) {
    for (const list of ["requests", "limits"] as const) {
      if (isRemoved(resources?.[list], old[list])) {
        errors.push(forbidden(`${field}.${list}`, `pod-level resource ${list} cannot be removed`));
      }
    }
  }
  if (!isEqualJson(unresizable(resources), unresizable(old))) {
    errors.push(forbidden("spec", "only cpu and memory resources are mutable at pod-level"));
  }
  return errors;
}

function validateSameContainers(
  containers: readonly Container[],
  old: readonly Container[],
  list: "containers" | "initContainers",
): FieldError[] {
  const path = `spec.${list}`;
  if (containers.length !== old.length) return [forbidden(path, `${list} may not be added or removed on resize`)];
  return containers.flatMap(({ name }, i) =>
    name === old[i]?.name ? [] : [forbidden(`${path}[${i}].name`, `${list} may not be renamed or reordered on resize`)],
  );
}

function validateNothingRemoved(
  containers: readonly Container[],
  old: readonly Container[],
  path: string,
): FieldError[] {
  return containers.flatMap(({ resources }, i) =>
    (["requests", "limits"] as const)
      .filter((list) => isRemoved(resources?.[list], old[i]?.resources?.[list]))
      .map((list) => forbidden(`${path}[${i}].resources.${list}`, `resource ${list} cannot be removed`)),
  );
}

function validateInitContainer(container: Container, old: Container | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!isEqualJson(withOldSize(container, old), old)) {
    errors.push(forbidden(path, "only cpu and memory resources for init or sidecar containers are mutable"));
  }
  const restarts = container.resizePolicy?.filter(({ restartPolicy }) => restartPolicy === "RestartContainer") ?? [];
  if (container.restartPolicy === "Always" || isEqualJson(container, old)) return errors;
  const text = "non-sidecar init containers with a resize policy of RestartContainer cannot be resized";
  return [...errors, ...restarts.map(() => forbidden(path, text))];
}

type Amounts = Readonly<Record<string, Quantity>> | undefined;

function isRemoved(amounts: Amounts, old: Amounts): boolean {
  return Object.keys(old ?? {}).some((name) => ownValue(amounts, name) === undefined);
}

/** The container with CPU and memory as they were: what still differs may not change. */
function withOldSize(container: Container, old: Container | undefined): Container {
  const { claims: _claims, ...former } = old?.resources ?? {};
  const kept = unresizable(container.resources);
  const merge = (list: "requests" | "limits") => {
    const merged = { ...kept[list], ...resizable(former[list]) };
    return Object.keys(merged).length > 0 || former[list] ? { [list]: merged } : {};
  };
  const { claims } = container.resources ?? {};
  return { ...container, resources: { ...(claims ? { claims } : {}), ...merge("requests"), ...merge("limits") } };
}

function unresizable(resources: ResourceRequirements | undefined) {
  const without = (amounts: Amounts) =>
    Object.fromEntries(Object.entries(amounts ?? {}).filter(([name]) => !RESIZABLE.includes(name)));
  return { requests: without(resources?.requests), limits: without(resources?.limits) };
}

function resizable(amounts: Amounts): Record<string, Quantity> {
  return Object.fromEntries(Object.entries(amounts ?? {}).filter(([name]) => RESIZABLE.includes(name)));
}

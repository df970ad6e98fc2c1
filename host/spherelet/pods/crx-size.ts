// How large a microVM a pod gets: the guest's memory and vCPUs are what the pod may use at most, plus what the agent and the
// kernel need for themselves.

import type { Container, Pod } from "@atoll/api/generated/types";
import { amountOf, bytesOf } from "./resource-amount.ts";

/** Kernel, agent and page tables of a guest; measured with the small kernel configuration. */
const GUEST_MEMORY_BYTES = 67_108_864;
const MEBIBYTE = 1_048_576;
const VCPUS_MAX = 32;
/** The agent's own files and logs beside what the pod asked for. */
const EPHEMERAL_SPARE_BYTES = 134_217_728;

export interface CrxSizeDefaults {
  /** Memory for a container that names neither limit nor request. */
  readonly memoryBytes: number;
  readonly ephemeralBytes: number;
}

export interface CrxSize {
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly ephemeralBytes: number;
}

type ResourceName = "cpu" | "memory" | "ephemeral-storage";

export function crxSizeOf(pod: Pod, defaults: CrxSizeDefaults): CrxSize {
  const overhead = (name: ResourceName) => amountOf(pod.spec.overhead?.[name]);
  const cpu = podAmount(pod, "cpu", () => 1) + overhead("cpu");
  const memory = podAmount(pod, "memory", () => defaults.memoryBytes) + overhead("memory");
  const ephemeral = podAmount(pod, "ephemeral-storage", () => 0) + overhead("ephemeral-storage");
  return {
    vcpus: Math.min(VCPUS_MAX, Math.max(1, Math.ceil(cpu))),
    memoryBytes: Math.ceil((memory + GUEST_MEMORY_BYTES) / MEBIBYTE) * MEBIBYTE,
    ephemeralBytes: Math.max(defaults.ephemeralBytes, ephemeral > 0 ? bytesOf(ephemeral) + EPHEMERAL_SPARE_BYTES : 0),
  };
}

/**
 * The most that runs at one time, as the scheduler counts it: all containers with the sidecars, or the largest init
 * container with the sidecars before it.
 */
function podAmount(pod: Pod, name: ResourceName, fallback: () => number): number {
  const podLevel = amountOf(pod.spec.resources?.limits?.[name] ?? pod.spec.resources?.requests?.[name]);
  if (podLevel > 0) return podLevel;
  const amount = (container: Container) =>
    amountOf(container.resources?.limits?.[name] ?? container.resources?.requests?.[name]) || fallback();
  let sidecars = 0;
  let initMost = 0;
  for (const container of pod.spec.initContainers ?? []) {
    const own = amount(container);
    if (container.restartPolicy === "Always") sidecars += own;
    initMost = Math.max(initMost, container.restartPolicy === "Always" ? sidecars : sidecars + own);
  }
  // CPUs without a limit are shared: two containers that name none do not ask for two.
  const containers = pod.spec.containers;
  const named = containers.filter((container) => hasAmount(container, name));
  const unnamed = containers.length - named.length;
  const sum = named.reduce((total, container) => total + amount(container), 0);
  return Math.max(sum + sidecars + (name === "cpu" ? Math.min(1, unnamed) : unnamed) * fallback(), initMost);
}

function hasAmount(container: Container, name: ResourceName): boolean {
  return (container.resources?.limits?.[name] ?? container.resources?.requests?.[name]) !== undefined;
}

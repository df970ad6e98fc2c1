// What v1 has no field for travels in annotations while an object is shown as v1, so that writing it back loses nothing.

import type {
  AutoscalingV2HorizontalPodAutoscaler as StoredAutoscaler,
  HorizontalPodAutoscaler as Autoscaler,
  MetricSpec,
  MetricStatus,
} from "../../generated/types.ts";
import type { KubeObject } from "../../resource.ts";
import { carriedSpec, carriedStatus, readCarriedSpec, readCarriedStatus } from "./carried-metrics.ts";
import { CPU_UTILIZATION_PERCENT, cpuMetric } from "../horizontal-pod-autoscaler/defaults.ts";

const METRICS = "autoscaling.alpha.kubernetes.io/metrics";
const CURRENT_METRICS = "autoscaling.alpha.kubernetes.io/current-metrics";
const CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions";
const BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior";
const OURS = [METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR];

/** Whether v2 measures something that v1 cannot say. */
export function carriesMetrics({ annotations }: Autoscaler["metadata"]): boolean {
  return asList(parseCarried(annotations?.[METRICS])).length > 0;
}

export function toStoredAutoscaler(autoscaler: Autoscaler): StoredAutoscaler {
  const { spec, status, metadata, ...rest } = structuredClone(autoscaler);
  const { targetCPUUtilizationPercentage: percent, ...kept } = spec ?? {};
  const carried = (name: string) => parseCarried(metadata.annotations?.[name]);
  const metrics = [
    ...asList(carried(METRICS)).map(readCarriedSpec),
    ...(percent === undefined ? [] : [cpuMetric(percent)]),
  ];
  const behavior = withFirstLetters(carried(BEHAVIOR), (letter) => letter.toLowerCase());
  const { currentCPUUtilizationPercentage: currentPercent, ...keptStatus } = status ?? {};
  // What is carried says more than the one number.
  const current = carried(CURRENT_METRICS);
  const shownPercent = currentPercent === undefined ? [] : [currentCpuMetric(currentPercent)];
  const currentMetrics = Array.isArray(current) ? current.map(readCarriedStatus) : shownPercent;
  const conditions = asList(carried(CONDITIONS));
  const stored = {
    ...rest,
    metadata: withAnnotations(metadata, {}),
    spec: {
      ...kept,
      metrics: metrics.length > 0 ? metrics : [cpuMetric(CPU_UTILIZATION_PERCENT)],
      ...(behavior === undefined ? {} : { behavior }),
    },
    ...(status
      ? {
          status: {
            ...keptStatus,
            ...(currentMetrics.length > 0 ? { currentMetrics } : {}),
            ...(conditions.length > 0 ? { conditions } : {}),
          },
        }
      : {}),
  };
  return stored as StoredAutoscaler; // what an annotation carries was checked when it was written as v2
}

export function fromStoredAutoscaler(object: KubeObject): Autoscaler {
  const stored = structuredClone(object) as StoredAutoscaler; // the store holds v2 only
  const { metadata, spec, status, ...rest } = stored;
  const { metrics = [], behavior, ...kept } = spec;
  const cpu = metrics.find(isCpuUtilization);
  const others = metrics.filter((metric) => !isCpuUtilization(metric));
  const { currentMetrics = [], conditions = [], ...keptStatus } = status ?? {};
  const percent = cpu?.resource?.target.averageUtilization;
  const current = currentMetrics.find(({ type, resource }) => type === "Resource" && resource?.name === "cpu");
  const currentPercent = current?.resource?.current.averageUtilization;
  const shown = {
    ...rest,
    metadata: withAnnotations(metadata, {
      ...(others.length > 0 ? { [METRICS]: JSON.stringify(others.map(carriedSpec)) } : {}),
      ...(currentMetrics.length > 0 ? { [CURRENT_METRICS]: JSON.stringify(currentMetrics.map(carriedStatus)) } : {}),
      ...(conditions.length > 0 ? { [CONDITIONS]: JSON.stringify(conditions) } : {}),
      ...(behavior ? { [BEHAVIOR]: carriedBehavior(behavior) } : {}),
    }),
    spec: { ...kept, ...(percent === undefined ? {} : { targetCPUUtilizationPercentage: percent }) },
    ...(status
      ? {
          status: {
            ...keptStatus,
            ...(currentPercent === undefined ? {} : { currentCPUUtilizationPercentage: currentPercent }),
          },
        }
      : {}),
  };
  return shown as Autoscaler; // the fields that are left are those of v1
}

function currentCpuMetric(averageUtilization: number): MetricStatus {
  return { type: "Resource", resource: { name: "cpu", current: { averageUtilization } } };
}

function isCpuUtilization({ type, resource }: MetricSpec): boolean {
  return type === "Resource" && resource?.name === "cpu" && resource.target.averageUtilization !== undefined;
}

function withAnnotations<M extends { annotations?: Record<string, string> }>(
  metadata: M,
  added: Readonly<Record<string, string>>,
): M {
  const { annotations = {}, ...rest } = metadata;
  const kept = Object.entries(annotations).filter(([name]) => !OURS.includes(name));
  const all = { ...Object.fromEntries(kept), ...added };
  return { ...rest, ...(Object.keys(all).length > 0 ? { annotations: all } : {}) } as M; // the same fields again
}

/** Upstream carries the behavior with the names that its fields have inside the server, and keeps doing so for its clients. */
function carriedBehavior(behavior: object): string {
  return JSON.stringify(withFirstLetters(behavior, (letter) => letter.toUpperCase()));
}

/** All names of fields with another first letter. */
function withFirstLetters(value: unknown, change: (letter: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withFirstLetters(item, change));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([name, inside]) => [
    change(name.slice(0, 1)) + name.slice(1),
    withFirstLetters(inside, change),
  ]);
  return Object.fromEntries(fields);
}

/** An annotation that somebody wrote by hand and wrongly carries nothing. */
function parseCarried(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

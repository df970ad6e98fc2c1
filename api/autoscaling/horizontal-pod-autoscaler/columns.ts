import type {
  AutoscalingV2HorizontalPodAutoscaler as Autoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from "../../generated/types.ts";
import type { Cell, PrinterColumn } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, NONE, textColumn, UNSET } from "../../meta/columns.ts";

export const autoscalerColumns: readonly PrinterColumn[] = [
  NAME_COLUMN,
  textColumn("Reference", "What is scaled."),
  textColumn("Targets", "Each measure as it is, and as it should be."),
  textColumn("MinPods", "Pods there are at least."),
  textColumn("MaxPods", "Pods there are at most."),
  textColumn("Replicas", "Pods there are."),
  AGE_COLUMN,
];

const SHOWN_MAX = 2;
const UNKNOWN = "<unknown>";

export function printAutoscaler({ metadata, spec, status }: Autoscaler, nowMs: number): readonly Cell[] {
  return [
    metadata.name ?? "",
    `${spec.scaleTargetRef?.kind ?? ""}/${spec.scaleTargetRef?.name ?? ""}`,
    formatMetrics(spec.metrics ?? [], status?.currentMetrics ?? []),
    spec.minReplicas === undefined ? UNSET : String(spec.minReplicas),
    spec.maxReplicas ?? 0,
    status?.currentReplicas ?? 0,
    formatAge(metadata.creationTimestamp, nowMs),
  ];
}

function formatMetrics(specs: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (specs.length === 0) return NONE;
  const shown = specs.slice(0, SHOWN_MAX).map((spec, i) => formatMetric(spec, statuses[i]));
  const more = specs.length - SHOWN_MAX;
  return more > 0 ? `${shown.join(", ")} + ${more} more...` : shown.join(", ");
}

function formatMetric(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case "External":
      return formatValue(spec.external?.target, status?.external?.current);
    case "Object":
      return formatValue(spec.object?.target, status?.object?.current);
    case "Pods":
      return `${status?.pods?.current?.averageValue ?? UNKNOWN}/${spec.pods?.target?.averageValue ?? ""}`;
    case "Resource":
      return `${spec.resource?.name ?? ""}: ${formatResource(spec.resource?.target, status?.resource?.current)}`;
    case "ContainerResource": {
      const { containerResource } = spec;
      return `${containerResource?.name ?? ""}: ${formatResource(containerResource?.target, status?.containerResource?.current)}`;
    }
    default:
      return "<unknown type>";
  }
}

function formatValue(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`;
  return `${current?.value ?? UNKNOWN}/${target?.value ?? ""}`;
}

function formatResource(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  const percent = (value: number | undefined, otherwise: string) => (value === undefined ? otherwise : `${value}%`);
  return `${percent(current?.averageUtilization, UNKNOWN)}/${percent(target?.averageUtilization, "<auto>")}`;
}

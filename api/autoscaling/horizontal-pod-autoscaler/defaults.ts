import type {
  AutoscalingV2HorizontalPodAutoscaler as Autoscaler,
  HPAScalingRules,
  MetricSpec,
} from "../../generated/types.ts";
import { isSaidEmpty, withNotesOf } from "../../meta/said-empty.ts";

/** Without a measure of its own an autoscaler keeps the processors this busy. */
export const CPU_UTILIZATION_PERCENT = 80;

export function cpuMetric(averageUtilization: number): MetricSpec {
  return { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } };
}

export function applyAutoscalerDefaults({ spec }: Autoscaler): void {
  spec.minReplicas ??= 1;
  if (!spec.metrics?.length) spec.metrics = [cpuMetric(CPU_UTILIZATION_PERCENT)];
  if (!spec.behavior) return;
  // Up at once, by four pods or double; down by anything, but only what was too much for the whole window.
  spec.behavior.scaleUp = withDefaults(spec.behavior.scaleUp, {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [
      { type: "Pods", value: 4, periodSeconds: 15 },
      { type: "Percent", value: 100, periodSeconds: 15 },
    ],
  });
  spec.behavior.scaleDown = withDefaults(spec.behavior.scaleDown, {
    selectPolicy: "Max",
    policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
  });
}

function withDefaults(rules: HPAScalingRules | undefined, defaults: HPAScalingRules): HPAScalingRules {
  if (!rules || !isSaidEmpty(rules, "policies")) return { ...defaults, ...rules };
  const { policies: _policies, ...others } = defaults;
  return withNotesOf(rules, { ...others, ...rules });
}

// Metrics as the annotations of v1 carry them: in v1's own form, which names aims and amounts otherwise than v2. Clients write such
// annotations, so what is read of them may be anything; what is not there stays away, and the checks of v2 say so.

import { isRecord } from "@atoll/base/is-record";
import type { CrossVersionObjectReference, MetricSpec, MetricStatus } from "../../generated/types.ts";

type Json = Readonly<Record<string, unknown>>;

/** What v1's types cannot leave out. */
const NO_AMOUNT = "0";
/** By what each sort of metric is called. */
const SORTS = ["object", "pods", "resource", "containerResource", "external"] as const;
type Sort = (typeof SORTS)[number];

export function carriedSpec(metric: MetricSpec): Json {
  return mapSorts({ ...metric }, (sort, source) => {
    const { target = {}, metric: named, describedObject, ...kept } = source;
    const { value, averageValue, averageUtilization } = asJson(target);
    const { name, selector } = asJson(named);
    switch (sort) {
      case "object":
        return { target: describedObject, metricName: name, targetValue: value ?? NO_AMOUNT, selector, averageValue };
      case "pods":
        return { metricName: name, targetAverageValue: averageValue ?? NO_AMOUNT, selector };
      case "external":
        return { metricName: name, metricSelector: selector, targetValue: value, targetAverageValue: averageValue };
      default:
        return { ...kept, targetAverageUtilization: averageUtilization, targetAverageValue: averageValue };
    }
  });
}

export function readCarriedSpec(metric: unknown): MetricSpec {
  const read = mapSorts(asJson(metric), (sort, source) => {
    const { metricName: name, selector, metricSelector, target, averageValue, ...kept } = source;
    const { targetValue, targetAverageValue, targetAverageUtilization, ...others } = kept;
    const amountOf = (value: unknown) => value ?? NO_AMOUNT;
    switch (sort) {
      case "object": {
        const isAverage = averageValue !== undefined;
        const value = isAverage && amountOf(targetValue) === NO_AMOUNT ? undefined : amountOf(targetValue);
        return {
          describedObject: target as CrossVersionObjectReference,
          target: { type: isAverage ? "AverageValue" : "Value", value, averageValue },
          metric: { name, selector },
        };
      }
      case "pods":
        return {
          metric: { name, selector },
          target: { type: "AverageValue", averageValue: amountOf(targetAverageValue) },
        };
      case "external": {
        const type = targetValue === undefined ? "AverageValue" : "Value";
        const aim = { type, value: targetValue, averageValue: targetAverageValue };
        return { metric: { name, selector: metricSelector }, target: aim };
      }
      default: {
        const type = targetAverageUtilization === undefined ? "AverageValue" : "Utilization";
        const aim = { type, averageUtilization: targetAverageUtilization, averageValue: targetAverageValue };
        return { ...others, target: aim };
      }
    }
  });
  return read as unknown as MetricSpec; // checked as v2
}

export function carriedStatus(metric: MetricStatus): Json {
  return mapSorts({ ...metric }, (sort, source) => {
    const { current = {}, metric: named, describedObject, ...kept } = source;
    const { value = NO_AMOUNT, averageValue, averageUtilization } = asJson(current);
    const { name, selector } = asJson(named);
    switch (sort) {
      case "object":
        return { target: describedObject, metricName: name, currentValue: value, selector, averageValue };
      case "pods":
        return { metricName: name, currentAverageValue: averageValue ?? NO_AMOUNT, selector };
      case "external":
        return { metricName: name, metricSelector: selector, currentValue: value, currentAverageValue: averageValue };
      default: {
        const { name: resource, ...container } = kept;
        const amounts = {
          currentAverageUtilization: averageUtilization,
          currentAverageValue: averageValue ?? NO_AMOUNT,
        };
        return { name: resource, ...amounts, ...container };
      }
    }
  });
}

export function readCarriedStatus(metric: unknown): MetricStatus {
  const read = mapSorts(asJson(metric), (sort, source) => {
    const { metricName: name, selector, metricSelector, target, averageValue, ...kept } = source;
    const { currentValue = NO_AMOUNT, currentAverageUtilization, ...rest } = kept;
    const { currentAverageValue, ...others } = rest;
    switch (sort) {
      case "object":
        return {
          describedObject: target as CrossVersionObjectReference,
          metric: { name, selector },
          current: { value: currentValue, averageValue },
        };
      case "pods":
        return { metric: { name, selector }, current: { averageValue: currentAverageValue ?? NO_AMOUNT } };
      case "external": {
        const current = { value: currentValue, averageValue: currentAverageValue };
        return { metric: { name, selector: metricSelector }, current };
      }
      default: {
        const averageAmount = currentAverageValue ?? NO_AMOUNT;
        const current = { averageUtilization: currentAverageUtilization, averageValue: averageAmount };
        return { ...others, current };
      }
    }
  });
  return read as unknown as MetricStatus; // checked as v2
}

function mapSorts(metric: Json, change: (sort: Sort, source: Json) => Json): Json {
  const changed = SORTS.filter((sort) => isRecord(metric[sort])).map((sort) => [
    sort,
    change(sort, asJson(metric[sort])),
  ]);
  return withoutUndefined({ ...metric, ...Object.fromEntries(changed) }) as Json; // of a record
}

/** What nobody has said is not there, at any depth. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([, inside]) => inside !== undefined);
  return Object.fromEntries(entries.map(([name, inside]) => [name, withoutUndefined(inside)]));
}

function asJson(value: unknown): Json {
  return isRecord(value) ? value : {};
}

import type { KubeObject } from "@atoll/api/resource";
import { compareQuantities, fromUnits, type Quantity } from "@atoll/api/meta/quantity";
import { addTo, raiseTo } from "./amounts.ts";
import { countOf, type QuotaEvaluator } from "./evaluator.ts";

const COUNT = countOf({ group: "resource.k8s.io", plural: "resourceclaims" });
/** "gpu.deviceclass.resource.k8s.io/devices" */
const CLASS_SUFFIX = ".deviceclass.resource.k8s.io/devices";
const IMPLICIT_PREFIX = "requests.deviceclass.resource.kubernetes.io/";
/** As many devices as one claim may get: what "all" may come to. */
const DEVICES_MAX = 32n;

interface DeviceCount {
  readonly deviceClassName?: string;
  readonly allocationMode?: string;
  readonly count?: number;
}

interface DeviceClaim extends KubeObject {
  readonly spec?: {
    readonly devices?: {
      readonly requests?: readonly {
        readonly exactly?: DeviceCount;
        readonly firstAvailable?: readonly DeviceCount[];
      }[];
    };
  };
}

/** Claims of devices: how many of them, and of each class how many devices they may come to. */
export const deviceClaimEvaluator: QuotaEvaluator<DeviceClaim> = {
  concerns: ({ subresource }) => subresource === "",
  counts: (limit) => limit === COUNT || limit.endsWith(CLASS_SUFFIX) || limit.startsWith(IMPLICIT_PREFIX),
  usageOf({ spec }) {
    const usage = new Map<string, Quantity>([[COUNT, fromUnits(1n)]]);
    for (const { exactly, firstAvailable = [] } of spec?.devices?.requests ?? []) {
      // Of alternatives only one is taken: of each class the worst case counts.
      const worst = new Map<string, Quantity>();
      for (const each of exactly ? [exactly] : firstAvailable) raiseTo(worst, devicesOf(each));
      addTo(usage, worst);
    }
    const implicit = [...usage].flatMap(([name, amount]) =>
      name.endsWith(CLASS_SUFFIX) && compareQuantities(amount, fromUnits(0n)) > 0
        ? [[`${IMPLICIT_PREFIX}${name.slice(0, -CLASS_SUFFIX.length)}`, amount] as const]
        : [],
    );
    addTo(usage, new Map(implicit));
    return usage;
  },
  isInScope: () => false,
  faultOf: () => undefined,
};

function devicesOf({ deviceClassName = "", allocationMode, count = 1 }: DeviceCount): Map<string, Quantity> {
  const devices = allocationMode === "All" ? DEVICES_MAX : BigInt(allocationMode === "ExactCount" ? count : 0);
  return new Map([[`${deviceClassName}${CLASS_SUFFIX}`, fromUnits(devices)]]);
}

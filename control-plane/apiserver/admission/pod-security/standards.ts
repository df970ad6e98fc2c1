// The Pod Security Standards as a table: which check belongs to which level, and since which version of Kubernetes in which
// form. A version later than the last change is as the last.

import * as baseline from "./baseline-checks.ts";
import type { LevelVersion } from "./policy.ts";
import * as restricted from "./restricted-checks.ts";
import type { Check, CheckedPod, Violation } from "./violation.ts";

interface Standard {
  /** Order of the messages within a level. */
  readonly id: string;
  /** Since which 1.x; in ascending order. */
  readonly since: readonly (readonly [number, Check])[];
  /** The baseline's check that is not needed beside this one. */
  readonly replaces?: string;
}

const { notInUserNamespace, notOnWindows } = restricted;

const BASELINE: readonly Standard[] = [
  { id: "appArmorProfile", since: [[0, baseline.appArmorProfile]] },
  { id: "capabilities_baseline", since: [[0, baseline.defaultCapabilities]] },
  { id: "hostNamespaces", since: [[0, baseline.hostNamespaces]] },
  { id: "hostPathVolumes", since: [[0, baseline.hostPathVolumes]] },
  { id: "hostPorts", since: [[0, baseline.hostPorts]] },
  { id: "hostProbesAndHostLifecycle", since: [[34, baseline.probeHosts]] },
  { id: "privileged", since: [[0, baseline.privileged]] },
  {
    id: "procMount",
    since: [
      [0, baseline.procMount],
      [35, notInUserNamespace(baseline.procMount)],
    ],
  },
  {
    id: "seLinuxOptions",
    since: [
      [0, baseline.seLinuxOptions],
      [31, baseline.seLinuxOptionsWithEngine],
    ],
  },
  {
    id: "seccompProfile_baseline",
    since: [
      [0, baseline.seccompAnnotations],
      [19, baseline.seccompProfile],
    ],
  },
  {
    id: "sysctls",
    since: [
      [0, baseline.sysctls],
      [27, baseline.sysctls27],
      [29, baseline.sysctls29],
      [32, baseline.sysctls32],
    ],
  },
  { id: "windowsHostProcess", since: [[0, baseline.windowsHostProcess]] },
];

const RESTRICTED: readonly Standard[] = [
  {
    id: "allowPrivilegeEscalation",
    since: [
      [8, restricted.allowPrivilegeEscalation],
      [25, notOnWindows(restricted.allowPrivilegeEscalation)],
    ],
  },
  {
    id: "capabilities_restricted",
    replaces: "capabilities_baseline",
    since: [
      [22, restricted.droppedCapabilities],
      [25, notOnWindows(restricted.droppedCapabilities)],
    ],
  },
  { id: "procMount_restricted", replaces: "procMount", since: [[35, baseline.procMount]] },
  { id: "restrictedVolumes", replaces: "hostPathVolumes", since: [[0, restricted.restrictedVolumes]] },
  {
    id: "runAsNonRoot",
    since: [
      [0, restricted.runAsNonRoot],
      [35, notInUserNamespace(restricted.runAsNonRoot)],
    ],
  },
  {
    id: "runAsUser",
    since: [
      [23, restricted.runAsUser],
      [35, notInUserNamespace(restricted.runAsUser)],
    ],
  },
  {
    id: "seccompProfile_restricted",
    replaces: "seccompProfile_baseline",
    since: [
      [19, restricted.requiredSeccompProfile],
      [25, notOnWindows(restricted.requiredSeccompProfile)],
    ],
  },
];

/** Everything that the pod does against the level, in the order of the table. */
export function violationsOf({ level, minor }: LevelVersion, pod: CheckedPod): Violation[] {
  return checksOf({ level, minor }).flatMap((check) => check(pod) ?? []);
}

function checksOf({ level, minor }: LevelVersion): Check[] {
  if (level === "privileged") return [];
  const checkOf = ({ since }: Standard) => since.findLast(([first]) => first <= minor)?.[1];
  const strict = level === "restricted" ? RESTRICTED.filter(checkOf) : [];
  const replaced = strict.map(({ replaces }) => replaces);
  return [...BASELINE.filter(({ id }) => !replaced.includes(id)), ...strict].flatMap((each) => checkOf(each) ?? []);
}

/** "privileged, hostPort" */
export function reasonsOf(violations: readonly Violation[]): string {
  return violations.map(({ reason }) => reason).join(", ");
}

/** "privileged (container "a" must not …), hostPort (…)" */
export function detailsOf(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => (detail === "" ? reason : `${reason} (${detail})`)).join(", ");
}

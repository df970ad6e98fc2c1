// How a pod is hardened as far as programs usually bear it.

import { seccompProfile } from "./baseline-checks.ts";
import {
  type Check,
  type CheckedContainer,
  type CheckedPod,
  containersOf,
  distinct,
  nameContainers,
  namesWhere,
  plural,
  quote,
  settersOf,
} from "./violation.ts";

/** What Windows does not have cannot be asked of its pods. */
export function notOnWindows(check: Check): Check {
  return (pod) => (pod.spec.os?.name === "windows" ? undefined : check(pod));
}

/** In a user namespace, root of the pod is nobody outside. */
export function notInUserNamespace(check: Check): Check {
  return (pod) => (pod.spec.hostUsers === false ? undefined : check(pod));
}

export const allowPrivilegeEscalation: Check = (pod) => {
  const names = namesWhere(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (names.length === 0) return undefined;
  return {
    reason: "allowPrivilegeEscalation != false",
    detail: `${nameContainers(names)} must set securityContext.allowPrivilegeEscalation=false`,
  };
};

export const droppedCapabilities: Check = (pod) => {
  const capabilitiesOf = ({ securityContext }: CheckedContainer) => securityContext?.capabilities;
  const othersOf = (container: CheckedContainer) =>
    (capabilitiesOf(container)?.add ?? []).filter((capability) => capability !== "NET_BIND_SERVICE");
  const keeping = namesWhere(pod, (container) => !capabilitiesOf(container)?.drop?.includes("ALL"));
  const adding = namesWhere(pod, (container) => othersOf(container).length > 0);
  const details: string[] = [];
  if (keeping.length > 0) details.push(`${nameContainers(keeping)} must set securityContext.capabilities.drop=["ALL"]`);
  if (adding.length > 0) {
    const added = quote(distinct(containersOf(pod).flatMap(othersOf)));
    details.push(`${nameContainers(adding)} must not include ${added} in securityContext.capabilities.add`);
  }
  return details.length === 0 ? undefined : { reason: "unrestricted capabilities", detail: details.join("; ") };
};

const VOLUME_TYPES: ReadonlySet<string> = new Set([
  ...["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected"],
  "secret",
]);

export const restrictedVolumes: Check = ({ spec }) => {
  const bad = (spec.volumes ?? [])
    .map((volume) => ({ name: volume.name, types: Object.keys(volume).filter((field) => field !== "name") }))
    .filter(({ types }) => !types.some((type) => VOLUME_TYPES.has(type)));
  if (bad.length === 0) return undefined;
  const types = distinct(bad.map(({ types: [type = "unknown"] }) => type));
  const verb = bad.length === 1 ? "uses" : "use";
  const names = quote(bad.map(({ name }) => name));
  return {
    reason: "restricted volume types",
    detail: `${plural("volume", bad.length)} ${names} ${verb} ${plural("restricted volume type", types.length)} ${quote(types)}`,
  };
};

export const runAsNonRoot: Check = (pod) => {
  const reason = "runAsNonRoot != true";
  const ofPod = pod.spec.securityContext?.runAsNonRoot;
  const of = ({ securityContext }: CheckedContainer) => securityContext?.runAsNonRoot;
  const setters = settersOf(
    ofPod === false,
    namesWhere(pod, (container) => of(container) === false),
  );
  if (setters !== "") return { reason, detail: `${setters} must not set securityContext.runAsNonRoot=false` };
  const silent = ofPod === true ? [] : namesWhere(pod, (container) => of(container) === undefined);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${nameContainers(silent)} must set securityContext.runAsNonRoot=true` };
};

export const runAsUser: Check = (pod) => {
  const names = namesWhere(pod, ({ securityContext }) => securityContext?.runAsUser === 0);
  const setters = settersOf(pod.spec.securityContext?.runAsUser === 0, names);
  return setters === "" ? undefined : { reason: "runAsUser=0", detail: `${setters} must not set runAsUser=0` };
};

export const requiredSeccompProfile: Check = (pod: CheckedPod) => {
  const bad = seccompProfile(pod);
  if (bad) return bad;
  const isSetByPod = pod.spec.securityContext?.seccompProfile !== undefined;
  const silent = isSetByPod ? [] : namesWhere(pod, ({ securityContext }) => !securityContext?.seccompProfile);
  if (silent.length === 0) return undefined;
  return {
    reason: "seccompProfile",
    detail: `pod or ${nameContainers(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
};

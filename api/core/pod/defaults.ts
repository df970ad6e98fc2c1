import type {
  Container,
  EphemeralContainer,
  Lifecycle,
  Pod,
  PodSpec,
  PodTemplateSpec,
  Probe,
} from "../../generated/types.ts";
import { DEFAULT_GRACE_SECONDS } from "./lifecycle.ts";
import { applyPodResourceDefaults } from "./resource-defaults.ts";
import { defaultPullPolicy } from "./pull-policy.ts";
import { applyVolumeDefaults } from "./volume-defaults.ts";

export function applyPodDefaults(pod: Pod): void {
  // A pod without a spec is refused by validation, with the names of what is missing.
  pod.spec ??= { containers: [] };
  applyPodSpecDefaults(pod.spec);
  // The shortest there is; a negative one was let in once.
  if ((pod.spec.terminationGracePeriodSeconds ?? 0) < 0) pod.spec.terminationGracePeriodSeconds = 1;
  pod.spec.enableServiceLinks ??= true;
  for (const container of containersOf(pod.spec)) {
    applyRequestDefaults(container);
    if (pod.spec.hostNetwork) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
  }
  applyPodResourceDefaults(pod.spec);
}

export function applyPodTemplateDefaults(template: PodTemplateSpec | undefined): void {
  if (!template) return;
  template.spec ??= { containers: [] };
  applyPodSpecDefaults(template.spec);
}

function applyPodSpecDefaults(spec: PodSpec): void {
  spec.dnsPolicy ||= "ClusterFirst";
  spec.restartPolicy ||= "Always";
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= DEFAULT_GRACE_SECONDS;
  spec.schedulerName ||= "default-scheduler";
  // Both names of the one field are always served.
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  for (const container of containersOf(spec)) applyContainerDefaults(container);
  for (const container of spec.ephemeralContainers ?? []) applyContainerDefaults(container);
  for (const volume of spec.volumes ?? []) applyVolumeDefaults(volume);
}

function containersOf(spec: PodSpec): Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
}

function applyContainerDefaults(container: Container | EphemeralContainer): void {
  container.imagePullPolicy ||= defaultPullPolicy(container.image ?? "");
  container.terminationMessagePath ||= "/dev/termination-log";
  container.terminationMessagePolicy ||= "File";
  container.resources ??= {};
  for (const port of container.ports ?? []) port.protocol ||= "TCP";
  for (const variable of container.env ?? []) {
    if (variable.valueFrom?.fieldRef) variable.valueFrom.fieldRef.apiVersion ||= "v1";
    if (variable.valueFrom?.resourceFieldRef) variable.valueFrom.resourceFieldRef.divisor ??= "0";
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe) applyProbeDefaults(probe);
  }
  if (container.lifecycle) applyLifecycleDefaults(container.lifecycle);
}

function applyProbeDefaults(probe: Probe): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  if (probe.httpGet) {
    probe.httpGet.path ||= "/";
    probe.httpGet.scheme ||= "HTTP";
  }
  if (probe.grpc) probe.grpc.service ??= "";
}

function applyLifecycleDefaults(lifecycle: Lifecycle): void {
  for (const handler of [lifecycle.postStart, lifecycle.preStop]) {
    if (!handler?.httpGet) continue;
    handler.httpGet.path ||= "/";
    handler.httpGet.scheme ||= "HTTP";
  }
}

/** What a container may use at most it also asks for, unless it says otherwise. Templates keep what they say. */
function applyRequestDefaults({ resources }: Container): void {
  if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests };
}

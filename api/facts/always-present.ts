// Struct fields that upstream's Go types hold by value: they are in every object, empty while nobody has set them, and JSON
// shows them as {}. Who owns the fields around them depends on it (decision 0141). Nothing but the names is said here.

/** Of nearly every definition that has them. */
const USUAL: readonly string[] = ["metadata", "spec", "status"];

/** Where `status` is a pointer. */
const WITHOUT_STATUS: ReadonlySet<string> = new Set([
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresources",
  "io.k8s.api.resource.v1alpha3.ResourcePoolStatusRequest",
]);

/** Beside the usual ones; the names are separated by spaces. */
const MORE: Readonly<Record<string, string>> = {
  "io.k8s.api.admissionregistration.v1.MutatingWebhook": "clientConfig",
  "io.k8s.api.admissionregistration.v1.ValidatingWebhook": "clientConfig",
  "io.k8s.api.apps.v1.DaemonSetSpec": "template updateStrategy",
  "io.k8s.api.apps.v1.DeploymentSpec": "strategy template",
  "io.k8s.api.apps.v1.ReplicaSetSpec": "template",
  "io.k8s.api.apps.v1.StatefulSetSpec": "template updateStrategy",
  "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec": "scaleTargetRef",
  "io.k8s.api.autoscaling.v2.ContainerResourceMetricSource": "target",
  "io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus": "current",
  "io.k8s.api.autoscaling.v2.ExternalMetricSource": "metric target",
  "io.k8s.api.autoscaling.v2.ExternalMetricStatus": "current metric",
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec": "scaleTargetRef",
  "io.k8s.api.autoscaling.v2.ObjectMetricSource": "describedObject metric target",
  "io.k8s.api.autoscaling.v2.ObjectMetricStatus": "current describedObject metric",
  "io.k8s.api.autoscaling.v2.PodsMetricSource": "metric target",
  "io.k8s.api.autoscaling.v2.PodsMetricStatus": "current metric",
  "io.k8s.api.autoscaling.v2.ResourceMetricSource": "target",
  "io.k8s.api.autoscaling.v2.ResourceMetricStatus": "current",
  "io.k8s.api.batch.v1.CronJobSpec": "jobTemplate",
  "io.k8s.api.batch.v1.JobSpec": "template",
  "io.k8s.api.core.v1.Container": "resources",
  "io.k8s.api.core.v1.ContainerStatus": "lastState state",
  "io.k8s.api.core.v1.EphemeralContainer": "resources",
  "io.k8s.api.core.v1.Event": "involvedObject source",
  "io.k8s.api.core.v1.NodeDaemonEndpoints": "kubeletEndpoint",
  "io.k8s.api.core.v1.NodeStatus": "daemonEndpoints nodeInfo",
  "io.k8s.api.core.v1.PersistentVolumeClaimSpec": "resources",
  "io.k8s.api.core.v1.PodTemplate": "template",
  "io.k8s.api.core.v1.PreferredSchedulingTerm": "preference",
  "io.k8s.api.core.v1.ServiceStatus": "loadBalancer",
  "io.k8s.api.core.v1.WeightedPodAffinityTerm": "podAffinityTerm",
  "io.k8s.api.discovery.v1.Endpoint": "conditions",
  "io.k8s.api.events.v1.Event": "deprecatedSource regarding",
  "io.k8s.api.flowcontrol.v1.FlowSchemaSpec": "priorityLevelConfiguration",
  "io.k8s.api.flowcontrol.v1.LimitedPriorityLevelConfiguration": "limitResponse",
  "io.k8s.api.networking.v1.HTTPIngressPath": "backend",
  "io.k8s.api.networking.v1.IngressServiceBackend": "port",
  "io.k8s.api.networking.v1.IngressStatus": "loadBalancer",
  "io.k8s.api.networking.v1.NetworkPolicySpec": "podSelector",
  "io.k8s.api.rbac.v1.ClusterRoleBinding": "roleRef",
  "io.k8s.api.rbac.v1.RoleBinding": "roleRef",
  "io.k8s.api.resource.v1.AllocationResult": "devices",
  "io.k8s.api.resource.v1.ResourceClaimSpec": "devices",
  "io.k8s.api.resource.v1.ResourceSliceSpec": "pool",
  "io.k8s.api.storage.v1.VolumeAttachmentSpec": "source",
};

/** Names of the fields; some may not be in the definition. */
export function alwaysPresentStructs(definition: string): readonly string[] {
  const usual = WITHOUT_STATUS.has(definition) ? USUAL.slice(0, 2) : USUAL;
  const more = MORE[definition];
  return more === undefined ? usual : [...usual, ...more.split(" ")];
}

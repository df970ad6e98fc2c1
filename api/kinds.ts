// Every kind that the API server serves from its store. A kind is one folder of data; this is the one place that lists them.

import { mutatingAdmissionPolicyBindingKind } from "./admission-registration/mutating-admission-policy-binding/kind.ts";
import { mutatingAdmissionPolicyKind } from "./admission-registration/mutating-admission-policy/kind.ts";
import { mutatingWebhookConfigurationKind } from "./admission-registration/mutating-webhook-configuration/kind.ts";
import { validatingAdmissionPolicyBindingKind } from "./admission-registration/validating-admission-policy-binding/kind.ts";
import { validatingAdmissionPolicyKind } from "./admission-registration/validating-admission-policy/kind.ts";
import { validatingWebhookConfigurationKind } from "./admission-registration/validating-webhook-configuration/kind.ts";
import { apiServiceKind } from "./api-registration/api-service/kind.ts";
import { customResourceDefinitionKind } from "./apiextensions/custom-resource-definition/kind.ts";
import { controllerRevisionKind } from "./apps/controller-revision/kind.ts";
import { daemonSetKind } from "./apps/daemon-set/kind.ts";
import { deploymentKind } from "./apps/deployment/kind.ts";
import { replicaSetKind } from "./apps/replica-set/kind.ts";
import { statefulSetKind } from "./apps/stateful-set/kind.ts";
import { horizontalPodAutoscalerV1Kind } from "./autoscaling/horizontal-pod-autoscaler-v1/kind.ts";
import { horizontalPodAutoscalerKind } from "./autoscaling/horizontal-pod-autoscaler/kind.ts";
import { cronJobKind } from "./batch/cron-job/kind.ts";
import { jobKind } from "./batch/job/kind.ts";
import { certificateSigningRequestKind } from "./certificates/certificate-signing-request/kind.ts";
import { leaseKind } from "./coordination/lease/kind.ts";
import { configMapKind } from "./core/config-map/kind.ts";
import { endpointsKind } from "./core/endpoints/kind.ts";
import { eventKind } from "./core/event/kind.ts";
import { limitRangeKind } from "./core/limit-range/kind.ts";
import { namespaceKind } from "./core/namespace/kind.ts";
import { nodeKind } from "./core/node/kind.ts";
import { persistentVolumeClaimKind } from "./core/persistent-volume-claim/kind.ts";
import { persistentVolumeKind } from "./core/persistent-volume/kind.ts";
import { podTemplateKind } from "./core/pod-template/kind.ts";
import { podKind } from "./core/pod/kind.ts";
import { replicationControllerKind } from "./core/replication-controller/kind.ts";
import { resourceQuotaKind } from "./core/resource-quota/kind.ts";
import { secretKind } from "./core/secret/kind.ts";
import { serviceAccountKind } from "./core/service-account/kind.ts";
import { serviceKind } from "./core/service/kind.ts";
import { endpointSliceKind } from "./discovery/endpoint-slice/kind.ts";
import { eventsEventKind } from "./events/event/kind.ts";
import { flowSchemaKind } from "./flowcontrol/flow-schema/kind.ts";
import { priorityLevelConfigurationKind } from "./flowcontrol/priority-level-configuration/kind.ts";
import { imageDiskKind } from "./imagecontroller/image-disk/kind.ts";
import { imageKind } from "./imagecontroller/image/kind.ts";
import type { KindDefinition } from "./kind.ts";
import { ingressClassKind } from "./networking/ingress-class/kind.ts";
import { ingressKind } from "./networking/ingress/kind.ts";
import { ipAddressKind } from "./networking/ip-address/kind.ts";
import { networkPolicyKind } from "./networking/network-policy/kind.ts";
import { serviceCidrKind } from "./networking/service-cidr/kind.ts";
import { runtimeClassKind } from "./node/runtime-class/kind.ts";
import { podDisruptionBudgetKind } from "./policy/pod-disruption-budget/kind.ts";
import { clusterRoleBindingKind } from "./rbac/cluster-role-binding/kind.ts";
import { clusterRoleKind } from "./rbac/cluster-role/kind.ts";
import { roleBindingKind } from "./rbac/role-binding/kind.ts";
import { roleKind } from "./rbac/role/kind.ts";
import type { KubeObject } from "./resource.ts";
import { deviceClassKind } from "./resource/device-class/kind.ts";
import { resourceClaimTemplateKind } from "./resource/resource-claim-template/kind.ts";
import { resourceClaimKind } from "./resource/resource-claim/kind.ts";
import { resourceSliceKind } from "./resource/resource-slice/kind.ts";
import { priorityClassKind } from "./scheduling/priority-class/kind.ts";
import { csiDriverKind } from "./storage/csi-driver/kind.ts";
import { csiNodeKind } from "./storage/csi-node/kind.ts";
import { csiStorageCapacityKind } from "./storage/csi-storage-capacity/kind.ts";
import { storageClassKind } from "./storage/storage-class/kind.ts";
import { volumeAttachmentKind } from "./storage/volume-attachment/kind.ts";
import { volumeAttributesClassKind } from "./storage/volume-attributes-class/kind.ts";

/**
 * Forgets the object's type. A definition's functions only ever get objects that passed the schema named in the same
 * definition, which is what makes the two casts true.
 */
function anyKind<T extends KubeObject>(definition: KindDefinition<T>): KindDefinition {
  return definition as unknown as KindDefinition;
}

export const kinds: readonly KindDefinition[] = [
  anyKind(configMapKind),
  anyKind(eventKind),
  anyKind(namespaceKind),
  anyKind(nodeKind),
  anyKind(podKind),
  anyKind(secretKind),
  anyKind(serviceAccountKind),
  anyKind(serviceKind),
  anyKind(endpointsKind),
  anyKind(limitRangeKind),
  anyKind(persistentVolumeKind),
  anyKind(persistentVolumeClaimKind),
  anyKind(podTemplateKind),
  anyKind(replicationControllerKind),
  anyKind(resourceQuotaKind),
  anyKind(customResourceDefinitionKind),
  anyKind(mutatingAdmissionPolicyKind),
  anyKind(mutatingAdmissionPolicyBindingKind),
  anyKind(apiServiceKind),
  anyKind(mutatingWebhookConfigurationKind),
  anyKind(validatingAdmissionPolicyKind),
  anyKind(validatingAdmissionPolicyBindingKind),
  anyKind(validatingWebhookConfigurationKind),
  anyKind(deploymentKind),
  anyKind(replicaSetKind),
  anyKind(controllerRevisionKind),
  anyKind(daemonSetKind),
  anyKind(statefulSetKind),
  anyKind(certificateSigningRequestKind),
  anyKind(leaseKind),
  anyKind(clusterRoleKind),
  anyKind(clusterRoleBindingKind),
  anyKind(roleKind),
  anyKind(roleBindingKind),
  anyKind(jobKind),
  anyKind(cronJobKind),
  anyKind(endpointSliceKind),
  anyKind(ingressKind),
  anyKind(ingressClassKind),
  anyKind(networkPolicyKind),
  anyKind(ipAddressKind),
  anyKind(serviceCidrKind),
  anyKind(podDisruptionBudgetKind),
  anyKind(priorityClassKind),
  anyKind(runtimeClassKind),
  anyKind(csiDriverKind),
  anyKind(csiNodeKind),
  anyKind(csiStorageCapacityKind),
  anyKind(storageClassKind),
  anyKind(volumeAttachmentKind),
  anyKind(volumeAttributesClassKind),
  anyKind(horizontalPodAutoscalerKind),
  anyKind(horizontalPodAutoscalerV1Kind),
  anyKind(eventsEventKind),
  anyKind(flowSchemaKind),
  anyKind(priorityLevelConfigurationKind),
  anyKind(deviceClassKind),
  anyKind(resourceClaimKind),
  anyKind(resourceClaimTemplateKind),
  anyKind(resourceSliceKind),
  anyKind(imageKind),
  anyKind(imageDiskKind),
];

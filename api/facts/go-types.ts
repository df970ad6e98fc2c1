// What upstream calls the types of fields that are texts, lists of them, or maps, where the schema cannot tell. Its messages say so.
// Facts of Kubernetes 1.36, printed by `tools/facts/go-types.ts`.

export const GO_TYPES: Readonly<Record<string, string>> = {
  "io.k8s.api.admissionregistration.v1.MatchResources": "matchPolicy=v1.MatchPolicyType",
  "io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicySpec":
    "failurePolicy=v1.FailurePolicyType reinvocationPolicy=v1.ReinvocationPolicyType",
  "io.k8s.api.admissionregistration.v1.MutatingWebhook":
    "failurePolicy=v1.FailurePolicyType matchPolicy=v1.MatchPolicyType sideEffects=v1.SideEffectClass reinvocationPolicy=v1.ReinvocationPolicyType",
  "io.k8s.api.admissionregistration.v1.Mutation": "patchType=v1.PatchType",
  "io.k8s.api.admissionregistration.v1.NamedRuleWithOperations": "operations=[]v1.OperationType scope=v1.ScopeType",
  "io.k8s.api.admissionregistration.v1.ParamRef": "parameterNotFoundAction=v1.ParameterNotFoundActionType",
  "io.k8s.api.admissionregistration.v1.RuleWithOperations": "operations=[]v1.OperationType scope=v1.ScopeType",
  "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec": "validationActions=[]v1.ValidationAction",
  "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec": "failurePolicy=v1.FailurePolicyType",
  "io.k8s.api.admissionregistration.v1.ValidatingWebhook":
    "failurePolicy=v1.FailurePolicyType matchPolicy=v1.MatchPolicyType sideEffects=v1.SideEffectClass",
  "io.k8s.api.admissionregistration.v1.Validation": "reason=v1.StatusReason",
  "io.k8s.api.apps.v1.DaemonSetCondition": "type=v1.DaemonSetConditionType status=v1.ConditionStatus",
  "io.k8s.api.apps.v1.DaemonSetUpdateStrategy": "type=v1.DaemonSetUpdateStrategyType",
  "io.k8s.api.apps.v1.DeploymentCondition": "type=v1.DeploymentConditionType status=v1.ConditionStatus",
  "io.k8s.api.apps.v1.DeploymentStrategy": "type=v1.DeploymentStrategyType",
  "io.k8s.api.apps.v1.ReplicaSetCondition": "type=v1.ReplicaSetConditionType status=v1.ConditionStatus",
  "io.k8s.api.apps.v1.StatefulSetCondition": "type=v1.StatefulSetConditionType status=v1.ConditionStatus",
  "io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy":
    "whenDeleted=v1.PersistentVolumeClaimRetentionPolicyType whenScaled=v1.PersistentVolumeClaimRetentionPolicyType",
  "io.k8s.api.apps.v1.StatefulSetSpec": "podManagementPolicy=v1.PodManagementPolicyType",
  "io.k8s.api.apps.v1.StatefulSetUpdateStrategy": "type=v1.StatefulSetUpdateStrategyType",
  "io.k8s.api.authentication.v1.BoundObjectReference": "uid=types.UID",
  "io.k8s.api.authentication.v1.UserInfo": "extra=map[string]v1.ExtraValue",
  "io.k8s.api.authorization.v1.SubjectAccessReviewSpec": "extra=map[string]v1.ExtraValue",
  "io.k8s.api.autoscaling.v2.ContainerResourceMetricSource": "name=v1.ResourceName",
  "io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus": "name=v1.ResourceName",
  "io.k8s.api.autoscaling.v2.HPAScalingPolicy": "type=v2.HPAScalingPolicyType",
  "io.k8s.api.autoscaling.v2.HPAScalingRules": "selectPolicy=v2.ScalingPolicySelect",
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition":
    "type=v2.HorizontalPodAutoscalerConditionType status=v1.ConditionStatus",
  "io.k8s.api.autoscaling.v2.MetricSpec": "type=v2.MetricSourceType",
  "io.k8s.api.autoscaling.v2.MetricStatus": "type=v2.MetricSourceType",
  "io.k8s.api.autoscaling.v2.MetricTarget": "type=v2.MetricTargetType",
  "io.k8s.api.autoscaling.v2.ResourceMetricSource": "name=v1.ResourceName",
  "io.k8s.api.autoscaling.v2.ResourceMetricStatus": "name=v1.ResourceName",
  "io.k8s.api.batch.v1.CronJobSpec": "concurrencyPolicy=v1.ConcurrencyPolicy",
  "io.k8s.api.batch.v1.JobCondition": "type=v1.JobConditionType status=v1.ConditionStatus",
  "io.k8s.api.batch.v1.JobSpec": "completionMode=v1.CompletionMode podReplacementPolicy=v1.PodReplacementPolicy",
  "io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement": "operator=v1.PodFailurePolicyOnExitCodesOperator",
  "io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern": "type=v1.PodConditionType status=v1.ConditionStatus",
  "io.k8s.api.batch.v1.PodFailurePolicyRule": "action=v1.PodFailurePolicyAction",
  "io.k8s.api.batch.v1.UncountedTerminatedPods": "succeeded=[]types.UID failed=[]types.UID",
  "io.k8s.api.certificates.v1.CertificateSigningRequestCondition":
    "type=v1.RequestConditionType status=v1.ConditionStatus",
  "io.k8s.api.certificates.v1.CertificateSigningRequestSpec": "usages=[]v1.KeyUsage extra=map[string]v1.ExtraValue",
  "io.k8s.api.coordination.v1.LeaseSpec": "strategy=v1.CoordinatedLeaseStrategy",
  "io.k8s.api.core.v1.AppArmorProfile": "type=v1.AppArmorProfileType",
  "io.k8s.api.core.v1.AttachedVolume": "name=v1.UniqueVolumeName",
  "io.k8s.api.core.v1.AzureDiskVolumeSource": "cachingMode=v1.AzureDataDiskCachingMode kind=v1.AzureDataDiskKind",
  "io.k8s.api.core.v1.Capabilities": "add=[]v1.Capability drop=[]v1.Capability",
  "io.k8s.api.core.v1.ComponentCondition": "type=v1.ComponentConditionType status=v1.ConditionStatus",
  "io.k8s.api.core.v1.ConfigMapNodeConfigSource": "uid=types.UID",
  "io.k8s.api.core.v1.Container":
    "restartPolicy=v1.ContainerRestartPolicy terminationMessagePolicy=v1.TerminationMessagePolicy imagePullPolicy=v1.PullPolicy",
  "io.k8s.api.core.v1.ContainerPort": "protocol=v1.Protocol",
  "io.k8s.api.core.v1.ContainerResizePolicy":
    "resourceName=v1.ResourceName restartPolicy=v1.ResourceResizeRestartPolicy",
  "io.k8s.api.core.v1.ContainerRestartRule": "action=v1.ContainerRestartRuleAction",
  "io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes": "operator=v1.ContainerRestartRuleOnExitCodesOperator",
  "io.k8s.api.core.v1.ContainerStatus": "allocatedResources=v1.ResourceList stopSignal=v1.Signal",
  "io.k8s.api.core.v1.EmptyDirVolumeSource": "medium=v1.StorageMedium",
  "io.k8s.api.core.v1.EndpointPort": "protocol=v1.Protocol",
  "io.k8s.api.core.v1.EphemeralContainer":
    "restartPolicy=v1.ContainerRestartPolicy terminationMessagePolicy=v1.TerminationMessagePolicy imagePullPolicy=v1.PullPolicy",
  "io.k8s.api.core.v1.HTTPGetAction": "scheme=v1.URIScheme",
  "io.k8s.api.core.v1.HostPathVolumeSource": "type=v1.HostPathType",
  "io.k8s.api.core.v1.ImageVolumeSource": "pullPolicy=v1.PullPolicy",
  "io.k8s.api.core.v1.Lifecycle": "stopSignal=v1.Signal",
  "io.k8s.api.core.v1.LimitRangeItem":
    "type=v1.LimitType max=v1.ResourceList min=v1.ResourceList default=v1.ResourceList defaultRequest=v1.ResourceList maxLimitRequestRatio=v1.ResourceList",
  "io.k8s.api.core.v1.LoadBalancerIngress": "ipMode=v1.LoadBalancerIPMode",
  "io.k8s.api.core.v1.ModifyVolumeStatus": "status=v1.PersistentVolumeClaimModifyVolumeStatus",
  "io.k8s.api.core.v1.NamespaceCondition": "type=v1.NamespaceConditionType status=v1.ConditionStatus",
  "io.k8s.api.core.v1.NamespaceSpec": "finalizers=[]v1.FinalizerName",
  "io.k8s.api.core.v1.NamespaceStatus": "phase=v1.NamespacePhase",
  "io.k8s.api.core.v1.NodeAddress": "type=v1.NodeAddressType",
  "io.k8s.api.core.v1.NodeCondition": "type=v1.NodeConditionType status=v1.ConditionStatus",
  "io.k8s.api.core.v1.NodeSelectorRequirement": "operator=v1.NodeSelectorOperator",
  "io.k8s.api.core.v1.NodeStatus":
    "capacity=v1.ResourceList allocatable=v1.ResourceList phase=v1.NodePhase volumesInUse=[]v1.UniqueVolumeName",
  "io.k8s.api.core.v1.ObjectReference": "uid=types.UID",
  "io.k8s.api.core.v1.PersistentVolumeClaimCondition":
    "type=v1.PersistentVolumeClaimConditionType status=v1.ConditionStatus",
  "io.k8s.api.core.v1.PersistentVolumeClaimSpec":
    "accessModes=[]v1.PersistentVolumeAccessMode volumeMode=v1.PersistentVolumeMode",
  "io.k8s.api.core.v1.PersistentVolumeClaimStatus":
    "phase=v1.PersistentVolumeClaimPhase accessModes=[]v1.PersistentVolumeAccessMode capacity=v1.ResourceList allocatedResources=v1.ResourceList",
  "io.k8s.api.core.v1.PersistentVolumeSpec":
    "capacity=v1.ResourceList accessModes=[]v1.PersistentVolumeAccessMode persistentVolumeReclaimPolicy=v1.PersistentVolumeReclaimPolicy volumeMode=v1.PersistentVolumeMode",
  "io.k8s.api.core.v1.PersistentVolumeStatus": "phase=v1.PersistentVolumePhase",
  "io.k8s.api.core.v1.PodCondition": "type=v1.PodConditionType status=v1.ConditionStatus",
  "io.k8s.api.core.v1.PodOS": "name=v1.OSName",
  "io.k8s.api.core.v1.PodReadinessGate": "conditionType=v1.PodConditionType",
  "io.k8s.api.core.v1.PodSecurityContext":
    "supplementalGroupsPolicy=v1.SupplementalGroupsPolicy fsGroupChangePolicy=v1.PodFSGroupChangePolicy seLinuxChangePolicy=v1.PodSELinuxChangePolicy",
  "io.k8s.api.core.v1.PodSpec":
    "restartPolicy=v1.RestartPolicy dnsPolicy=v1.DNSPolicy preemptionPolicy=v1.PreemptionPolicy overhead=v1.ResourceList",
  "io.k8s.api.core.v1.PodStatus":
    "phase=v1.PodPhase qosClass=v1.PodQOSClass resize=v1.PodResizeStatus allocatedResources=v1.ResourceList",
  "io.k8s.api.core.v1.PortStatus": "protocol=v1.Protocol",
  "io.k8s.api.core.v1.ReplicationControllerCondition":
    "type=v1.ReplicationControllerConditionType status=v1.ConditionStatus",
  "io.k8s.api.core.v1.ResourceHealth": "resourceID=v1.ResourceID health=v1.ResourceHealthStatus",
  "io.k8s.api.core.v1.ResourceQuotaSpec": "hard=v1.ResourceList scopes=[]v1.ResourceQuotaScope",
  "io.k8s.api.core.v1.ResourceQuotaStatus": "hard=v1.ResourceList used=v1.ResourceList",
  "io.k8s.api.core.v1.ResourceRequirements": "limits=v1.ResourceList requests=v1.ResourceList",
  "io.k8s.api.core.v1.ResourceStatus": "name=v1.ResourceName",
  "io.k8s.api.core.v1.ScopedResourceSelectorRequirement":
    "scopeName=v1.ResourceQuotaScope operator=v1.ScopeSelectorOperator",
  "io.k8s.api.core.v1.SeccompProfile": "type=v1.SeccompProfileType",
  "io.k8s.api.core.v1.Secret": "type=v1.SecretType",
  "io.k8s.api.core.v1.SecurityContext": "procMount=v1.ProcMountType",
  "io.k8s.api.core.v1.ServicePort": "protocol=v1.Protocol",
  "io.k8s.api.core.v1.ServiceSpec":
    "type=v1.ServiceType sessionAffinity=v1.ServiceAffinity externalTrafficPolicy=v1.ServiceExternalTrafficPolicy ipFamilies=[]v1.IPFamily ipFamilyPolicy=v1.IPFamilyPolicy internalTrafficPolicy=v1.ServiceInternalTrafficPolicy",
  "io.k8s.api.core.v1.Taint": "effect=v1.TaintEffect",
  "io.k8s.api.core.v1.Toleration": "operator=v1.TolerationOperator effect=v1.TaintEffect",
  "io.k8s.api.core.v1.TopologySpreadConstraint":
    "whenUnsatisfiable=v1.UnsatisfiableConstraintAction nodeAffinityPolicy=v1.NodeInclusionPolicy nodeTaintsPolicy=v1.NodeInclusionPolicy",
  "io.k8s.api.core.v1.VolumeMount":
    "recursiveReadOnly=v1.RecursiveReadOnlyMode mountPropagation=v1.MountPropagationMode",
  "io.k8s.api.core.v1.VolumeMountStatus": "recursiveReadOnly=v1.RecursiveReadOnlyMode",
  "io.k8s.api.core.v1.VolumeResourceRequirements": "limits=v1.ResourceList requests=v1.ResourceList",
  "io.k8s.api.discovery.v1.EndpointPort": "protocol=v1.Protocol",
  "io.k8s.api.discovery.v1.EndpointSlice": "addressType=v1.AddressType",
  "io.k8s.api.flowcontrol.v1.FlowDistinguisherMethod": "type=v1.FlowDistinguisherMethodType",
  "io.k8s.api.flowcontrol.v1.FlowSchemaCondition": "type=v1.FlowSchemaConditionType status=v1.ConditionStatus",
  "io.k8s.api.flowcontrol.v1.LimitResponse": "type=v1.LimitResponseType",
  "io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationCondition":
    "type=v1.PriorityLevelConfigurationConditionType status=v1.ConditionStatus",
  "io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec": "type=v1.PriorityLevelEnablement",
  "io.k8s.api.flowcontrol.v1.Subject": "kind=v1.SubjectKind",
  "io.k8s.api.networking.v1.HTTPIngressPath": "pathType=v1.PathType",
  "io.k8s.api.networking.v1.IngressPortStatus": "protocol=v1.Protocol",
  "io.k8s.api.networking.v1.NetworkPolicyPort": "protocol=v1.Protocol",
  "io.k8s.api.networking.v1.NetworkPolicySpec": "policyTypes=[]v1.PolicyType",
  "io.k8s.api.node.v1.Overhead": "podFixed=v1.ResourceList",
  "io.k8s.api.policy.v1.PodDisruptionBudgetSpec": "unhealthyPodEvictionPolicy=v1.UnhealthyPodEvictionPolicyType",
  "io.k8s.api.policy.v1.PodDisruptionBudgetStatus": "disruptedPods=map[string]v1.Time",
  "io.k8s.api.resource.v1.DeviceAllocationConfiguration": "source=v1.AllocationConfigSource",
  "io.k8s.api.resource.v1.DeviceConstraint":
    "matchAttribute=v1.FullyQualifiedName distinctAttribute=v1.FullyQualifiedName",
  "io.k8s.api.resource.v1.DeviceRequestAllocationResult": "shareID=types.UID",
  "io.k8s.api.resource.v1.DeviceSubRequest": "allocationMode=v1.DeviceAllocationMode",
  "io.k8s.api.resource.v1.DeviceTaint": "effect=v1.DeviceTaintEffect",
  "io.k8s.api.resource.v1.DeviceToleration": "operator=v1.DeviceTolerationOperator effect=v1.DeviceTaintEffect",
  "io.k8s.api.resource.v1.ExactDeviceRequest": "allocationMode=v1.DeviceAllocationMode",
  "io.k8s.api.resource.v1.NodeAllocatableResourceMapping": "capacityKey=v1.QualifiedName",
  "io.k8s.api.resource.v1.ResourceClaimConsumerReference": "uid=types.UID",
  "io.k8s.api.scheduling.v1.PriorityClass": "preemptionPolicy=v1.PreemptionPolicy",
  "io.k8s.api.storage.v1.CSIDriverSpec": "volumeLifecycleModes=[]v1.VolumeLifecycleMode fsGroupPolicy=v1.FSGroupPolicy",
  "io.k8s.api.storage.v1.StorageClass":
    "reclaimPolicy=v1.PersistentVolumeReclaimPolicy volumeBindingMode=v1.VolumeBindingMode",
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion":
    "strategy=v1.ConversionStrategyType",
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionCondition":
    "type=v1.CustomResourceDefinitionConditionType status=v1.ConditionStatus",
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec": "scope=v1.ResourceScope",
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps":
    "$schema=v1.JSONSchemaURL dependencies=v1.JSONSchemaDependencies definitions=v1.JSONSchemaDefinitions",
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ValidationRule": "reason=v1.FieldValueErrorReason",
  "io.k8s.apimachinery.pkg.apis.meta.v1.APIResource": "verbs=v1.Verbs",
  "io.k8s.apimachinery.pkg.apis.meta.v1.Condition": "status=v1.ConditionStatus",
  "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions": "propagationPolicy=v1.DeletionPropagation",
  "io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement": "operator=v1.FieldSelectorOperator",
  "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement": "operator=v1.LabelSelectorOperator",
  "io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry": "operation=v1.ManagedFieldsOperationType",
  "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": "uid=types.UID",
  "io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference": "uid=types.UID",
  "io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions": "uid=types.UID",
  "io.k8s.apimachinery.pkg.apis.meta.v1.Status": "reason=v1.StatusReason",
  "io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause": "reason=v1.CauseType",
  "io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails": "uid=types.UID",
  "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition":
    "type=v1.APIServiceConditionType status=v1.ConditionStatus",
};

/** Fields that stand in a struct within their definition's struct, whose name is said where one of them is not fit. */
export const GO_EMBEDDED: Readonly<Record<string, string>> = {
  "io.k8s.api.admissionregistration.v1.NamedRuleWithOperations":
    "operations=RuleWithOperations apiGroups=RuleWithOperations.Rule apiVersions=RuleWithOperations.Rule resources=RuleWithOperations.Rule scope=RuleWithOperations.Rule",
  "io.k8s.api.admissionregistration.v1.RuleWithOperations": "apiGroups=Rule apiVersions=Rule resources=Rule scope=Rule",
  "io.k8s.api.core.v1.ConfigMapEnvSource": "name=LocalObjectReference",
  "io.k8s.api.core.v1.ConfigMapKeySelector": "name=LocalObjectReference",
  "io.k8s.api.core.v1.ConfigMapProjection": "name=LocalObjectReference",
  "io.k8s.api.core.v1.ConfigMapVolumeSource": "name=LocalObjectReference",
  "io.k8s.api.core.v1.EphemeralContainer":
    "name=EphemeralContainerCommon image=EphemeralContainerCommon command=EphemeralContainerCommon args=EphemeralContainerCommon workingDir=EphemeralContainerCommon ports=EphemeralContainerCommon envFrom=EphemeralContainerCommon env=EphemeralContainerCommon resources=EphemeralContainerCommon resizePolicy=EphemeralContainerCommon restartPolicy=EphemeralContainerCommon restartPolicyRules=EphemeralContainerCommon volumeMounts=EphemeralContainerCommon volumeDevices=EphemeralContainerCommon livenessProbe=EphemeralContainerCommon readinessProbe=EphemeralContainerCommon startupProbe=EphemeralContainerCommon lifecycle=EphemeralContainerCommon terminationMessagePath=EphemeralContainerCommon terminationMessagePolicy=EphemeralContainerCommon imagePullPolicy=EphemeralContainerCommon securityContext=EphemeralContainerCommon stdin=EphemeralContainerCommon stdinOnce=EphemeralContainerCommon tty=EphemeralContainerCommon",
  "io.k8s.api.core.v1.PersistentVolumeSpec":
    "gcePersistentDisk=PersistentVolumeSource awsElasticBlockStore=PersistentVolumeSource hostPath=PersistentVolumeSource glusterfs=PersistentVolumeSource nfs=PersistentVolumeSource rbd=PersistentVolumeSource iscsi=PersistentVolumeSource cinder=PersistentVolumeSource cephfs=PersistentVolumeSource fc=PersistentVolumeSource flocker=PersistentVolumeSource flexVolume=PersistentVolumeSource azureFile=PersistentVolumeSource vsphereVolume=PersistentVolumeSource quobyte=PersistentVolumeSource azureDisk=PersistentVolumeSource photonPersistentDisk=PersistentVolumeSource portworxVolume=PersistentVolumeSource scaleIO=PersistentVolumeSource local=PersistentVolumeSource storageos=PersistentVolumeSource csi=PersistentVolumeSource",
  "io.k8s.api.core.v1.Probe": "exec=ProbeHandler httpGet=ProbeHandler tcpSocket=ProbeHandler grpc=ProbeHandler",
  "io.k8s.api.core.v1.SecretEnvSource": "name=LocalObjectReference",
  "io.k8s.api.core.v1.SecretKeySelector": "name=LocalObjectReference",
  "io.k8s.api.core.v1.SecretProjection": "name=LocalObjectReference",
  "io.k8s.api.core.v1.Volume":
    "hostPath=VolumeSource emptyDir=VolumeSource gcePersistentDisk=VolumeSource awsElasticBlockStore=VolumeSource gitRepo=VolumeSource secret=VolumeSource nfs=VolumeSource iscsi=VolumeSource glusterfs=VolumeSource persistentVolumeClaim=VolumeSource rbd=VolumeSource flexVolume=VolumeSource cinder=VolumeSource cephfs=VolumeSource flocker=VolumeSource downwardAPI=VolumeSource fc=VolumeSource azureFile=VolumeSource configMap=VolumeSource vsphereVolume=VolumeSource quobyte=VolumeSource azureDisk=VolumeSource photonPersistentDisk=VolumeSource projected=VolumeSource portworxVolume=VolumeSource scaleIO=VolumeSource storageos=VolumeSource csi=VolumeSource ephemeral=VolumeSource image=VolumeSource",
  "io.k8s.api.networking.v1.IngressRule": "http=IngressRuleValue",
  "io.k8s.api.resource.v1.DeviceAllocationConfiguration": "opaque=DeviceConfiguration",
  "io.k8s.api.resource.v1.DeviceClaimConfiguration": "opaque=DeviceConfiguration",
  "io.k8s.api.resource.v1.DeviceClassConfiguration": "opaque=DeviceConfiguration",
  "io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup": "kind=TypeMeta apiVersion=TypeMeta",
  "io.k8s.apimachinery.pkg.apis.meta.v1.APIGroupList": "kind=TypeMeta apiVersion=TypeMeta",
  "io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList": "kind=TypeMeta apiVersion=TypeMeta",
  "io.k8s.apimachinery.pkg.apis.meta.v1.APIVersions": "kind=TypeMeta apiVersion=TypeMeta",
  "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions": "kind=TypeMeta apiVersion=TypeMeta",
  "io.k8s.apimachinery.pkg.apis.meta.v1.Status": "kind=TypeMeta apiVersion=TypeMeta",
};

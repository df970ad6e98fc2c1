// How upstream's errors write a struct as JSON: not as the API does, but by the names that its server has for the fields, all
// of them and in this order. A name is followed by the one in the API where that is another, and by its zero; a question
// mark stands for a field that is left out while it is empty, and three dots for metadata, whose fields stand among the
// others. Facts of Kubernetes 1.36, printed by `tools/facts/go-names.ts`.

export const GO_NAMES: Readonly<Record<string, string>> = {
  "io.k8s.api.admissionregistration.v1.ApplyConfiguration": 'Expression=expression:""',
  "io.k8s.api.admissionregistration.v1.AuditAnnotation": 'Key=key:"" ValueExpression=valueExpression:""',
  "io.k8s.api.admissionregistration.v1.ExpressionWarning": 'FieldRef=fieldRef:"" Warning=warning:""',
  "io.k8s.api.admissionregistration.v1.JSONPatch": 'Expression=expression:""',
  "io.k8s.api.admissionregistration.v1.MatchCondition": 'Name=name:"" Expression=expression:""',
  "io.k8s.api.admissionregistration.v1.MatchResources":
    "NamespaceSelector=namespaceSelector:null ObjectSelector=objectSelector:null ResourceRules=resourceRules:null ExcludeResourceRules=excludeResourceRules:null MatchPolicy=matchPolicy:null",
  "io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBindingSpec":
    'PolicyName=policyName:"" ParamRef=paramRef:null MatchResources=matchResources:null',
  "io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicySpec":
    'ParamKind=paramKind:null MatchConstraints=matchConstraints:null Variables=variables:null Mutations=mutations:null FailurePolicy=failurePolicy:null MatchConditions=matchConditions:null ReinvocationPolicy=reinvocationPolicy:""',
  "io.k8s.api.admissionregistration.v1.MutatingWebhook":
    'Name=name:"" ClientConfig=clientConfig:{} Rules=rules:null FailurePolicy=failurePolicy:null MatchPolicy=matchPolicy:null NamespaceSelector=namespaceSelector:null ObjectSelector=objectSelector:null SideEffects=sideEffects:null TimeoutSeconds=timeoutSeconds:null AdmissionReviewVersions=admissionReviewVersions:null ReinvocationPolicy=reinvocationPolicy:null MatchConditions=matchConditions:null',
  "io.k8s.api.admissionregistration.v1.Mutation":
    'PatchType=patchType:"" ApplyConfiguration=applyConfiguration:null JSONPatch=jsonPatch:null',
  "io.k8s.api.admissionregistration.v1.NamedRuleWithOperations":
    "ResourceNames=resourceNames:null RuleWithOperations=ruleWithOperations:{}",
  "io.k8s.api.admissionregistration.v1.ParamKind": 'APIVersion=apiVersion:"" Kind=kind:""',
  "io.k8s.api.admissionregistration.v1.ParamRef":
    'Name=name:"" Namespace=namespace:"" Selector=selector:null ParameterNotFoundAction=parameterNotFoundAction:null',
  "io.k8s.api.admissionregistration.v1.RuleWithOperations":
    "Operations=operations:null APIGroups=apiGroups:null APIVersions=apiVersions:null Resources=resources:null Scope=scope:null",
  "io.k8s.api.admissionregistration.v1.ServiceReference":
    'Namespace=namespace:"" Name=name:"" Path=path:null Port=port:0',
  "io.k8s.api.admissionregistration.v1.TypeChecking": "ExpressionWarnings=expressionWarnings:null",
  "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec":
    'PolicyName=policyName:"" ParamRef=paramRef:null MatchResources=matchResources:null ValidationActions=validationActions:null',
  "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec":
    "ParamKind=paramKind:null MatchConstraints=matchConstraints:null Validations=validations:null MatchConditions=matchConditions:null FailurePolicy=failurePolicy:null AuditAnnotations=auditAnnotations:null Variables=variables:null",
  "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyStatus":
    "ObservedGeneration=observedGeneration:0 TypeChecking=typeChecking:null Conditions=conditions:null",
  "io.k8s.api.admissionregistration.v1.ValidatingWebhook":
    'Name=name:"" ClientConfig=clientConfig:{} Rules=rules:null FailurePolicy=failurePolicy:null MatchPolicy=matchPolicy:null NamespaceSelector=namespaceSelector:null ObjectSelector=objectSelector:null SideEffects=sideEffects:null TimeoutSeconds=timeoutSeconds:null AdmissionReviewVersions=admissionReviewVersions:null MatchConditions=matchConditions:null',
  "io.k8s.api.admissionregistration.v1.Validation":
    'Expression=expression:"" Message=message:"" Reason=reason:null MessageExpression=messageExpression:""',
  "io.k8s.api.admissionregistration.v1.Variable": 'Name=name:"" Expression=expression:""',
  "io.k8s.api.admissionregistration.v1.WebhookClientConfig": "URL=url:null Service=service:null CABundle=caBundle:null",
  "io.k8s.api.admissionregistration.v1alpha1.ApplyConfiguration": 'Expression=expression:""',
  "io.k8s.api.admissionregistration.v1alpha1.JSONPatch": 'Expression=expression:""',
  "io.k8s.api.admissionregistration.v1alpha1.MatchResources":
    "NamespaceSelector=namespaceSelector:null ObjectSelector=objectSelector:null ResourceRules=resourceRules:null ExcludeResourceRules=excludeResourceRules:null MatchPolicy=matchPolicy:null",
  "io.k8s.api.admissionregistration.v1alpha1.MutatingAdmissionPolicyBindingSpec":
    'PolicyName=policyName:"" ParamRef=paramRef:null MatchResources=matchResources:null',
  "io.k8s.api.admissionregistration.v1alpha1.MutatingAdmissionPolicySpec":
    'ParamKind=paramKind:null MatchConstraints=matchConstraints:null Variables=variables:null Mutations=mutations:null FailurePolicy=failurePolicy:null MatchConditions=matchConditions:null ReinvocationPolicy=reinvocationPolicy:""',
  "io.k8s.api.admissionregistration.v1alpha1.Mutation":
    'PatchType=patchType:"" ApplyConfiguration=applyConfiguration:null JSONPatch=jsonPatch:null',
  "io.k8s.api.admissionregistration.v1alpha1.NamedRuleWithOperations":
    "ResourceNames=resourceNames:null RuleWithOperations=ruleWithOperations:{}",
  "io.k8s.api.admissionregistration.v1alpha1.ParamKind": 'APIVersion=apiVersion:"" Kind=kind:""',
  "io.k8s.api.admissionregistration.v1alpha1.ParamRef":
    'Name=name:"" Namespace=namespace:"" Selector=selector:null ParameterNotFoundAction=parameterNotFoundAction:null',
  "io.k8s.api.admissionregistration.v1alpha1.Variable": 'Name=name:"" Expression=expression:""',
  "io.k8s.api.admissionregistration.v1beta1.ApplyConfiguration": 'Expression=expression:""',
  "io.k8s.api.admissionregistration.v1beta1.JSONPatch": 'Expression=expression:""',
  "io.k8s.api.admissionregistration.v1beta1.MatchCondition": 'Name=name:"" Expression=expression:""',
  "io.k8s.api.admissionregistration.v1beta1.MatchResources":
    "NamespaceSelector=namespaceSelector:null ObjectSelector=objectSelector:null ResourceRules=resourceRules:null ExcludeResourceRules=excludeResourceRules:null MatchPolicy=matchPolicy:null",
  "io.k8s.api.admissionregistration.v1beta1.MutatingAdmissionPolicyBindingSpec":
    'PolicyName=policyName:"" ParamRef=paramRef:null MatchResources=matchResources:null',
  "io.k8s.api.admissionregistration.v1beta1.MutatingAdmissionPolicySpec":
    'ParamKind=paramKind:null MatchConstraints=matchConstraints:null Variables=variables:null Mutations=mutations:null FailurePolicy=failurePolicy:null MatchConditions=matchConditions:null ReinvocationPolicy=reinvocationPolicy:""',
  "io.k8s.api.admissionregistration.v1beta1.Mutation":
    'PatchType=patchType:"" ApplyConfiguration=applyConfiguration:null JSONPatch=jsonPatch:null',
  "io.k8s.api.admissionregistration.v1beta1.NamedRuleWithOperations":
    "ResourceNames=resourceNames:null RuleWithOperations=ruleWithOperations:{}",
  "io.k8s.api.admissionregistration.v1beta1.ParamKind": 'APIVersion=apiVersion:"" Kind=kind:""',
  "io.k8s.api.admissionregistration.v1beta1.ParamRef":
    'Name=name:"" Namespace=namespace:"" Selector=selector:null ParameterNotFoundAction=parameterNotFoundAction:null',
  "io.k8s.api.admissionregistration.v1beta1.Variable": 'Name=name:"" Expression=expression:""',
  "io.k8s.api.apiserverinternal.v1alpha1.ServerStorageVersion":
    'APIServerID=apiServerID:"" EncodingVersion=encodingVersion:"" DecodableVersions=decodableVersions:null ServedVersions=servedVersions:null',
  "io.k8s.api.apiserverinternal.v1alpha1.StorageVersionCondition":
    'Type=type:"" Status=status:"" ObservedGeneration=observedGeneration:0 LastTransitionTime=lastTransitionTime:null Reason=reason:"" Message=message:""',
  "io.k8s.api.apiserverinternal.v1alpha1.StorageVersionStatus":
    "StorageVersions=storageVersions:null CommonEncodingVersion=commonEncodingVersion:null Conditions=conditions:null",
  "io.k8s.api.apps.v1.DaemonSetCondition":
    'Type=type:"" Status=status:"" LastTransitionTime=lastTransitionTime:null Reason=reason:"" Message=message:""',
  "io.k8s.api.apps.v1.DaemonSetSpec":
    "Selector=selector:null Template=template:{} UpdateStrategy=updateStrategy:{} MinReadySeconds=minReadySeconds:0 TemplateGeneration=templateGeneration:0 RevisionHistoryLimit=revisionHistoryLimit:null",
  "io.k8s.api.apps.v1.DaemonSetStatus":
    "CurrentNumberScheduled=currentNumberScheduled:0 NumberMisscheduled=numberMisscheduled:0 DesiredNumberScheduled=desiredNumberScheduled:0 NumberReady=numberReady:0 ObservedGeneration=observedGeneration:0 UpdatedNumberScheduled=updatedNumberScheduled:0 NumberAvailable=numberAvailable:0 NumberUnavailable=numberUnavailable:0 CollisionCount=collisionCount:null Conditions=conditions:null",
  "io.k8s.api.apps.v1.DaemonSetUpdateStrategy": 'Type=type:"" RollingUpdate=rollingUpdate:null',
  "io.k8s.api.apps.v1.DeploymentCondition":
    'Type=type:"" Status=status:"" LastUpdateTime=lastUpdateTime:null LastTransitionTime=lastTransitionTime:null Reason=reason:"" Message=message:""',
  "io.k8s.api.apps.v1.DeploymentSpec":
    "Replicas=replicas:0 Selector=selector:null Template=template:{} Strategy=strategy:{} MinReadySeconds=minReadySeconds:0 RevisionHistoryLimit=revisionHistoryLimit:null Paused=paused:false RollbackTo=rollbackTo:null ProgressDeadlineSeconds=progressDeadlineSeconds:null",
  "io.k8s.api.apps.v1.DeploymentStatus":
    "ObservedGeneration=observedGeneration:0 Replicas=replicas:0 UpdatedReplicas=updatedReplicas:0 ReadyReplicas=readyReplicas:0 AvailableReplicas=availableReplicas:0 UnavailableReplicas=unavailableReplicas:0 TerminatingReplicas=terminatingReplicas:null Conditions=conditions:null CollisionCount=collisionCount:null",
  "io.k8s.api.apps.v1.DeploymentStrategy": 'Type=type:"" RollingUpdate=rollingUpdate:null',
  "io.k8s.api.apps.v1.ReplicaSetCondition":
    'Type=type:"" Status=status:"" LastTransitionTime=lastTransitionTime:null Reason=reason:"" Message=message:""',
  "io.k8s.api.apps.v1.ReplicaSetSpec":
    "Replicas=replicas:0 MinReadySeconds=minReadySeconds:0 Selector=selector:null Template=template:{}",
  "io.k8s.api.apps.v1.ReplicaSetStatus":
    "Replicas=replicas:0 FullyLabeledReplicas=fullyLabeledReplicas:0 ReadyReplicas=readyReplicas:0 AvailableReplicas=availableReplicas:0 TerminatingReplicas=terminatingReplicas:null ObservedGeneration=observedGeneration:0 Conditions=conditions:null",
  "io.k8s.api.apps.v1.RollingUpdateDaemonSet": "MaxUnavailable=maxUnavailable:0 MaxSurge=maxSurge:0",
  "io.k8s.api.apps.v1.RollingUpdateDeployment": "MaxUnavailable=maxUnavailable:0 MaxSurge=maxSurge:0",
  "io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy": "Partition=partition:0 MaxUnavailable=maxUnavailable:null",
  "io.k8s.api.apps.v1.StatefulSetCondition":
    'Type=type:"" Status=status:"" LastTransitionTime=lastTransitionTime:null Reason=reason:"" Message=message:""',
  "io.k8s.api.apps.v1.StatefulSetOrdinals": "Start=start:0",
  "io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy":
    'WhenDeleted=whenDeleted:"" WhenScaled=whenScaled:""',
  "io.k8s.api.apps.v1.StatefulSetSpec":
    'Replicas=replicas:0 Selector=selector:null Template=template:{} VolumeClaimTemplates=volumeClaimTemplates:null ServiceName=serviceName:"" PodManagementPolicy=podManagementPolicy:"" UpdateStrategy=updateStrategy:{} RevisionHistoryLimit=revisionHistoryLimit:null MinReadySeconds=minReadySeconds:0 PersistentVolumeClaimRetentionPolicy=persistentVolumeClaimRetentionPolicy:null Ordinals=ordinals:null',
  "io.k8s.api.apps.v1.StatefulSetStatus":
    'ObservedGeneration=observedGeneration:null Replicas=replicas:0 ReadyReplicas=readyReplicas:0 CurrentReplicas=currentReplicas:0 UpdatedReplicas=updatedReplicas:0 CurrentRevision=currentRevision:"" UpdateRevision=updateRevision:"" CollisionCount=collisionCount:null Conditions=conditions:null AvailableReplicas=availableReplicas:0',
  "io.k8s.api.apps.v1.StatefulSetUpdateStrategy": 'Type=type:"" RollingUpdate=rollingUpdate:null',
  "io.k8s.api.authentication.v1.BoundObjectReference": 'Kind=kind:"" APIVersion=apiVersion:"" Name=name:"" UID=uid:""',
  "io.k8s.api.authentication.v1.SelfSubjectReviewStatus": "UserInfo=userInfo:{}",
  "io.k8s.api.authentication.v1.TokenRequestSpec":
    "Audiences=audiences:null ExpirationSeconds=expirationSeconds:0 BoundObjectRef=boundObjectRef:null",
  "io.k8s.api.authentication.v1.TokenRequestStatus": 'Token=token:"" ExpirationTimestamp=expirationTimestamp:null',
  "io.k8s.api.authentication.v1.TokenReviewSpec": 'Token=token:"" Audiences=audiences:null',
  "io.k8s.api.authentication.v1.TokenReviewStatus":
    'Authenticated=authenticated:false User=user:{} Audiences=audiences:null Error=error:""',
  "io.k8s.api.authentication.v1.UserInfo": 'Username=username:"" UID=uid:"" Groups=groups:null Extra=extra:null',
  "io.k8s.api.authorization.v1.FieldSelectorAttributes": 'RawSelector=rawSelector:"" Requirements=requirements:null',
  "io.k8s.api.authorization.v1.LabelSelectorAttributes": 'RawSelector=rawSelector:"" Requirements=requirements:null',
  "io.k8s.api.authorization.v1.NonResourceAttributes": 'Path=path:"" Verb=verb:""',
  "io.k8s.api.authorization.v1.NonResourceRule": "Verbs=verbs:null NonResourceURLs=nonResourceURLs:null",
  "io.k8s.api.authorization.v1.ResourceAttributes":
    'Namespace=namespace:"" Verb=verb:"" Group=group:"" Version=version:"" Resource=resource:"" Subresource=subresource:"" Name=name:"" FieldSelector=fieldSelector:null LabelSelector=labelSelector:null',
  "io.k8s.api.authorization.v1.ResourceRule":
    "Verbs=verbs:null APIGroups=apiGroups:null Resources=resources:null ResourceNames=resourceNames:null",
  "io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec":
    "ResourceAttributes=resourceAttributes:null NonResourceAttributes=nonResourceAttributes:null",
  "io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec": 'Namespace=namespace:""',
  "io.k8s.api.authorization.v1.SubjectAccessReviewSpec":
    'ResourceAttributes=resourceAttributes:null NonResourceAttributes=nonResourceAttributes:null User=user:"" Groups=groups:null Extra=extra:null UID=uid:""',
  "io.k8s.api.authorization.v1.SubjectAccessReviewStatus":
    'Allowed=allowed:false Denied=denied:false Reason=reason:"" EvaluationError=evaluationError:""',
  "io.k8s.api.authorization.v1.SubjectRulesReviewStatus":
    'ResourceRules=resourceRules:null NonResourceRules=nonResourceRules:null Incomplete=incomplete:false EvaluationError=evaluationError:""',
  "io.k8s.api.autoscaling.v1.CrossVersionObjectReference": 'Kind=kind:"" Name=name:"" APIVersion=apiVersion:""',
  "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec":
    "ScaleTargetRef=scaleTargetRef:{} MinReplicas=minReplicas:null MaxReplicas=maxReplicas:0 Metrics=metrics:null Behavior=behavior:null",
  "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus":
    "ObservedGeneration=observedGeneration:null LastScaleTime=lastScaleTime:null CurrentReplicas=currentReplicas:0 DesiredReplicas=desiredReplicas:0 CurrentMetrics=currentMetrics:null Conditions=conditions:null",
  "io.k8s.api.autoscaling.v1.ScaleSpec": "Replicas=replicas:0",
  "io.k8s.api.autoscaling.v1.ScaleStatus": 'Replicas=replicas:0 Selector=selector:""',
  "io.k8s.api.autoscaling.v2.ContainerResourceMetricSource": 'Name=name:"" Container=container:"" Target=target:{}',
  "io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus": 'Name=name:"" Container=container:"" Current=current:{}',
  "io.k8s.api.autoscaling.v2.CrossVersionObjectReference": 'Kind=kind:"" Name=name:"" APIVersion=apiVersion:""',
  "io.k8s.api.autoscaling.v2.ExternalMetricSource": "Metric=metric:{} Target=target:{}",
  "io.k8s.api.autoscaling.v2.ExternalMetricStatus": "Metric=metric:{} Current=current:{}",
  "io.k8s.api.autoscaling.v2.HPAScalingPolicy": 'Type=type:"" Value=value:0 PeriodSeconds=periodSeconds:0',
  "io.k8s.api.autoscaling.v2.HPAScalingRules":
    "StabilizationWindowSeconds=stabilizationWindowSeconds:null SelectPolicy=selectPolicy:null Policies=policies:null Tolerance=tolerance:null",
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior": "ScaleUp=scaleUp:null ScaleDown=scaleDown:null",
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition":
    'Type=type:"" Status=status:"" LastTransitionTime=lastTransitionTime:null Reason=reason:"" Message=message:""',
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec":
    "ScaleTargetRef=scaleTargetRef:{} MinReplicas=minReplicas:null MaxReplicas=maxReplicas:0 Metrics=metrics:null Behavior=behavior:null",
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus":
    "ObservedGeneration=observedGeneration:null LastScaleTime=lastScaleTime:null CurrentReplicas=currentReplicas:0 DesiredReplicas=desiredReplicas:0 CurrentMetrics=currentMetrics:null Conditions=conditions:null",
  "io.k8s.api.autoscaling.v2.MetricIdentifier": 'Name=name:"" Selector=selector:null',
  "io.k8s.api.autoscaling.v2.MetricSpec":
    'Type=type:"" Object=object:null Pods=pods:null Resource=resource:null ContainerResource=containerResource:null External=external:null',
  "io.k8s.api.autoscaling.v2.MetricStatus":
    'Type=type:"" Object=object:null Pods=pods:null Resource=resource:null ContainerResource=containerResource:null External=external:null',
  "io.k8s.api.autoscaling.v2.MetricTarget":
    'Type=type:"" Value=value:null AverageValue=averageValue:null AverageUtilization=averageUtilization:null',
  "io.k8s.api.autoscaling.v2.MetricValueStatus":
    "Value=value:null AverageValue=averageValue:null AverageUtilization=averageUtilization:null",
  "io.k8s.api.autoscaling.v2.ObjectMetricSource":
    "DescribedObject=describedObject:{} Target=target:{} Metric=metric:{}",
  "io.k8s.api.autoscaling.v2.ObjectMetricStatus":
    "Metric=metric:{} Current=current:{} DescribedObject=describedObject:{}",
  "io.k8s.api.autoscaling.v2.PodsMetricSource": "Metric=metric:{} Target=target:{}",
  "io.k8s.api.autoscaling.v2.PodsMetricStatus": "Metric=metric:{} Current=current:{}",
  "io.k8s.api.autoscaling.v2.ResourceMetricSource": 'Name=name:"" Target=target:{}',
  "io.k8s.api.autoscaling.v2.ResourceMetricStatus": 'Name=name:"" Current=current:{}',
  "io.k8s.api.batch.v1.CronJobSpec":
    'Schedule=schedule:"" TimeZone=timeZone:null StartingDeadlineSeconds=startingDeadlineSeconds:null ConcurrencyPolicy=concurrencyPolicy:"" Suspend=suspend:null JobTemplate=jobTemplate:{} SuccessfulJobsHistoryLimit=successfulJobsHistoryLimit:null FailedJobsHistoryLimit=failedJobsHistoryLimit:null',
  "io.k8s.api.batch.v1.CronJobStatus":
    "Active=active:null LastScheduleTime=lastScheduleTime:null LastSuccessfulTime=lastSuccessfulTime:null",
  "io.k8s.api.batch.v1.JobCondition":
    'Type=type:"" Status=status:"" LastProbeTime=lastProbeTime:null LastTransitionTime=lastTransitionTime:null Reason=reason:"" Message=message:""',
  "io.k8s.api.batch.v1.JobSpec":
    "Parallelism=parallelism:null Completions=completions:null PodFailurePolicy=podFailurePolicy:null SuccessPolicy=successPolicy:null ActiveDeadlineSeconds=activeDeadlineSeconds:null BackoffLimit=backoffLimit:null BackoffLimitPerIndex=backoffLimitPerIndex:null MaxFailedIndexes=maxFailedIndexes:null Selector=selector:null ManualSelector=manualSelector:null Template=template:{} TTLSecondsAfterFinished=ttlSecondsAfterFinished:null CompletionMode=completionMode:null Suspend=suspend:null PodReplacementPolicy=podReplacementPolicy:null ManagedBy=managedBy:null",
  "io.k8s.api.batch.v1.JobStatus":
    'Conditions=conditions:null StartTime=startTime:null CompletionTime=completionTime:null Active=active:0 Terminating=terminating:null Ready=ready:null Succeeded=succeeded:0 Failed=failed:0 CompletedIndexes=completedIndexes:"" FailedIndexes=failedIndexes:null UncountedTerminatedPods=uncountedTerminatedPods:null',
  "io.k8s.api.batch.v1.JobTemplateSpec": "...metadata Spec=spec:{}",
  "io.k8s.api.batch.v1.PodFailurePolicy": "Rules=rules:null",
  "io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement":
    'ContainerName=containerName:null Operator=operator:"" Values=values:null',
  "io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern": 'Type=type:"" Status=status:""',
  "io.k8s.api.batch.v1.PodFailurePolicyRule":
    'Action=action:"" OnExitCodes=onExitCodes:null OnPodConditions=onPodConditions:null',
  "io.k8s.api.batch.v1.SuccessPolicy": "Rules=rules:null",
  "io.k8s.api.batch.v1.SuccessPolicyRule": "SucceededIndexes=succeededIndexes:null SucceededCount=succeededCount:null",
  "io.k8s.api.batch.v1.UncountedTerminatedPods": "Succeeded=succeeded:null Failed=failed:null",
  "io.k8s.api.certificates.v1.CertificateSigningRequestCondition":
    'Type=type:"" Status=status:"" Reason=reason:"" Message=message:"" LastUpdateTime=lastUpdateTime:null LastTransitionTime=lastTransitionTime:null',
  "io.k8s.api.certificates.v1.CertificateSigningRequestSpec":
    'Request=request:null SignerName=signerName:"" ExpirationSeconds=expirationSeconds:null Usages=usages:null Username=username:"" UID=uid:"" Groups=groups:null Extra=extra:null',
  "io.k8s.api.certificates.v1.CertificateSigningRequestStatus":
    "Conditions=conditions:null Certificate=certificate:null",
  "io.k8s.api.certificates.v1alpha1.ClusterTrustBundleSpec": 'SignerName=signerName:"" TrustBundle=trustBundle:""',
  "io.k8s.api.certificates.v1beta1.ClusterTrustBundleSpec": 'SignerName=signerName:"" TrustBundle=trustBundle:""',
  "io.k8s.api.certificates.v1beta1.PodCertificateRequestSpec":
    'SignerName=signerName:"" PodName=podName:"" PodUID=podUID:"" ServiceAccountName=serviceAccountName:"" ServiceAccountUID=serviceAccountUID:"" NodeName=nodeName:{} NodeUID=nodeUID:"" MaxExpirationSeconds=maxExpirationSeconds:null PKIXPublicKey=pkixPublicKey:null ProofOfPossession=proofOfPossession:null StubPKCS10Request=stubPKCS10Request:null UnverifiedUserAnnotations=unverifiedUserAnnotations:null',
  "io.k8s.api.certificates.v1beta1.PodCertificateRequestStatus":
    'Conditions=conditions:null CertificateChain=certificateChain:"" NotBefore=notBefore:null BeginRefreshAt=beginRefreshAt:null NotAfter=notAfter:null',
  "io.k8s.api.coordination.v1.LeaseSpec":
    "HolderIdentity=holderIdentity:null LeaseDurationSeconds=leaseDurationSeconds:null AcquireTime=acquireTime:null RenewTime=renewTime:null LeaseTransitions=leaseTransitions:null Strategy=strategy:null PreferredHolder=preferredHolder:null",
  "io.k8s.api.coordination.v1alpha2.LeaseCandidateSpec":
    'LeaseName=leaseName:"" PingTime=pingTime:null RenewTime=renewTime:null BinaryVersion=binaryVersion:"" EmulationVersion=emulationVersion:"" Strategy=strategy:""',
  "io.k8s.api.coordination.v1beta1.LeaseCandidateSpec":
    'LeaseName=leaseName:"" PingTime=pingTime:null RenewTime=renewTime:null BinaryVersion=binaryVersion:"" EmulationVersion=emulationVersion:"" Strategy=strategy:""',
  "io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource":
    'VolumeID=volumeID:"" FSType=fsType:"" Partition=partition:0 ReadOnly=readOnly:false',
  "io.k8s.api.core.v1.Affinity":
    "NodeAffinity=nodeAffinity:null PodAffinity=podAffinity:null PodAntiAffinity=podAntiAffinity:null",
  "io.k8s.api.core.v1.AppArmorProfile": 'Type=type:"" LocalhostProfile=localhostProfile:null',
  "io.k8s.api.core.v1.AttachedVolume": 'Name=name:"" DevicePath=devicePath:""',
  "io.k8s.api.core.v1.AzureDiskVolumeSource":
    'DiskName=diskName:"" DataDiskURI=diskURI:"" CachingMode=cachingMode:null FSType=fsType:null ReadOnly=readOnly:null Kind=kind:null',
  "io.k8s.api.core.v1.AzureFilePersistentVolumeSource":
    'SecretName=secretName:"" ShareName=shareName:"" ReadOnly=readOnly:false SecretNamespace=secretNamespace:null',
  "io.k8s.api.core.v1.AzureFileVolumeSource": 'SecretName=secretName:"" ShareName=shareName:"" ReadOnly=readOnly:false',
  "io.k8s.api.core.v1.CSIPersistentVolumeSource":
    'Driver=driver:"" VolumeHandle=volumeHandle:"" ReadOnly=readOnly:false FSType=fsType:"" VolumeAttributes=volumeAttributes:null ControllerPublishSecretRef=controllerPublishSecretRef:null NodeStageSecretRef=nodeStageSecretRef:null NodePublishSecretRef=nodePublishSecretRef:null ControllerExpandSecretRef=controllerExpandSecretRef:null NodeExpandSecretRef=nodeExpandSecretRef:null',
  "io.k8s.api.core.v1.CSIVolumeSource":
    'Driver=driver:"" ReadOnly=readOnly:null FSType=fsType:null VolumeAttributes=volumeAttributes:null NodePublishSecretRef=nodePublishSecretRef:null',
  "io.k8s.api.core.v1.Capabilities": "Add=add:null Drop=drop:null",
  "io.k8s.api.core.v1.CephFSPersistentVolumeSource":
    'Monitors=monitors:null Path=path:"" User=user:"" SecretFile=secretFile:"" SecretRef=secretRef:null ReadOnly=readOnly:false',
  "io.k8s.api.core.v1.CephFSVolumeSource":
    'Monitors=monitors:null Path=path:"" User=user:"" SecretFile=secretFile:"" SecretRef=secretRef:null ReadOnly=readOnly:false',
  "io.k8s.api.core.v1.CinderPersistentVolumeSource":
    'VolumeID=volumeID:"" FSType=fsType:"" ReadOnly=readOnly:false SecretRef=secretRef:null',
  "io.k8s.api.core.v1.CinderVolumeSource":
    'VolumeID=volumeID:"" FSType=fsType:"" ReadOnly=readOnly:false SecretRef=secretRef:null',
  "io.k8s.api.core.v1.ClientIPConfig": "TimeoutSeconds=timeoutSeconds:null",
  "io.k8s.api.core.v1.ClusterTrustBundleProjection":
    'Name=name:null SignerName=signerName:null LabelSelector=labelSelector:null Optional=optional:null Path=path:""',
  "io.k8s.api.core.v1.ComponentCondition": 'Type=type:"" Status=status:"" Message=message:"" Error=error:""',
  "io.k8s.api.core.v1.ConfigMapEnvSource": 'Name=name:"" Optional=optional:null',
  "io.k8s.api.core.v1.ConfigMapKeySelector": 'Name=name:"" Key=key:"" Optional=optional:null',
  "io.k8s.api.core.v1.ConfigMapNodeConfigSource":
    'Namespace=namespace:"" Name=name:"" UID=uid:"" ResourceVersion=resourceVersion:"" KubeletConfigKey=kubeletConfigKey:""',
  "io.k8s.api.core.v1.ConfigMapProjection": 'Name=name:"" Items=items:null Optional=optional:null',
  "io.k8s.api.core.v1.ConfigMapVolumeSource":
    'Name=name:"" Items=items:null DefaultMode=defaultMode:null Optional=optional:null',
  "io.k8s.api.core.v1.Container":
    'Name=name:"" Image=image:"" Command=command:null Args=args:null WorkingDir=workingDir:"" Ports=ports:null EnvFrom=envFrom:null Env=env:null Resources=resources:{} ResizePolicy=resizePolicy:null RestartPolicy=restartPolicy:null RestartPolicyRules=restartPolicyRules:null VolumeMounts=volumeMounts:null VolumeDevices=volumeDevices:null LivenessProbe=livenessProbe:null ReadinessProbe=readinessProbe:null StartupProbe=startupProbe:null Lifecycle=lifecycle:null TerminationMessagePath=terminationMessagePath:"" TerminationMessagePolicy=terminationMessagePolicy:"" ImagePullPolicy=imagePullPolicy:"" SecurityContext=securityContext:null Stdin=stdin:false StdinOnce=stdinOnce:false TTY=tty:false',
  "io.k8s.api.core.v1.ContainerExtendedResourceRequest":
    'ContainerName=containerName:"" ResourceName=resourceName:"" RequestName=requestName:""',
  "io.k8s.api.core.v1.ContainerImage": "Names=names:null SizeBytes=sizeBytes:0",
  "io.k8s.api.core.v1.ContainerPort":
    'Name=name:"" HostPort=hostPort:0 ContainerPort=containerPort:0 Protocol=protocol:"" HostIP=hostIP:""',
  "io.k8s.api.core.v1.ContainerResizePolicy": 'ResourceName=resourceName:"" RestartPolicy=restartPolicy:""',
  "io.k8s.api.core.v1.ContainerRestartRule": 'Action=action:"" ExitCodes=exitCodes:null',
  "io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes": 'Operator=operator:"" Values=values:null',
  "io.k8s.api.core.v1.ContainerState": "Waiting=waiting:null Running=running:null Terminated=terminated:null",
  "io.k8s.api.core.v1.ContainerStateRunning": "StartedAt=startedAt:null",
  "io.k8s.api.core.v1.ContainerStateTerminated":
    'ExitCode=exitCode:0 Signal=signal:0 Reason=reason:"" Message=message:"" StartedAt=startedAt:null FinishedAt=finishedAt:null ContainerID=containerID:""',
  "io.k8s.api.core.v1.ContainerStateWaiting": 'Reason=reason:"" Message=message:""',
  "io.k8s.api.core.v1.ContainerStatus":
    'Name=name:"" State=state:{} LastTerminationState=lastState:{} Ready=ready:false RestartCount=restartCount:0 Image=image:"" ImageID=imageID:"" ContainerID=containerID:"" Started=started:null AllocatedResources=allocatedResources:null Resources=resources:null VolumeMounts=volumeMounts:null User=user:null AllocatedResourcesStatus=allocatedResourcesStatus:null StopSignal=stopSignal:null',
  "io.k8s.api.core.v1.ContainerUser": "Linux=linux:null",
  "io.k8s.api.core.v1.DaemonEndpoint": "Port:0",
  "io.k8s.api.core.v1.DownwardAPIProjection": "Items=items:null",
  "io.k8s.api.core.v1.DownwardAPIVolumeFile":
    'Path=path:"" FieldRef=fieldRef:null ResourceFieldRef=resourceFieldRef:null Mode=mode:null',
  "io.k8s.api.core.v1.DownwardAPIVolumeSource": "Items=items:null DefaultMode=defaultMode:null",
  "io.k8s.api.core.v1.EmptyDirVolumeSource": 'Medium=medium:"" SizeLimit=sizeLimit:null',
  "io.k8s.api.core.v1.EndpointAddress": 'IP=ip:"" Hostname=hostname:"" NodeName=nodeName:null TargetRef=targetRef:null',
  "io.k8s.api.core.v1.EndpointPort": 'Name=name:"" Port=port:0 Protocol=protocol:"" AppProtocol=appProtocol:null',
  "io.k8s.api.core.v1.EndpointSubset":
    "Addresses=addresses:null NotReadyAddresses=notReadyAddresses:null Ports=ports:null",
  "io.k8s.api.core.v1.EnvFromSource": 'Prefix=prefix:"" ConfigMapRef=configMapRef:null SecretRef=secretRef:null',
  "io.k8s.api.core.v1.EnvVar": 'Name=name:"" Value=value:"" ValueFrom=valueFrom:null',
  "io.k8s.api.core.v1.EnvVarSource":
    "FieldRef=fieldRef:null ResourceFieldRef=resourceFieldRef:null ConfigMapKeyRef=configMapKeyRef:null SecretKeyRef=secretKeyRef:null FileKeyRef=fileKeyRef:null",
  "io.k8s.api.core.v1.EphemeralContainer":
    'Name=name:"" Image=image:"" Command=command:null Args=args:null WorkingDir=workingDir:"" Ports=ports:null EnvFrom=envFrom:null Env=env:null Resources=resources:{} ResizePolicy=resizePolicy:null RestartPolicy=restartPolicy:null RestartPolicyRules=restartPolicyRules:null VolumeMounts=volumeMounts:null VolumeDevices=volumeDevices:null LivenessProbe=livenessProbe:null ReadinessProbe=readinessProbe:null StartupProbe=startupProbe:null Lifecycle=lifecycle:null TerminationMessagePath=terminationMessagePath:"" TerminationMessagePolicy=terminationMessagePolicy:"" ImagePullPolicy=imagePullPolicy:"" SecurityContext=securityContext:null Stdin=stdin:false StdinOnce=stdinOnce:false TTY=tty:false TargetContainerName=targetContainerName:""',
  "io.k8s.api.core.v1.EphemeralVolumeSource": "VolumeClaimTemplate=volumeClaimTemplate:null",
  "io.k8s.api.core.v1.EventSeries": "Count=count:0 LastObservedTime=lastObservedTime:null",
  "io.k8s.api.core.v1.EventSource": 'Component=component:"" Host=host:""',
  "io.k8s.api.core.v1.ExecAction": "Command=command:null",
  "io.k8s.api.core.v1.FCVolumeSource":
    'TargetWWNs=targetWWNs:null Lun=lun:null FSType=fsType:"" ReadOnly=readOnly:false WWIDs=wwids:null',
  "io.k8s.api.core.v1.FileKeySelector": 'VolumeName=volumeName:"" Path=path:"" Key=key:"" Optional=optional:null',
  "io.k8s.api.core.v1.FlexPersistentVolumeSource":
    'Driver=driver:"" FSType=fsType:"" SecretRef=secretRef:null ReadOnly=readOnly:false Options=options:null',
  "io.k8s.api.core.v1.FlexVolumeSource":
    'Driver=driver:"" FSType=fsType:"" SecretRef=secretRef:null ReadOnly=readOnly:false Options=options:null',
  "io.k8s.api.core.v1.FlockerVolumeSource": 'DatasetName=datasetName:"" DatasetUUID=datasetUUID:""',
  "io.k8s.api.core.v1.GCEPersistentDiskVolumeSource":
    'PDName=pdName:"" FSType=fsType:"" Partition=partition:0 ReadOnly=readOnly:false',
  "io.k8s.api.core.v1.GRPCAction": "Port=port:0 Service=service:null",
  "io.k8s.api.core.v1.GitRepoVolumeSource": 'Repository=repository:"" Revision=revision:"" Directory=directory:""',
  "io.k8s.api.core.v1.GlusterfsPersistentVolumeSource":
    'EndpointsName=endpoints:"" Path=path:"" ReadOnly=readOnly:false EndpointsNamespace=endpointsNamespace:null',
  "io.k8s.api.core.v1.GlusterfsVolumeSource": 'EndpointsName=endpoints:"" Path=path:"" ReadOnly=readOnly:false',
  "io.k8s.api.core.v1.HTTPGetAction":
    'Path=path:"" Port=port:0 Host=host:"" Scheme=scheme:"" HTTPHeaders=httpHeaders:null',
  "io.k8s.api.core.v1.HTTPHeader": 'Name=name:"" Value=value:""',
  "io.k8s.api.core.v1.HostAlias": 'IP=ip:"" Hostnames=hostnames:null',
  "io.k8s.api.core.v1.HostIP": 'IP=ip:""',
  "io.k8s.api.core.v1.HostPathVolumeSource": 'Path=path:"" Type=type:null',
  "io.k8s.api.core.v1.ISCSIPersistentVolumeSource":
    'TargetPortal=targetPortal:"" IQN=iqn:"" Lun=lun:0 ISCSIInterface=iscsiInterface:"" FSType=fsType:"" ReadOnly=readOnly:false Portals=portals:null DiscoveryCHAPAuth=chapAuthDiscovery:false SessionCHAPAuth=chapAuthSession:false SecretRef=secretRef:null InitiatorName=initiatorName:null',
  "io.k8s.api.core.v1.ISCSIVolumeSource":
    'TargetPortal=targetPortal:"" IQN=iqn:"" Lun=lun:0 ISCSIInterface=iscsiInterface:"" FSType=fsType:"" ReadOnly=readOnly:false Portals=portals:null DiscoveryCHAPAuth=chapAuthDiscovery:false SessionCHAPAuth=chapAuthSession:false SecretRef=secretRef:null InitiatorName=initiatorName:null',
  "io.k8s.api.core.v1.ImageVolumeSource": 'Reference=reference:"" PullPolicy=pullPolicy:""',
  "io.k8s.api.core.v1.ImageVolumeStatus": 'ImageRef=imageRef:""',
  "io.k8s.api.core.v1.KeyToPath": 'Key=key:"" Path=path:"" Mode=mode:null',
  "io.k8s.api.core.v1.Lifecycle": "PostStart=postStart:null PreStop=preStop:null StopSignal=stopSignal:null",
  "io.k8s.api.core.v1.LifecycleHandler":
    "Exec=exec:null HTTPGet=httpGet:null TCPSocket=tcpSocket:null Sleep=sleep:null",
  "io.k8s.api.core.v1.LimitRangeItem":
    'Type=type:"" Max=max:null Min=min:null Default=default:null DefaultRequest=defaultRequest:null MaxLimitRequestRatio=maxLimitRequestRatio:null',
  "io.k8s.api.core.v1.LimitRangeSpec": "Limits=limits:null",
  "io.k8s.api.core.v1.LinuxContainerUser": "UID=uid:0 GID=gid:0 SupplementalGroups=supplementalGroups:null",
  "io.k8s.api.core.v1.LoadBalancerIngress": 'IP=ip:"" Hostname=hostname:"" IPMode=ipMode:null Ports=ports:null',
  "io.k8s.api.core.v1.LoadBalancerStatus": "Ingress=ingress:null",
  "io.k8s.api.core.v1.LocalObjectReference": 'Name=name:""',
  "io.k8s.api.core.v1.LocalVolumeSource": 'Path=path:"" FSType=fsType:null',
  "io.k8s.api.core.v1.ModifyVolumeStatus":
    'TargetVolumeAttributesClassName=targetVolumeAttributesClassName:"" Status=status:""',
  "io.k8s.api.core.v1.NFSVolumeSource": 'Server=server:"" Path=path:"" ReadOnly=readOnly:false',
  "io.k8s.api.core.v1.NamespaceCondition":
    'Type=type:"" Status=status:"" LastTransitionTime=lastTransitionTime:null Reason=reason:"" Message=message:""',
  "io.k8s.api.core.v1.NamespaceSpec": "Finalizers=finalizers:null",
  "io.k8s.api.core.v1.NamespaceStatus": 'Phase=phase:"" Conditions=conditions:null',
  "io.k8s.api.core.v1.NodeAddress": 'Type=type:"" Address=address:""',
  "io.k8s.api.core.v1.NodeAffinity":
    "RequiredDuringSchedulingIgnoredDuringExecution=requiredDuringSchedulingIgnoredDuringExecution:null PreferredDuringSchedulingIgnoredDuringExecution=preferredDuringSchedulingIgnoredDuringExecution:null",
  "io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus":
    'ResourceClaimName=resourceClaimName:"" Containers=containers:null Resources=resources:null',
  "io.k8s.api.core.v1.NodeCondition":
    'Type=type:"" Status=status:"" LastHeartbeatTime=lastHeartbeatTime:null LastTransitionTime=lastTransitionTime:null Reason=reason:"" Message=message:""',
  "io.k8s.api.core.v1.NodeConfigSource": "ConfigMap=configMap:null",
  "io.k8s.api.core.v1.NodeConfigStatus":
    'Assigned=assigned:null Active=active:null LastKnownGood=lastKnownGood:null Error=error:""',
  "io.k8s.api.core.v1.NodeDaemonEndpoints": "KubeletEndpoint=kubeletEndpoint:{}",
  "io.k8s.api.core.v1.NodeFeatures": "SupplementalGroupsPolicy=supplementalGroupsPolicy:null",
  "io.k8s.api.core.v1.NodeRuntimeHandler": 'Name=name:"" Features=features:null',
  "io.k8s.api.core.v1.NodeRuntimeHandlerFeatures":
    "RecursiveReadOnlyMounts=recursiveReadOnlyMounts:null UserNamespaces=userNamespaces:null",
  "io.k8s.api.core.v1.NodeSelector": "NodeSelectorTerms=nodeSelectorTerms:null",
  "io.k8s.api.core.v1.NodeSelectorRequirement": 'Key=key:"" Operator=operator:"" Values=values:null',
  "io.k8s.api.core.v1.NodeSelectorTerm": "MatchExpressions=matchExpressions:null MatchFields=matchFields:null",
  "io.k8s.api.core.v1.NodeSpec":
    'PodCIDRs=podCIDRs:null ProviderID=providerID:"" Unschedulable=unschedulable:false Taints=taints:null ConfigSource=configSource:null DoNotUseExternalID=externalID:""',
  "io.k8s.api.core.v1.NodeStatus":
    'Capacity=capacity:null Allocatable=allocatable:null Phase=phase:"" Conditions=conditions:null Addresses=addresses:null DaemonEndpoints=daemonEndpoints:{} NodeInfo=nodeInfo:{} Images=images:null VolumesInUse=volumesInUse:null VolumesAttached=volumesAttached:null Config=config:null RuntimeHandlers=runtimeHandlers:null Features=features:null DeclaredFeatures=declaredFeatures:null',
  "io.k8s.api.core.v1.NodeSwapStatus": "Capacity=capacity:null",
  "io.k8s.api.core.v1.NodeSystemInfo":
    'MachineID=machineID:"" SystemUUID=systemUUID:"" BootID=bootID:"" KernelVersion=kernelVersion:"" OSImage=osImage:"" ContainerRuntimeVersion=containerRuntimeVersion:"" KubeletVersion=kubeletVersion:"" KubeProxyVersion=kubeProxyVersion:"" OperatingSystem=operatingSystem:"" Architecture=architecture:"" Swap=swap:null',
  "io.k8s.api.core.v1.ObjectFieldSelector": 'APIVersion=apiVersion:"" FieldPath=fieldPath:""',
  "io.k8s.api.core.v1.ObjectReference":
    'Kind=kind:"" Namespace=namespace:"" Name=name:"" UID=uid:"" APIVersion=apiVersion:"" ResourceVersion=resourceVersion:"" FieldPath=fieldPath:""',
  "io.k8s.api.core.v1.PersistentVolumeClaimCondition":
    'Type=type:"" Status=status:"" LastProbeTime=lastProbeTime:null LastTransitionTime=lastTransitionTime:null Reason=reason:"" Message=message:""',
  "io.k8s.api.core.v1.PersistentVolumeClaimSpec":
    'AccessModes=accessModes:null Selector=selector:null Resources=resources:{} VolumeName=volumeName:"" StorageClassName=storageClassName:null VolumeMode=volumeMode:null DataSource=dataSource:null DataSourceRef=dataSourceRef:null VolumeAttributesClassName=volumeAttributesClassName:null',
  "io.k8s.api.core.v1.PersistentVolumeClaimStatus":
    'Phase=phase:"" AccessModes=accessModes:null Capacity=capacity:null Conditions=conditions:null AllocatedResources=allocatedResources:null AllocatedResourceStatuses=allocatedResourceStatuses:null CurrentVolumeAttributesClassName=currentVolumeAttributesClassName:null ModifyVolumeStatus=modifyVolumeStatus:null',
  "io.k8s.api.core.v1.PersistentVolumeClaimTemplate": "...metadata Spec=spec:{}",
  "io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource": 'ClaimName=claimName:"" ReadOnly=readOnly:false',
  "io.k8s.api.core.v1.PersistentVolumeSpec":
    'Capacity=capacity:null GCEPersistentDisk=gcePersistentDisk:null AWSElasticBlockStore=awsElasticBlockStore:null HostPath=hostPath:null Glusterfs=glusterfs:null NFS=nfs:null RBD=rbd:null Quobyte=quobyte:null ISCSI=iscsi:null FlexVolume=flexVolume:null Cinder=cinder:null CephFS=cephfs:null FC=fc:null Flocker=flocker:null AzureFile=azureFile:null VsphereVolume=vsphereVolume:null AzureDisk=azureDisk:null PhotonPersistentDisk=photonPersistentDisk:null PortworxVolume=portworxVolume:null ScaleIO=scaleIO:null Local=local:null StorageOS=storageos:null CSI=csi:null AccessModes=accessModes:null ClaimRef=claimRef:null PersistentVolumeReclaimPolicy=persistentVolumeReclaimPolicy:"" StorageClassName=storageClassName:"" MountOptions=mountOptions:null VolumeMode=volumeMode:null NodeAffinity=nodeAffinity:null VolumeAttributesClassName=volumeAttributesClassName:null',
  "io.k8s.api.core.v1.PersistentVolumeStatus":
    'Phase=phase:"" Message=message:"" Reason=reason:"" LastPhaseTransitionTime=lastPhaseTransitionTime:null',
  "io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource": 'PdID=pdID:"" FSType=fsType:""',
  "io.k8s.api.core.v1.PodAffinity":
    "RequiredDuringSchedulingIgnoredDuringExecution=requiredDuringSchedulingIgnoredDuringExecution:null PreferredDuringSchedulingIgnoredDuringExecution=preferredDuringSchedulingIgnoredDuringExecution:null",
  "io.k8s.api.core.v1.PodAffinityTerm":
    'LabelSelector=labelSelector:null Namespaces=namespaces:null TopologyKey=topologyKey:"" NamespaceSelector=namespaceSelector:null MatchLabelKeys=matchLabelKeys:null MismatchLabelKeys=mismatchLabelKeys:null',
  "io.k8s.api.core.v1.PodAntiAffinity":
    "RequiredDuringSchedulingIgnoredDuringExecution=requiredDuringSchedulingIgnoredDuringExecution:null PreferredDuringSchedulingIgnoredDuringExecution=preferredDuringSchedulingIgnoredDuringExecution:null",
  "io.k8s.api.core.v1.PodCertificateProjection":
    'SignerName=signerName:"" KeyType=keyType:"" MaxExpirationSeconds=maxExpirationSeconds:null CredentialBundlePath=credentialBundlePath:"" KeyPath=keyPath:"" CertificateChainPath=certificateChainPath:"" UserAnnotations=userAnnotations:null',
  "io.k8s.api.core.v1.PodCondition":
    'Type=type:"" ObservedGeneration=observedGeneration:0 Status=status:"" LastProbeTime=lastProbeTime:null LastTransitionTime=lastTransitionTime:null Reason=reason:"" Message=message:""',
  "io.k8s.api.core.v1.PodDNSConfig": "Nameservers=nameservers:null Searches=searches:null Options=options:null",
  "io.k8s.api.core.v1.PodDNSConfigOption": 'Name=name:"" Value=value:null',
  "io.k8s.api.core.v1.PodExtendedResourceClaimStatus":
    'RequestMappings=requestMappings:null ResourceClaimName=resourceClaimName:""',
  "io.k8s.api.core.v1.PodIP": 'IP=ip:""',
  "io.k8s.api.core.v1.PodOS": 'Name=name:""',
  "io.k8s.api.core.v1.PodReadinessGate": 'ConditionType=conditionType:""',
  "io.k8s.api.core.v1.PodResourceClaim":
    'Name=name:"" ResourceClaimName=resourceClaimName:null ResourceClaimTemplateName=resourceClaimTemplateName:null',
  "io.k8s.api.core.v1.PodResourceClaimStatus": 'Name=name:"" ResourceClaimName=resourceClaimName:null',
  "io.k8s.api.core.v1.PodSchedulingGate": 'Name=name:""',
  "io.k8s.api.core.v1.PodSchedulingGroup": "PodGroupName=podGroupName:null",
  "io.k8s.api.core.v1.PodSecurityContext":
    "HostNetwork=hostNetwork:false HostPID=hostPID:false HostIPC=hostIPC:false ShareProcessNamespace=shareProcessNamespace:null HostUsers=hostUsers:null SELinuxOptions=seLinuxOptions:null WindowsOptions=windowsOptions:null RunAsUser=runAsUser:null RunAsGroup=runAsGroup:null RunAsNonRoot=runAsNonRoot:null SupplementalGroups=supplementalGroups:null SupplementalGroupsPolicy=supplementalGroupsPolicy:null FSGroup=fsGroup:null FSGroupChangePolicy=fsGroupChangePolicy:null Sysctls=sysctls:null SeccompProfile=seccompProfile:null AppArmorProfile=appArmorProfile:null SELinuxChangePolicy=seLinuxChangePolicy:null",
  "io.k8s.api.core.v1.PodSpec":
    'Volumes=volumes:null InitContainers=initContainers:null Containers=containers:null EphemeralContainers=ephemeralContainers:null RestartPolicy=restartPolicy:"" TerminationGracePeriodSeconds=terminationGracePeriodSeconds:null ActiveDeadlineSeconds=activeDeadlineSeconds:null DNSPolicy=dnsPolicy:"" NodeSelector=nodeSelector:null ServiceAccountName=serviceAccountName:"" AutomountServiceAccountToken=automountServiceAccountToken:null NodeName=nodeName:"" SecurityContext=securityContext:null ImagePullSecrets=imagePullSecrets:null Hostname=hostname:"" Subdomain=subdomain:"" SetHostnameAsFQDN=setHostnameAsFQDN:null Affinity=affinity:null SchedulerName=schedulerName:"" Tolerations=tolerations:null HostAliases=hostAliases:null PriorityClassName=priorityClassName:"" Priority=priority:null PreemptionPolicy=preemptionPolicy:null DNSConfig=dnsConfig:null ReadinessGates=readinessGates:null RuntimeClassName=runtimeClassName:null Overhead=overhead:null EnableServiceLinks=enableServiceLinks:null TopologySpreadConstraints=topologySpreadConstraints:null OS=os:null SchedulingGates=schedulingGates:null ResourceClaims=resourceClaims:null Resources=resources:null HostnameOverride=hostnameOverride:null SchedulingGroup=schedulingGroup:null',
  "io.k8s.api.core.v1.PodStatus":
    'ObservedGeneration=observedGeneration:0 Phase=phase:"" Conditions=conditions:null Message=message:"" Reason=reason:"" NominatedNodeName=nominatedNodeName:"" HostIP=hostIP:"" HostIPs=hostIPs:null PodIPs=podIPs:null StartTime=startTime:null QOSClass=qosClass:"" InitContainerStatuses=initContainerStatuses:null ContainerStatuses=containerStatuses:null EphemeralContainerStatuses=ephemeralContainerStatuses:null Resize=resize:"" ResourceClaimStatuses=resourceClaimStatuses:null ExtendedResourceClaimStatus=extendedResourceClaimStatus:null AllocatedResources=allocatedResources:null Resources=resources:null NodeAllocatableResourceClaimStatuses=nodeAllocatableResourceClaimStatuses:null',
  "io.k8s.api.core.v1.PodTemplateSpec": "...metadata Spec=spec:{}",
  "io.k8s.api.core.v1.PortStatus": 'Port=port:0 Protocol=protocol:"" Error=error:null',
  "io.k8s.api.core.v1.PortworxVolumeSource": 'VolumeID=volumeID:"" FSType=fsType:"" ReadOnly=readOnly:false',
  "io.k8s.api.core.v1.PreferredSchedulingTerm": "Weight=weight:0 Preference=preference:{}",
  "io.k8s.api.core.v1.Probe":
    "Exec=exec:null HTTPGet=httpGet:null TCPSocket=tcpSocket:null GRPC=grpc:null InitialDelaySeconds=initialDelaySeconds:0 TimeoutSeconds=timeoutSeconds:0 PeriodSeconds=periodSeconds:0 SuccessThreshold=successThreshold:0 FailureThreshold=failureThreshold:0 TerminationGracePeriodSeconds=terminationGracePeriodSeconds:null",
  "io.k8s.api.core.v1.ProjectedVolumeSource": "Sources=sources:null DefaultMode=defaultMode:null",
  "io.k8s.api.core.v1.QuobyteVolumeSource":
    'Registry=registry:"" Volume=volume:"" ReadOnly=readOnly:false User=user:"" Group=group:"" Tenant=tenant:""',
  "io.k8s.api.core.v1.RBDPersistentVolumeSource":
    'CephMonitors=monitors:null RBDImage=image:"" FSType=fsType:"" RBDPool=pool:"" RadosUser=user:"" Keyring=keyring:"" SecretRef=secretRef:null ReadOnly=readOnly:false',
  "io.k8s.api.core.v1.RBDVolumeSource":
    'CephMonitors=monitors:null RBDImage=image:"" FSType=fsType:"" RBDPool=pool:"" RadosUser=user:"" Keyring=keyring:"" SecretRef=secretRef:null ReadOnly=readOnly:false',
  "io.k8s.api.core.v1.ReplicationControllerCondition":
    'Type=type:"" Status=status:"" LastTransitionTime=lastTransitionTime:null Reason=reason:"" Message=message:""',
  "io.k8s.api.core.v1.ReplicationControllerSpec":
    "Replicas=replicas:null MinReadySeconds=minReadySeconds:0 Selector=selector:null Template=template:null",
  "io.k8s.api.core.v1.ReplicationControllerStatus":
    "Replicas=replicas:0 FullyLabeledReplicas=fullyLabeledReplicas:0 ReadyReplicas=readyReplicas:0 AvailableReplicas=availableReplicas:0 ObservedGeneration=observedGeneration:0 Conditions=conditions:null",
  "io.k8s.api.core.v1.ResourceClaim": 'Name=name:"" Request=request:""',
  "io.k8s.api.core.v1.ResourceFieldSelector": 'ContainerName=containerName:"" Resource=resource:"" Divisor=divisor:"0"',
  "io.k8s.api.core.v1.ResourceHealth": 'ResourceID=resourceID:"" Health=health:"" Message=message:null',
  "io.k8s.api.core.v1.ResourceQuotaSpec": "Hard=hard:null Scopes=scopes:null ScopeSelector=scopeSelector:null",
  "io.k8s.api.core.v1.ResourceQuotaStatus": "Hard=hard:null Used=used:null",
  "io.k8s.api.core.v1.ResourceRequirements": "Limits=limits:null Requests=requests:null Claims=claims:null",
  "io.k8s.api.core.v1.ResourceStatus": 'Name=name:"" Resources=resources:null',
  "io.k8s.api.core.v1.SELinuxOptions": 'User=user:"" Role=role:"" Type=type:"" Level=level:""',
  "io.k8s.api.core.v1.ScaleIOPersistentVolumeSource":
    'Gateway=gateway:"" System=system:"" SecretRef=secretRef:null SSLEnabled=sslEnabled:false ProtectionDomain=protectionDomain:"" StoragePool=storagePool:"" StorageMode=storageMode:"" VolumeName=volumeName:"" FSType=fsType:"" ReadOnly=readOnly:false',
  "io.k8s.api.core.v1.ScaleIOVolumeSource":
    'Gateway=gateway:"" System=system:"" SecretRef=secretRef:null SSLEnabled=sslEnabled:false ProtectionDomain=protectionDomain:"" StoragePool=storagePool:"" StorageMode=storageMode:"" VolumeName=volumeName:"" FSType=fsType:"" ReadOnly=readOnly:false',
  "io.k8s.api.core.v1.ScopeSelector": "MatchExpressions=matchExpressions:null",
  "io.k8s.api.core.v1.ScopedResourceSelectorRequirement":
    'ScopeName=scopeName:"" Operator=operator:"" Values=values:null',
  "io.k8s.api.core.v1.SeccompProfile": 'Type=type:"" LocalhostProfile=localhostProfile:null',
  "io.k8s.api.core.v1.SecretEnvSource": 'Name=name:"" Optional=optional:null',
  "io.k8s.api.core.v1.SecretKeySelector": 'Name=name:"" Key=key:"" Optional=optional:null',
  "io.k8s.api.core.v1.SecretProjection": 'Name=name:"" Items=items:null Optional=optional:null',
  "io.k8s.api.core.v1.SecretReference": 'Name=name:"" Namespace=namespace:""',
  "io.k8s.api.core.v1.SecretVolumeSource":
    'SecretName=secretName:"" Items=items:null DefaultMode=defaultMode:null Optional=optional:null',
  "io.k8s.api.core.v1.SecurityContext":
    "Capabilities=capabilities:null Privileged=privileged:null SELinuxOptions=seLinuxOptions:null WindowsOptions=windowsOptions:null RunAsUser=runAsUser:null RunAsGroup=runAsGroup:null RunAsNonRoot=runAsNonRoot:null ReadOnlyRootFilesystem=readOnlyRootFilesystem:null AllowPrivilegeEscalation=allowPrivilegeEscalation:null ProcMount=procMount:null SeccompProfile=seccompProfile:null AppArmorProfile=appArmorProfile:null",
  "io.k8s.api.core.v1.ServiceAccountTokenProjection":
    'Audience=audience:"" ExpirationSeconds=expirationSeconds:0 Path=path:""',
  "io.k8s.api.core.v1.ServicePort":
    'Name=name:"" Protocol=protocol:"" AppProtocol=appProtocol:null Port=port:0 TargetPort=targetPort:0 NodePort=nodePort:0',
  "io.k8s.api.core.v1.ServiceSpec":
    'Type=type:"" Ports=ports:null Selector=selector:null ClusterIP=clusterIP:"" ClusterIPs=clusterIPs:null IPFamilies=ipFamilies:null IPFamilyPolicy=ipFamilyPolicy:null ExternalName=externalName:"" ExternalIPs=externalIPs:null LoadBalancerIP=loadBalancerIP:"" SessionAffinity=sessionAffinity:"" SessionAffinityConfig=sessionAffinityConfig:null LoadBalancerSourceRanges=loadBalancerSourceRanges:null ExternalTrafficPolicy=externalTrafficPolicy:"" HealthCheckNodePort=healthCheckNodePort:0 PublishNotReadyAddresses=publishNotReadyAddresses:false AllocateLoadBalancerNodePorts=allocateLoadBalancerNodePorts:null LoadBalancerClass=loadBalancerClass:null InternalTrafficPolicy=internalTrafficPolicy:null TrafficDistribution=trafficDistribution:null',
  "io.k8s.api.core.v1.ServiceStatus": "LoadBalancer=loadBalancer:{} Conditions=conditions:null",
  "io.k8s.api.core.v1.SessionAffinityConfig": "ClientIP=clientIP:null",
  "io.k8s.api.core.v1.SleepAction": "Seconds=seconds:0",
  "io.k8s.api.core.v1.StorageOSPersistentVolumeSource":
    'VolumeName=volumeName:"" VolumeNamespace=volumeNamespace:"" FSType=fsType:"" ReadOnly=readOnly:false SecretRef=secretRef:null',
  "io.k8s.api.core.v1.StorageOSVolumeSource":
    'VolumeName=volumeName:"" VolumeNamespace=volumeNamespace:"" FSType=fsType:"" ReadOnly=readOnly:false SecretRef=secretRef:null',
  "io.k8s.api.core.v1.Sysctl": 'Name=name:"" Value=value:""',
  "io.k8s.api.core.v1.TCPSocketAction": 'Port=port:0 Host=host:""',
  "io.k8s.api.core.v1.Taint": 'Key=key:"" Value=value:"" Effect=effect:"" TimeAdded=timeAdded:null',
  "io.k8s.api.core.v1.Toleration":
    'Key=key:"" Operator=operator:"" Value=value:"" Effect=effect:"" TolerationSeconds=tolerationSeconds:null',
  "io.k8s.api.core.v1.TopologySelectorLabelRequirement": 'Key=key:"" Values=values:null',
  "io.k8s.api.core.v1.TopologySelectorTerm": "MatchLabelExpressions=matchLabelExpressions:null",
  "io.k8s.api.core.v1.TopologySpreadConstraint":
    'MaxSkew=maxSkew:0 TopologyKey=topologyKey:"" WhenUnsatisfiable=whenUnsatisfiable:"" LabelSelector=labelSelector:null MinDomains=minDomains:null NodeAffinityPolicy=nodeAffinityPolicy:null NodeTaintsPolicy=nodeTaintsPolicy:null MatchLabelKeys=matchLabelKeys:null',
  "io.k8s.api.core.v1.TypedLocalObjectReference": 'APIGroup=apiGroup:null Kind=kind:"" Name=name:""',
  "io.k8s.api.core.v1.TypedObjectReference":
    'APIGroup=apiGroup:null Kind=kind:"" Name=name:"" Namespace=namespace:null',
  "io.k8s.api.core.v1.Volume":
    'Name=name:"" HostPath=hostPath:null EmptyDir=emptyDir:null GCEPersistentDisk=gcePersistentDisk:null AWSElasticBlockStore=awsElasticBlockStore:null GitRepo=gitRepo:null Secret=secret:null NFS=nfs:null ISCSI=iscsi:null Glusterfs=glusterfs:null PersistentVolumeClaim=persistentVolumeClaim:null RBD=rbd:null Quobyte=quobyte:null FlexVolume=flexVolume:null Cinder=cinder:null CephFS=cephfs:null Flocker=flocker:null DownwardAPI=downwardAPI:null FC=fc:null AzureFile=azureFile:null ConfigMap=configMap:null VsphereVolume=vsphereVolume:null AzureDisk=azureDisk:null PhotonPersistentDisk=photonPersistentDisk:null Projected=projected:null PortworxVolume=portworxVolume:null ScaleIO=scaleIO:null StorageOS=storageos:null CSI=csi:null Ephemeral=ephemeral:null Image=image:null',
  "io.k8s.api.core.v1.VolumeDevice": 'Name=name:"" DevicePath=devicePath:""',
  "io.k8s.api.core.v1.VolumeMount":
    'Name=name:"" ReadOnly=readOnly:false RecursiveReadOnly=recursiveReadOnly:null MountPath=mountPath:"" SubPath=subPath:"" MountPropagation=mountPropagation:null SubPathExpr=subPathExpr:""',
  "io.k8s.api.core.v1.VolumeMountStatus":
    'Name=name:"" MountPath=mountPath:"" ReadOnly=readOnly:false RecursiveReadOnly=recursiveReadOnly:null VolumeStatus=volumeStatus:null',
  "io.k8s.api.core.v1.VolumeNodeAffinity": "Required=required:null",
  "io.k8s.api.core.v1.VolumeProjection":
    "Secret=secret:null DownwardAPI=downwardAPI:null ConfigMap=configMap:null ServiceAccountToken=serviceAccountToken:null ClusterTrustBundle=clusterTrustBundle:null PodCertificate=podCertificate:null",
  "io.k8s.api.core.v1.VolumeResourceRequirements": "Limits=limits:null Requests=requests:null",
  "io.k8s.api.core.v1.VolumeStatus": "Image=image:null",
  "io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource":
    'VolumePath=volumePath:"" FSType=fsType:"" StoragePolicyName=storagePolicyName:"" StoragePolicyID=storagePolicyID:""',
  "io.k8s.api.core.v1.WeightedPodAffinityTerm": "Weight=weight:0 PodAffinityTerm=podAffinityTerm:{}",
  "io.k8s.api.core.v1.WindowsSecurityContextOptions":
    "GMSACredentialSpecName=gmsaCredentialSpecName:null GMSACredentialSpec=gmsaCredentialSpec:null RunAsUserName=runAsUserName:null HostProcess=hostProcess:null",
  "io.k8s.api.discovery.v1.Endpoint":
    "Addresses=addresses:null Conditions=conditions:{} Hostname=hostname:null TargetRef=targetRef:null DeprecatedTopology=deprecatedTopology:null NodeName=nodeName:null Zone=zone:null Hints=hints:null",
  "io.k8s.api.discovery.v1.EndpointConditions": "Ready=ready:null Serving=serving:null Terminating=terminating:null",
  "io.k8s.api.discovery.v1.EndpointHints": "ForZones=forZones:null ForNodes=forNodes:null",
  "io.k8s.api.discovery.v1.EndpointPort":
    "Name=name:null Protocol=protocol:null Port=port:null AppProtocol=appProtocol:null",
  "io.k8s.api.discovery.v1.ForNode": 'Name=name:""',
  "io.k8s.api.discovery.v1.ForZone": 'Name=name:""',
  "io.k8s.api.flowcontrol.v1.ExemptPriorityLevelConfiguration":
    "NominalConcurrencyShares=nominalConcurrencyShares:null LendablePercent=lendablePercent:null",
  "io.k8s.api.flowcontrol.v1.FlowDistinguisherMethod": 'Type=type:""',
  "io.k8s.api.flowcontrol.v1.FlowSchemaCondition":
    'Type=type:"" Status=status:"" LastTransitionTime=lastTransitionTime:null Reason=reason:"" Message=message:""',
  "io.k8s.api.flowcontrol.v1.FlowSchemaSpec":
    "PriorityLevelConfiguration=priorityLevelConfiguration:{} MatchingPrecedence=matchingPrecedence:0 DistinguisherMethod=distinguisherMethod:null Rules=rules:null",
  "io.k8s.api.flowcontrol.v1.FlowSchemaStatus": "Conditions=conditions:null",
  "io.k8s.api.flowcontrol.v1.GroupSubject": 'Name=name:""',
  "io.k8s.api.flowcontrol.v1.LimitResponse": 'Type=type:"" Queuing=queuing:null',
  "io.k8s.api.flowcontrol.v1.LimitedPriorityLevelConfiguration":
    "NominalConcurrencyShares=nominalConcurrencyShares:0 LimitResponse=limitResponse:{} LendablePercent=lendablePercent:null BorrowingLimitPercent=borrowingLimitPercent:null",
  "io.k8s.api.flowcontrol.v1.NonResourcePolicyRule": "Verbs=verbs:null NonResourceURLs=nonResourceURLs:null",
  "io.k8s.api.flowcontrol.v1.PolicyRulesWithSubjects":
    "Subjects=subjects:null ResourceRules=resourceRules:null NonResourceRules=nonResourceRules:null",
  "io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationCondition":
    'Type=type:"" Status=status:"" LastTransitionTime=lastTransitionTime:null Reason=reason:"" Message=message:""',
  "io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationReference": 'Name=name:""',
  "io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec": 'Type=type:"" Limited=limited:null Exempt=exempt:null',
  "io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationStatus": "Conditions=conditions:null",
  "io.k8s.api.flowcontrol.v1.QueuingConfiguration":
    "Queues=queues:0 HandSize=handSize:0 QueueLengthLimit=queueLengthLimit:0",
  "io.k8s.api.flowcontrol.v1.ResourcePolicyRule":
    "Verbs=verbs:null APIGroups=apiGroups:null Resources=resources:null ClusterScope=clusterScope:false Namespaces=namespaces:null",
  "io.k8s.api.flowcontrol.v1.ServiceAccountSubject": 'Namespace=namespace:"" Name=name:""',
  "io.k8s.api.flowcontrol.v1.Subject":
    'Kind=kind:"" User=user:null Group=group:null ServiceAccount=serviceAccount:null',
  "io.k8s.api.flowcontrol.v1.UserSubject": 'Name=name:""',
  "io.k8s.api.networking.v1.HTTPIngressPath": 'Path=path:"" PathType=pathType:null Backend=backend:{}',
  "io.k8s.api.networking.v1.HTTPIngressRuleValue": "Paths=paths:null",
  "io.k8s.api.networking.v1.IPAddressSpec": "ParentRef=parentRef:null",
  "io.k8s.api.networking.v1.IPBlock": 'CIDR=cidr:"" Except=except:null',
  "io.k8s.api.networking.v1.IngressBackend": "Service=service:null Resource=resource:null",
  "io.k8s.api.networking.v1.IngressClassParametersReference":
    'APIGroup=apiGroup:null Kind=kind:"" Name=name:"" Scope=scope:null Namespace=namespace:null',
  "io.k8s.api.networking.v1.IngressClassSpec": 'Controller=controller:"" Parameters=parameters:null',
  "io.k8s.api.networking.v1.IngressLoadBalancerIngress": 'IP=ip:"" Hostname=hostname:"" Ports=ports:null',
  "io.k8s.api.networking.v1.IngressLoadBalancerStatus": "Ingress=ingress:null",
  "io.k8s.api.networking.v1.IngressPortStatus": 'Port=port:0 Protocol=protocol:"" Error=error:null',
  "io.k8s.api.networking.v1.IngressRule": 'Host=host:"" HTTP=http:null',
  "io.k8s.api.networking.v1.IngressServiceBackend": 'Name=name:"" Port=port:{}',
  "io.k8s.api.networking.v1.IngressSpec":
    "IngressClassName=ingressClassName:null DefaultBackend=defaultBackend:null TLS=tls:null Rules=rules:null",
  "io.k8s.api.networking.v1.IngressStatus": "LoadBalancer=loadBalancer:{}",
  "io.k8s.api.networking.v1.IngressTLS": 'Hosts=hosts:null SecretName=secretName:""',
  "io.k8s.api.networking.v1.NetworkPolicyEgressRule": "Ports=ports:null To=to:null",
  "io.k8s.api.networking.v1.NetworkPolicyIngressRule": "Ports=ports:null From=from:null",
  "io.k8s.api.networking.v1.NetworkPolicyPeer":
    "PodSelector=podSelector:null NamespaceSelector=namespaceSelector:null IPBlock=ipBlock:null",
  "io.k8s.api.networking.v1.NetworkPolicyPort": "Protocol=protocol:null Port=port:null EndPort=endPort:null",
  "io.k8s.api.networking.v1.NetworkPolicySpec":
    "PodSelector=podSelector:{} Ingress=ingress:null Egress=egress:null PolicyTypes=policyTypes:null",
  "io.k8s.api.networking.v1.ParentReference": 'Group=group:"" Resource=resource:"" Namespace=namespace:"" Name=name:""',
  "io.k8s.api.networking.v1.ServiceBackendPort": 'Name=name:"" Number=number:0',
  "io.k8s.api.networking.v1.ServiceCIDRSpec": "CIDRs=cidrs:null",
  "io.k8s.api.networking.v1.ServiceCIDRStatus": "Conditions=conditions:null",
  "io.k8s.api.networking.v1beta1.IPAddressSpec": "ParentRef=parentRef:null",
  "io.k8s.api.networking.v1beta1.ParentReference":
    'Group=group:"" Resource=resource:"" Namespace=namespace:"" Name=name:""',
  "io.k8s.api.networking.v1beta1.ServiceCIDRSpec": "CIDRs=cidrs:null",
  "io.k8s.api.networking.v1beta1.ServiceCIDRStatus": "Conditions=conditions:null",
  "io.k8s.api.node.v1.Overhead": "PodFixed=podFixed:null",
  "io.k8s.api.node.v1.Scheduling": "NodeSelector=nodeSelector:null Tolerations=tolerations:null",
  "io.k8s.api.policy.v1.PodDisruptionBudgetSpec":
    "MinAvailable=minAvailable:null Selector=selector:null MaxUnavailable=maxUnavailable:null UnhealthyPodEvictionPolicy=unhealthyPodEvictionPolicy:null",
  "io.k8s.api.policy.v1.PodDisruptionBudgetStatus":
    "ObservedGeneration=observedGeneration:0 DisruptedPods=disruptedPods:null DisruptionsAllowed=disruptionsAllowed:0 CurrentHealthy=currentHealthy:0 DesiredHealthy=desiredHealthy:0 ExpectedPods=expectedPods:0 Conditions=conditions:null",
  "io.k8s.api.rbac.v1.AggregationRule": "ClusterRoleSelectors=clusterRoleSelectors:null",
  "io.k8s.api.rbac.v1.PolicyRule":
    "Verbs=verbs:null APIGroups=apiGroups:null Resources=resources:null ResourceNames=resourceNames:null NonResourceURLs=nonResourceURLs:null",
  "io.k8s.api.rbac.v1.RoleRef": 'APIGroup=apiGroup:"" Kind=kind:"" Name=name:""',
  "io.k8s.api.rbac.v1.Subject": 'Kind=kind:"" APIGroup=apiGroup:"" Name=name:"" Namespace=namespace:""',
  "io.k8s.api.resource.v1.AllocatedDeviceStatus":
    'Driver=driver:"" Pool=pool:"" Device=device:"" ShareID=shareID:null Conditions=conditions:null Data=data:null NetworkData=networkData:null',
  "io.k8s.api.resource.v1.AllocationResult":
    "Devices=devices:{} NodeSelector=nodeSelector:null AllocationTimestamp=allocationTimestamp:null",
  "io.k8s.api.resource.v1.CELDeviceSelector": 'Expression=expression:""',
  "io.k8s.api.resource.v1.CapacityRequestPolicy":
    "Default=default:null ValidValues=validValues:null ValidRange=validRange:null",
  "io.k8s.api.resource.v1.CapacityRequestPolicyRange": "Min=min:null Max=max:null Step=step:null",
  "io.k8s.api.resource.v1.CapacityRequirements": "Requests=requests:null",
  "io.k8s.api.resource.v1.Counter": 'Value=value:"0"',
  "io.k8s.api.resource.v1.CounterSet": 'Name=name:"" Counters=counters:null',
  "io.k8s.api.resource.v1.Device":
    'Name=name:"" Attributes=attributes:null Capacity=capacity:null ConsumesCounters=consumesCounters:null NodeName=nodeName:null NodeSelector=nodeSelector:null AllNodes=allNodes:null Taints=taints:null BindsToNode=bindsToNode:null BindingConditions=bindingConditions:null BindingFailureConditions=bindingFailureConditions:null AllowMultipleAllocations=allowMultipleAllocations:null NodeAllocatableResourceMappings=nodeAllocatableResourceMappings:null',
  "io.k8s.api.resource.v1.DeviceAllocationConfiguration": 'Source=source:"" Requests=requests:null Opaque=opaque:null',
  "io.k8s.api.resource.v1.DeviceAllocationResult": "Results=results:null Config=config:null",
  "io.k8s.api.resource.v1.DeviceAttribute":
    "IntValue=int:null BoolValue=bool:null StringValue=string:null VersionValue=version:null IntValues=ints:null BoolValues=bools:null StringValues=strings:null VersionValues=versions:null",
  "io.k8s.api.resource.v1.DeviceCapacity": 'Value=value:"0" RequestPolicy=requestPolicy:null',
  "io.k8s.api.resource.v1.DeviceClaim": "Requests=requests:null Constraints=constraints:null Config=config:null",
  "io.k8s.api.resource.v1.DeviceClaimConfiguration": "Requests=requests:null Opaque=opaque:null",
  "io.k8s.api.resource.v1.DeviceClassConfiguration": "Opaque=opaque:null",
  "io.k8s.api.resource.v1.DeviceClassSpec":
    "Selectors=selectors:null Config=config:null ExtendedResourceName=extendedResourceName:null",
  "io.k8s.api.resource.v1.DeviceConstraint":
    "Requests=requests:null MatchAttribute=matchAttribute:null DistinctAttribute=distinctAttribute:null",
  "io.k8s.api.resource.v1.DeviceCounterConsumption": 'CounterSet=counterSet:"" Counters=counters:null',
  "io.k8s.api.resource.v1.DeviceRequest": 'Name=name:"" Exactly=exactly:null FirstAvailable=firstAvailable:null',
  "io.k8s.api.resource.v1.DeviceRequestAllocationResult":
    'Request=request:"" Driver=driver:"" Pool=pool:"" Device=device:"" AdminAccess=adminAccess:null Tolerations=tolerations:null BindingConditions=bindingConditions:null BindingFailureConditions=bindingFailureConditions:null ShareID=shareID:null ConsumedCapacity=consumedCapacity:null',
  "io.k8s.api.resource.v1.DeviceSelector": "CEL=cel:null",
  "io.k8s.api.resource.v1.DeviceSubRequest":
    'Name=name:"" DeviceClassName=deviceClassName:"" Selectors=selectors:null AllocationMode=allocationMode:"" Count=count:0 Tolerations=tolerations:null Capacity=capacity:null',
  "io.k8s.api.resource.v1.DeviceTaint": 'Key=key:"" Value=value:"" Effect=effect:"" TimeAdded=timeAdded:null',
  "io.k8s.api.resource.v1.DeviceToleration":
    'Key=key:"" Operator=operator:"" Value=value:"" Effect=effect:"" TolerationSeconds=tolerationSeconds:null',
  "io.k8s.api.resource.v1.ExactDeviceRequest":
    'DeviceClassName=deviceClassName:"" Selectors=selectors:null AllocationMode=allocationMode:"" Count=count:0 AdminAccess=adminAccess:null Tolerations=tolerations:null Capacity=capacity:null',
  "io.k8s.api.resource.v1.NetworkDeviceData":
    'InterfaceName=interfaceName:"" IPs=ips:null HardwareAddress=hardwareAddress:""',
  "io.k8s.api.resource.v1.NodeAllocatableResourceMapping":
    "CapacityKey=capacityKey:null AllocationMultiplier=allocationMultiplier:null",
  "io.k8s.api.resource.v1.OpaqueDeviceConfiguration": 'Driver=driver:"" Parameters=parameters:null',
  "io.k8s.api.resource.v1.ResourceClaimConsumerReference":
    'APIGroup=apiGroup:"" Resource=resource:"" Name=name:"" UID=uid:""',
  "io.k8s.api.resource.v1.ResourceClaimSpec": "Devices=devices:{}",
  "io.k8s.api.resource.v1.ResourceClaimStatus":
    "Allocation=allocation:null ReservedFor=reservedFor:null Devices=devices:null",
  "io.k8s.api.resource.v1.ResourceClaimTemplateSpec": "...metadata Spec=spec:{}",
  "io.k8s.api.resource.v1.ResourcePool": 'Name=name:"" Generation=generation:0 ResourceSliceCount=resourceSliceCount:0',
  "io.k8s.api.resource.v1.ResourceSliceSpec":
    'Driver=driver:"" Pool=pool:{} NodeName=nodeName:null NodeSelector=nodeSelector:null AllNodes=allNodes:null Devices=devices:null PerDeviceNodeSelection=perDeviceNodeSelection:null SharedCounters=sharedCounters:null',
  "io.k8s.api.resource.v1alpha3.DeviceTaint": 'Key=key:"" Value=value:"" Effect=effect:"" TimeAdded=timeAdded:null',
  "io.k8s.api.resource.v1alpha3.DeviceTaintRuleSpec": "DeviceSelector=deviceSelector:null Taint=taint:{}",
  "io.k8s.api.resource.v1alpha3.DeviceTaintRuleStatus": "Conditions=conditions:null",
  "io.k8s.api.resource.v1alpha3.DeviceTaintSelector": "Driver=driver:null Pool=pool:null Device=device:null",
  "io.k8s.api.resource.v1alpha3.PoolStatus":
    'Driver=driver:"" PoolName=poolName:"" Generation=generation:0 ResourceSliceCount=resourceSliceCount:null TotalDevices=totalDevices:null AllocatedDevices=allocatedDevices:null AvailableDevices=availableDevices:null UnavailableDevices=unavailableDevices:null NodeName=nodeName:null ValidationError=validationError:null',
  "io.k8s.api.resource.v1alpha3.ResourcePoolStatusRequestSpec":
    'Driver=driver:"" PoolName=poolName:null Limit=limit:null',
  "io.k8s.api.resource.v1alpha3.ResourcePoolStatusRequestStatus":
    "PoolCount=poolCount:null Pools=pools:null Conditions=conditions:null",
  "io.k8s.api.resource.v1beta1.AllocatedDeviceStatus":
    'Driver=driver:"" Pool=pool:"" Device=device:"" ShareID=shareID:null Conditions=conditions:null Data=data:null NetworkData=networkData:null',
  "io.k8s.api.resource.v1beta1.AllocationResult":
    "Devices=devices:{} NodeSelector=nodeSelector:null AllocationTimestamp=allocationTimestamp:null",
  "io.k8s.api.resource.v1beta1.CELDeviceSelector": 'Expression=expression:""',
  "io.k8s.api.resource.v1beta1.CapacityRequestPolicy":
    "Default=default:null ValidValues=validValues:null ValidRange=validRange:null",
  "io.k8s.api.resource.v1beta1.CapacityRequestPolicyRange": "Min=min:null Max=max:null Step=step:null",
  "io.k8s.api.resource.v1beta1.CapacityRequirements": "Requests=requests:null",
  "io.k8s.api.resource.v1beta1.Counter": 'Value=value:"0"',
  "io.k8s.api.resource.v1beta1.CounterSet": 'Name=name:"" Counters=counters:null',
  "io.k8s.api.resource.v1beta1.Device":
    'Name=name:"" Attributes=attributes:null Capacity=capacity:null ConsumesCounters=consumesCounters:null NodeName=nodeName:null NodeSelector=nodeSelector:null AllNodes=allNodes:null Taints=taints:null BindsToNode=bindsToNode:null BindingConditions=bindingConditions:null BindingFailureConditions=bindingFailureConditions:null AllowMultipleAllocations=allowMultipleAllocations:null NodeAllocatableResourceMappings=nodeAllocatableResourceMappings:null',
  "io.k8s.api.resource.v1beta1.DeviceAllocationConfiguration":
    'Source=source:"" Requests=requests:null Opaque=opaque:null',
  "io.k8s.api.resource.v1beta1.DeviceAllocationResult": "Results=results:null Config=config:null",
  "io.k8s.api.resource.v1beta1.DeviceAttribute":
    "IntValue=int:null BoolValue=bool:null StringValue=string:null VersionValue=version:null IntValues=ints:null BoolValues=bools:null StringValues=strings:null VersionValues=versions:null",
  "io.k8s.api.resource.v1beta1.DeviceCapacity": 'Value=value:"0" RequestPolicy=requestPolicy:null',
  "io.k8s.api.resource.v1beta1.DeviceClaim": "Requests=requests:null Constraints=constraints:null Config=config:null",
  "io.k8s.api.resource.v1beta1.DeviceClaimConfiguration": "Requests=requests:null Opaque=opaque:null",
  "io.k8s.api.resource.v1beta1.DeviceClassConfiguration": "Opaque=opaque:null",
  "io.k8s.api.resource.v1beta1.DeviceClassSpec":
    "Selectors=selectors:null Config=config:null ExtendedResourceName=extendedResourceName:null",
  "io.k8s.api.resource.v1beta1.DeviceConstraint":
    "Requests=requests:null MatchAttribute=matchAttribute:null DistinctAttribute=distinctAttribute:null",
  "io.k8s.api.resource.v1beta1.DeviceCounterConsumption": 'CounterSet=counterSet:"" Counters=counters:null',
  "io.k8s.api.resource.v1beta1.DeviceRequest": 'Name=name:"" Exactly=exactly:null FirstAvailable=firstAvailable:null',
  "io.k8s.api.resource.v1beta1.DeviceRequestAllocationResult":
    'Request=request:"" Driver=driver:"" Pool=pool:"" Device=device:"" AdminAccess=adminAccess:null Tolerations=tolerations:null BindingConditions=bindingConditions:null BindingFailureConditions=bindingFailureConditions:null ShareID=shareID:null ConsumedCapacity=consumedCapacity:null',
  "io.k8s.api.resource.v1beta1.DeviceSelector": "CEL=cel:null",
  "io.k8s.api.resource.v1beta1.DeviceSubRequest":
    'Name=name:"" DeviceClassName=deviceClassName:"" Selectors=selectors:null AllocationMode=allocationMode:"" Count=count:0 Tolerations=tolerations:null Capacity=capacity:null',
  "io.k8s.api.resource.v1beta1.DeviceTaint": 'Key=key:"" Value=value:"" Effect=effect:"" TimeAdded=timeAdded:null',
  "io.k8s.api.resource.v1beta1.DeviceToleration":
    'Key=key:"" Operator=operator:"" Value=value:"" Effect=effect:"" TolerationSeconds=tolerationSeconds:null',
  "io.k8s.api.resource.v1beta1.NetworkDeviceData":
    'InterfaceName=interfaceName:"" IPs=ips:null HardwareAddress=hardwareAddress:""',
  "io.k8s.api.resource.v1beta1.NodeAllocatableResourceMapping":
    "CapacityKey=capacityKey:null AllocationMultiplier=allocationMultiplier:null",
  "io.k8s.api.resource.v1beta1.OpaqueDeviceConfiguration": 'Driver=driver:"" Parameters=parameters:null',
  "io.k8s.api.resource.v1beta1.ResourceClaimConsumerReference":
    'APIGroup=apiGroup:"" Resource=resource:"" Name=name:"" UID=uid:""',
  "io.k8s.api.resource.v1beta1.ResourceClaimSpec": "Devices=devices:{}",
  "io.k8s.api.resource.v1beta1.ResourceClaimStatus":
    "Allocation=allocation:null ReservedFor=reservedFor:null Devices=devices:null",
  "io.k8s.api.resource.v1beta1.ResourceClaimTemplateSpec": "...metadata Spec=spec:{}",
  "io.k8s.api.resource.v1beta1.ResourcePool":
    'Name=name:"" Generation=generation:0 ResourceSliceCount=resourceSliceCount:0',
  "io.k8s.api.resource.v1beta1.ResourceSliceSpec":
    'Driver=driver:"" Pool=pool:{} NodeName=nodeName:null NodeSelector=nodeSelector:null AllNodes=allNodes:null Devices=devices:null PerDeviceNodeSelection=perDeviceNodeSelection:null SharedCounters=sharedCounters:null',
  "io.k8s.api.resource.v1beta2.AllocatedDeviceStatus":
    'Driver=driver:"" Pool=pool:"" Device=device:"" ShareID=shareID:null Conditions=conditions:null Data=data:null NetworkData=networkData:null',
  "io.k8s.api.resource.v1beta2.AllocationResult":
    "Devices=devices:{} NodeSelector=nodeSelector:null AllocationTimestamp=allocationTimestamp:null",
  "io.k8s.api.resource.v1beta2.CELDeviceSelector": 'Expression=expression:""',
  "io.k8s.api.resource.v1beta2.CapacityRequestPolicy":
    "Default=default:null ValidValues=validValues:null ValidRange=validRange:null",
  "io.k8s.api.resource.v1beta2.CapacityRequestPolicyRange": "Min=min:null Max=max:null Step=step:null",
  "io.k8s.api.resource.v1beta2.CapacityRequirements": "Requests=requests:null",
  "io.k8s.api.resource.v1beta2.Counter": 'Value=value:"0"',
  "io.k8s.api.resource.v1beta2.CounterSet": 'Name=name:"" Counters=counters:null',
  "io.k8s.api.resource.v1beta2.Device":
    'Name=name:"" Attributes=attributes:null Capacity=capacity:null ConsumesCounters=consumesCounters:null NodeName=nodeName:null NodeSelector=nodeSelector:null AllNodes=allNodes:null Taints=taints:null BindsToNode=bindsToNode:null BindingConditions=bindingConditions:null BindingFailureConditions=bindingFailureConditions:null AllowMultipleAllocations=allowMultipleAllocations:null NodeAllocatableResourceMappings=nodeAllocatableResourceMappings:null',
  "io.k8s.api.resource.v1beta2.DeviceAllocationConfiguration":
    'Source=source:"" Requests=requests:null Opaque=opaque:null',
  "io.k8s.api.resource.v1beta2.DeviceAllocationResult": "Results=results:null Config=config:null",
  "io.k8s.api.resource.v1beta2.DeviceAttribute":
    "IntValue=int:null BoolValue=bool:null StringValue=string:null VersionValue=version:null IntValues=ints:null BoolValues=bools:null StringValues=strings:null VersionValues=versions:null",
  "io.k8s.api.resource.v1beta2.DeviceCapacity": 'Value=value:"0" RequestPolicy=requestPolicy:null',
  "io.k8s.api.resource.v1beta2.DeviceClaim": "Requests=requests:null Constraints=constraints:null Config=config:null",
  "io.k8s.api.resource.v1beta2.DeviceClaimConfiguration": "Requests=requests:null Opaque=opaque:null",
  "io.k8s.api.resource.v1beta2.DeviceClassConfiguration": "Opaque=opaque:null",
  "io.k8s.api.resource.v1beta2.DeviceClassSpec":
    "Selectors=selectors:null Config=config:null ExtendedResourceName=extendedResourceName:null",
  "io.k8s.api.resource.v1beta2.DeviceConstraint":
    "Requests=requests:null MatchAttribute=matchAttribute:null DistinctAttribute=distinctAttribute:null",
  "io.k8s.api.resource.v1beta2.DeviceCounterConsumption": 'CounterSet=counterSet:"" Counters=counters:null',
  "io.k8s.api.resource.v1beta2.DeviceRequest": 'Name=name:"" Exactly=exactly:null FirstAvailable=firstAvailable:null',
  "io.k8s.api.resource.v1beta2.DeviceRequestAllocationResult":
    'Request=request:"" Driver=driver:"" Pool=pool:"" Device=device:"" AdminAccess=adminAccess:null Tolerations=tolerations:null BindingConditions=bindingConditions:null BindingFailureConditions=bindingFailureConditions:null ShareID=shareID:null ConsumedCapacity=consumedCapacity:null',
  "io.k8s.api.resource.v1beta2.DeviceSelector": "CEL=cel:null",
  "io.k8s.api.resource.v1beta2.DeviceSubRequest":
    'Name=name:"" DeviceClassName=deviceClassName:"" Selectors=selectors:null AllocationMode=allocationMode:"" Count=count:0 Tolerations=tolerations:null Capacity=capacity:null',
  "io.k8s.api.resource.v1beta2.DeviceTaint": 'Key=key:"" Value=value:"" Effect=effect:"" TimeAdded=timeAdded:null',
  "io.k8s.api.resource.v1beta2.DeviceTaintRuleSpec": "DeviceSelector=deviceSelector:null Taint=taint:{}",
  "io.k8s.api.resource.v1beta2.DeviceTaintRuleStatus": "Conditions=conditions:null",
  "io.k8s.api.resource.v1beta2.DeviceTaintSelector": "Driver=driver:null Pool=pool:null Device=device:null",
  "io.k8s.api.resource.v1beta2.DeviceToleration":
    'Key=key:"" Operator=operator:"" Value=value:"" Effect=effect:"" TolerationSeconds=tolerationSeconds:null',
  "io.k8s.api.resource.v1beta2.ExactDeviceRequest":
    'DeviceClassName=deviceClassName:"" Selectors=selectors:null AllocationMode=allocationMode:"" Count=count:0 AdminAccess=adminAccess:null Tolerations=tolerations:null Capacity=capacity:null',
  "io.k8s.api.resource.v1beta2.NetworkDeviceData":
    'InterfaceName=interfaceName:"" IPs=ips:null HardwareAddress=hardwareAddress:""',
  "io.k8s.api.resource.v1beta2.NodeAllocatableResourceMapping":
    "CapacityKey=capacityKey:null AllocationMultiplier=allocationMultiplier:null",
  "io.k8s.api.resource.v1beta2.OpaqueDeviceConfiguration": 'Driver=driver:"" Parameters=parameters:null',
  "io.k8s.api.resource.v1beta2.ResourceClaimConsumerReference":
    'APIGroup=apiGroup:"" Resource=resource:"" Name=name:"" UID=uid:""',
  "io.k8s.api.resource.v1beta2.ResourceClaimSpec": "Devices=devices:{}",
  "io.k8s.api.resource.v1beta2.ResourceClaimStatus":
    "Allocation=allocation:null ReservedFor=reservedFor:null Devices=devices:null",
  "io.k8s.api.resource.v1beta2.ResourceClaimTemplateSpec": "...metadata Spec=spec:{}",
  "io.k8s.api.resource.v1beta2.ResourcePool":
    'Name=name:"" Generation=generation:0 ResourceSliceCount=resourceSliceCount:0',
  "io.k8s.api.resource.v1beta2.ResourceSliceSpec":
    'Driver=driver:"" Pool=pool:{} NodeName=nodeName:null NodeSelector=nodeSelector:null AllNodes=allNodes:null Devices=devices:null PerDeviceNodeSelection=perDeviceNodeSelection:null SharedCounters=sharedCounters:null',
  "io.k8s.api.scheduling.v1alpha2.GangSchedulingPolicy": "MinCount=minCount:0",
  "io.k8s.api.scheduling.v1alpha2.PodGroupResourceClaim":
    'Name=name:"" ResourceClaimName=resourceClaimName:null ResourceClaimTemplateName=resourceClaimTemplateName:null',
  "io.k8s.api.scheduling.v1alpha2.PodGroupResourceClaimStatus": 'Name=name:"" ResourceClaimName=resourceClaimName:null',
  "io.k8s.api.scheduling.v1alpha2.PodGroupSchedulingConstraints": "Topology=topology:null",
  "io.k8s.api.scheduling.v1alpha2.PodGroupSchedulingPolicy": "Basic=basic:null Gang=gang:null",
  "io.k8s.api.scheduling.v1alpha2.PodGroupSpec":
    'PodGroupTemplateRef=podGroupTemplateRef:null SchedulingPolicy=schedulingPolicy:{} SchedulingConstraints=schedulingConstraints:null ResourceClaims=resourceClaims:null DisruptionMode=disruptionMode:null PriorityClassName=priorityClassName:"" Priority=priority:null',
  "io.k8s.api.scheduling.v1alpha2.PodGroupStatus":
    "Conditions=conditions:null ResourceClaimStatuses=resourceClaimStatuses:null",
  "io.k8s.api.scheduling.v1alpha2.PodGroupTemplate":
    'Name=name:"" SchedulingPolicy=schedulingPolicy:{} SchedulingConstraints=schedulingConstraints:null ResourceClaims=resourceClaims:null DisruptionMode=disruptionMode:null PriorityClassName=priorityClassName:"" Priority=priority:null',
  "io.k8s.api.scheduling.v1alpha2.PodGroupTemplateReference": "Workload=workload:null",
  "io.k8s.api.scheduling.v1alpha2.TopologyConstraint": 'Key=key:""',
  "io.k8s.api.scheduling.v1alpha2.TypedLocalObjectReference": 'APIGroup=apiGroup:"" Kind=kind:"" Name=name:""',
  "io.k8s.api.scheduling.v1alpha2.WorkloadPodGroupTemplateReference":
    'WorkloadName=workloadName:"" PodGroupTemplateName=podGroupTemplateName:""',
  "io.k8s.api.scheduling.v1alpha2.WorkloadSpec":
    "ControllerRef=controllerRef:null PodGroupTemplates=podGroupTemplates:null",
  "io.k8s.api.storage.v1.CSIDriverSpec":
    "AttachRequired=attachRequired:null FSGroupPolicy=fsGroupPolicy:null PodInfoOnMount=podInfoOnMount:null VolumeLifecycleModes=volumeLifecycleModes:null StorageCapacity=storageCapacity:null TokenRequests=tokenRequests:null RequiresRepublish=requiresRepublish:null SELinuxMount=seLinuxMount:null NodeAllocatableUpdatePeriodSeconds=nodeAllocatableUpdatePeriodSeconds:null ServiceAccountTokenInSecrets=serviceAccountTokenInSecrets:null PreventPodSchedulingIfMissing=preventPodSchedulingIfMissing:null",
  "io.k8s.api.storage.v1.CSINodeDriver":
    'Name=name:"" NodeID=nodeID:"" TopologyKeys=topologyKeys:null Allocatable=allocatable:null',
  "io.k8s.api.storage.v1.CSINodeSpec": "Drivers=drivers:null",
  "io.k8s.api.storage.v1.TokenRequest": 'Audience=audience:"" ExpirationSeconds=expirationSeconds:null',
  "io.k8s.api.storage.v1.VolumeAttachmentSource":
    "PersistentVolumeName=persistentVolumeName:null InlineVolumeSpec=inlineVolumeSpec:null",
  "io.k8s.api.storage.v1.VolumeAttachmentSpec": 'Attacher=attacher:"" Source=source:{} NodeName=nodeName:""',
  "io.k8s.api.storage.v1.VolumeAttachmentStatus":
    "Attached=attached:false AttachmentMetadata=attachmentMetadata:null AttachError=attachError:null DetachError=detachError:null",
  "io.k8s.api.storage.v1.VolumeError": 'Time=time:null Message=message:"" ErrorCode=errorCode:null',
  "io.k8s.api.storage.v1.VolumeNodeResources": "Count=count:null",
  "io.k8s.api.storagemigration.v1beta1.StorageVersionMigrationSpec": "Resource=resource:{}",
  "io.k8s.api.storagemigration.v1beta1.StorageVersionMigrationStatus":
    'Conditions=conditions:null ResourceVersion=resourceVersion:""',
  "io.k8s.apimachinery.pkg.apis.meta.v1.APIResource":
    'name:"" singularName:"" namespaced:false group? version? kind:"" verbs:null shortNames? categories? storageVersionHash?',
  "io.k8s.apimachinery.pkg.apis.meta.v1.Condition":
    'type:"" status:"" observedGeneration? lastTransitionTime:{} reason:"" message:""',
  "io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement": 'key:"" operator:"" values?',
  "io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionForDiscovery": 'groupVersion:"" version:""',
  "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector": "matchLabels? matchExpressions?",
  "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement": 'key:"" operator:"" values?',
  "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta":
    "selfLink? resourceVersion? continue? remainingItemCount? shardInfo?",
  "io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry":
    "manager? operation? apiVersion? time? fieldsType? fieldsV1? subresource?",
  "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta":
    "name? generateName? namespace? selfLink? uid? resourceVersion? generation? creationTimestamp? deletionTimestamp? deletionGracePeriodSeconds? labels? annotations? ownerReferences? finalizers? managedFields?",
  "io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference":
    'apiVersion:"" kind:"" name:"" uid:"" controller? blockOwnerDeletion?',
  "io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions": "uid? resourceVersion?",
  "io.k8s.apimachinery.pkg.apis.meta.v1.ServerAddressByClientCIDR": 'clientCIDR:"" serverAddress:""',
  "io.k8s.apimachinery.pkg.apis.meta.v1.ShardInfo": 'selector:""',
  "io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause": "reason? message? field?",
  "io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails": "name? group? kind? uid? causes? retryAfterSeconds?",
};

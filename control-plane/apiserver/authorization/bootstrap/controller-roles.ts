// What each controller of a Kubernetes control plane may do when it acts as its own service account in kube-system: one role
// each, bound to the account of that name.

import { type BootstrapRole, rule } from "./notation.ts";

export const controllerRoles: readonly BootstrapRole[] = [
  {
    name: "system:controller:attachdetach-controller",
    rules: [
      rule("list watch", "core", "persistentvolumeclaims persistentvolumes"),
      rule("get list watch", "core", "nodes"),
      rule("update patch", "core", "nodes/status"),
      rule("list watch", "core", "pods"),
      rule("create update patch", "core events.k8s.io", "events"),
      rule("get list watch create delete", "storage.k8s.io", "volumeattachments"),
      rule("get list watch", "storage.k8s.io", "csidrivers"),
      rule("get list watch", "storage.k8s.io", "csinodes"),
    ],
  },
  {
    name: "system:controller:certificate-controller",
    rules: [
      rule("get list watch delete", "certificates.k8s.io", "certificatesigningrequests"),
      rule("update", "certificates.k8s.io", "certificatesigningrequests/approval certificatesigningrequests/status"),
      rule("approve", "certificates.k8s.io", "signers", "kubernetes.io/kube-apiserver-client-kubelet"),
      rule(
        "sign",
        "certificates.k8s.io",
        "signers",
        "kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown",
      ),
      rule("create", "authorization.k8s.io", "subjectaccessreviews"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:clusterrole-aggregation-controller",
    rules: [rule("get list watch update patch escalate", "rbac.authorization.k8s.io", "clusterroles")],
  },
  {
    name: "system:controller:cronjob-controller",
    rules: [
      rule("get list watch update", "batch", "cronjobs"),
      rule("get list watch create update patch delete", "batch", "jobs"),
      rule("update", "batch", "cronjobs/status"),
      rule("update", "batch", "cronjobs/finalizers"),
      rule("list watch delete", "core", "pods"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:daemon-set-controller",
    rules: [
      rule("get list watch", "apps extensions", "daemonsets"),
      rule("update", "apps extensions", "daemonsets/status"),
      rule("update", "apps extensions", "daemonsets/finalizers"),
      rule("list watch", "core", "nodes"),
      rule("list watch create patch delete", "core", "pods"),
      rule("create", "core", "pods/binding"),
      rule("get list watch create update patch delete", "apps", "controllerrevisions"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:deployment-controller",
    rules: [
      rule("get list watch update", "apps extensions", "deployments"),
      rule("update", "apps extensions", "deployments/status"),
      rule("update", "apps extensions", "deployments/finalizers"),
      rule("get list watch create update patch delete", "apps extensions", "replicasets"),
      rule("get list watch update", "core", "pods"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:device-taint-eviction-controller",
    rules: [
      rule("get list watch delete", "core", "pods"),
      rule("update patch", "core", "pods/status"),
      rule("get list watch", "resource.k8s.io", "resourceclaims"),
      rule("get list watch", "resource.k8s.io", "resourceslices"),
      rule("get list watch", "resource.k8s.io", "deviceclasses"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:disruption-controller",
    rules: [
      rule("get list watch", "apps extensions", "deployments"),
      rule("get list watch", "apps extensions", "replicasets"),
      rule("get list watch", "core", "replicationcontrollers"),
      rule("get list watch", "policy", "poddisruptionbudgets"),
      rule("get list watch", "apps", "statefulsets"),
      rule("update", "policy", "poddisruptionbudgets/status"),
      rule("update patch", "core", "pods/status"),
      rule("get", "*", "*/scale"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:endpoint-controller",
    rules: [
      rule("get list watch", "core", "pods services"),
      rule("get list watch create update delete", "core", "endpoints"),
      rule("create", "core", "endpoints/restricted"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:endpointslice-controller",
    rules: [
      rule("get list watch", "core", "nodes pods services"),
      rule("update", "core", "services/finalizers"),
      rule("get list watch create update delete", "discovery.k8s.io", "endpointslices"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:endpointslicemirroring-controller",
    rules: [
      rule("get list watch", "core", "endpoints services"),
      rule("update", "core", "services/finalizers"),
      rule("update", "core", "endpoints/finalizers"),
      rule("get list watch create update delete", "discovery.k8s.io", "endpointslices"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:ephemeral-volume-controller",
    rules: [
      rule("get list watch", "core", "pods"),
      rule("update", "core", "pods/finalizers"),
      rule("get list watch create", "core", "persistentvolumeclaims"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:expand-controller",
    rules: [
      rule("get list watch update patch", "core", "persistentvolumes"),
      rule("update patch", "core", "persistentvolumeclaims/status"),
      rule("get list watch", "core", "persistentvolumeclaims"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:generic-garbage-collector",
    rules: [
      rule("get list watch update patch delete", "*", "*"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:horizontal-pod-autoscaler",
    rules: [
      rule("get list watch", "autoscaling", "horizontalpodautoscalers"),
      rule("update", "autoscaling", "horizontalpodautoscalers/status"),
      rule("get update", "*", "*/scale"),
      rule("list watch", "core", "pods"),
      rule("list watch", "metrics.k8s.io", "pods"),
      rule("get list watch", "custom.metrics.k8s.io", "*"),
      rule("get list watch", "external.metrics.k8s.io", "*"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:job-controller",
    rules: [
      rule("get list watch update patch", "batch", "jobs"),
      rule("update", "batch", "jobs/status"),
      rule("update", "batch", "jobs/finalizers"),
      rule("list watch create patch delete", "core", "pods"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:legacy-service-account-token-cleaner",
    rules: [
      rule("get", "core", "configmaps", "kube-apiserver-legacy-service-account-token-tracking"),
      rule("patch delete", "core", "secrets"),
    ],
  },
  {
    name: "system:controller:namespace-controller",
    rules: [
      rule("get list watch delete", "core", "namespaces"),
      rule("update", "core", "namespaces/finalize namespaces/status"),
      rule("get list watch delete deletecollection", "*", "*"),
    ],
  },
  {
    name: "system:controller:node-controller",
    rules: [
      rule("get list watch update patch delete", "core", "nodes"),
      rule("update patch", "core", "nodes/status"),
      rule("update patch", "core", "pods/status"),
      rule("get list watch delete", "core", "pods"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:persistent-volume-binder",
    rules: [
      rule("get list watch create update delete", "core", "persistentvolumes"),
      rule("update", "core", "persistentvolumes/status"),
      rule("get list watch update", "core", "persistentvolumeclaims"),
      rule("update", "core", "persistentvolumeclaims/status"),
      rule("get list watch create delete", "core", "pods"),
      rule("get list watch", "storage.k8s.io", "storageclasses"),
      rule("list watch", "core", "nodes"),
      rule("create update patch", "core events.k8s.io", "events"),
      rule("watch", "core", "events"),
    ],
  },
  {
    name: "system:controller:pod-garbage-collector",
    rules: [
      rule("list watch delete", "core", "pods"),
      rule("get list watch", "core", "nodes"),
      rule("patch", "core", "pods/status"),
    ],
  },
  {
    name: "system:controller:pv-protection-controller",
    rules: [
      rule("get list watch update", "core", "persistentvolumes"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:pvc-protection-controller",
    rules: [
      rule("get list watch update", "core", "persistentvolumeclaims"),
      rule("update", "core", "persistentvolumeclaims/status"),
      rule("get list watch", "core", "pods"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:replicaset-controller",
    rules: [
      rule("get list watch update", "apps extensions", "replicasets"),
      rule("update", "apps extensions", "replicasets/status"),
      rule("update", "apps extensions", "replicasets/finalizers"),
      rule("list watch create patch delete", "core", "pods"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:replication-controller",
    rules: [
      rule("get list watch update", "core", "replicationcontrollers"),
      rule("update", "core", "replicationcontrollers/status"),
      rule("update", "core", "replicationcontrollers/finalizers"),
      rule("list watch create patch delete", "core", "pods"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:resource-claim-controller",
    rules: [
      rule("get list watch", "core", "pods"),
      rule("update", "core", "pods/finalizers"),
      rule("get list watch create delete", "resource.k8s.io", "resourceclaims"),
      rule("update patch", "resource.k8s.io", "resourceclaims resourceclaims/status"),
      rule("update patch", "core", "pods/status"),
      rule("create update patch", "core events.k8s.io", "events"),
      rule("update patch", "resource.k8s.io", "resourceclaims/binding"),
    ],
  },
  {
    name: "system:controller:resourcequota-controller",
    rules: [
      rule("list watch", "*", "*"),
      rule("update", "core", "resourcequotas/status"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:root-ca-cert-publisher",
    rules: [rule("create update", "core", "configmaps"), rule("create update patch", "core events.k8s.io", "events")],
  },
  {
    name: "system:controller:route-controller",
    rules: [
      rule("list watch", "core", "nodes"),
      rule("patch", "core", "nodes/status"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:selinux-warning-controller",
    rules: [
      rule("create update patch", "core events.k8s.io", "events"),
      rule("get list watch", "core", "persistentvolumes"),
      rule("get list watch", "core", "persistentvolumeclaims"),
      rule("get list watch", "core", "pods"),
      rule("get list watch", "storage.k8s.io", "csidrivers"),
    ],
  },
  {
    name: "system:controller:service-account-controller",
    rules: [rule("create", "core", "serviceaccounts"), rule("create update patch", "core events.k8s.io", "events")],
  },
  {
    name: "system:controller:service-cidrs-controller",
    rules: [
      rule("get list watch update patch", "networking.k8s.io", "servicecidrs"),
      rule("update patch", "networking.k8s.io", "servicecidrs/finalizers"),
      rule("update patch", "networking.k8s.io", "servicecidrs/status"),
      rule("get list watch", "networking.k8s.io", "ipaddresses"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:service-controller",
    rules: [
      rule("get list watch", "core", "services"),
      rule("update patch", "core", "services/status"),
      rule("list watch", "core", "nodes"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:statefulset-controller",
    rules: [
      rule("list watch", "core", "pods"),
      rule("get list watch", "apps", "statefulsets"),
      rule("update", "apps", "statefulsets/status"),
      rule("update", "apps", "statefulsets/finalizers"),
      rule("get create update patch delete", "core", "pods"),
      rule("get list watch create update patch delete", "apps", "controllerrevisions"),
      rule("get list watch create", "core", "persistentvolumeclaims"),
      rule("update delete", "core", "persistentvolumeclaims"),
      rule("update", "core", "pods/finalizers"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:ttl-after-finished-controller",
    rules: [
      rule("get list watch delete", "batch", "jobs"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:ttl-controller",
    rules: [
      rule("list watch update patch", "core", "nodes"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:validatingadmissionpolicy-status-controller",
    rules: [
      rule("get list watch", "admissionregistration.k8s.io", "validatingadmissionpolicies"),
      rule("get update patch", "admissionregistration.k8s.io", "validatingadmissionpolicies/status"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:controller:volumeattributesclass-protection-controller",
    rules: [
      rule("get list watch", "core", "persistentvolumeclaims"),
      rule("get list watch", "core", "persistentvolumes"),
      rule("get list watch update", "storage.k8s.io", "volumeattributesclasses"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
];

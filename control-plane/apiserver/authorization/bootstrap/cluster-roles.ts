// The cluster roles every Kubernetes has, for people, hosts and the programs of a control plane: facts that users' manifests
// build on, as of 1.36 with its default features. Controllers' own roles are in `controller-roles.ts`.

import { type BootstrapRole, paths, rule } from "./notation.ts";

export const clusterRoles: readonly BootstrapRole[] = [
  { name: "admin", aggregates: "admin", rules: [] },
  { name: "cluster-admin", rules: [rule("*", "*", "*"), paths("*", "*")] },
  { name: "edit", aggregatedTo: "admin", aggregates: "edit", rules: [] },
  {
    name: "system:aggregate-to-admin",
    aggregatedTo: "admin",
    rules: [
      rule("create", "authorization.k8s.io", "localsubjectaccessreviews"),
      rule(
        "get list watch create update patch delete deletecollection",
        "rbac.authorization.k8s.io",
        "rolebindings roles",
      ),
    ],
  },
  {
    name: "system:aggregate-to-edit",
    aggregatedTo: "edit",
    rules: [
      rule("get list watch", "core", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"),
      rule("impersonate", "core", "serviceaccounts"),
      rule(
        "create update patch delete deletecollection",
        "core",
        "pods pods/attach pods/exec pods/portforward pods/proxy",
      ),
      rule("create", "core", "pods/eviction"),
      rule(
        "create update patch delete deletecollection",
        "core",
        "configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy",
      ),
      rule("create", "core", "serviceaccounts/token"),
      rule("create update patch delete deletecollection", "core events.k8s.io", "events"),
      rule(
        "create update patch delete deletecollection",
        "apps",
        "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale",
      ),
      rule("create update patch delete deletecollection", "autoscaling", "horizontalpodautoscalers"),
      rule("create update patch delete deletecollection", "batch", "cronjobs jobs"),
      rule(
        "create update patch delete deletecollection",
        "extensions",
        "daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale",
      ),
      rule("create update patch delete deletecollection", "policy", "poddisruptionbudgets"),
      rule("create update patch delete deletecollection", "networking.k8s.io", "ingresses networkpolicies"),
      rule("get list watch create update patch delete deletecollection", "coordination.k8s.io", "leases"),
      rule("create update patch delete deletecollection", "resource.k8s.io", "resourceclaims resourceclaimtemplates"),
    ],
  },
  {
    name: "system:aggregate-to-view",
    aggregatedTo: "view",
    rules: [
      rule(
        "get list watch",
        "core",
        "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status",
      ),
      rule(
        "get list watch",
        "core",
        "bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status",
      ),
      rule("get list watch", "core", "namespaces"),
      rule("get list watch", "core events.k8s.io", "events"),
      rule("get list watch", "discovery.k8s.io", "endpointslices"),
      rule(
        "get list watch",
        "apps",
        "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
      ),
      rule("get list watch", "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"),
      rule("get list watch", "batch", "cronjobs cronjobs/status jobs jobs/status"),
      rule(
        "get list watch",
        "extensions",
        "daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale",
      ),
      rule("get list watch", "policy", "poddisruptionbudgets poddisruptionbudgets/status"),
      rule("get list watch", "networking.k8s.io", "ingresses ingresses/status networkpolicies"),
      rule("get list watch", "resource.k8s.io", "resourceclaims resourceclaims/status resourceclaimtemplates"),
    ],
  },
  {
    name: "system:auth-delegator",
    rules: [
      rule("create", "authentication.k8s.io", "tokenreviews"),
      rule("create", "authorization.k8s.io", "subjectaccessreviews"),
    ],
  },
  {
    name: "system:basic-user",
    rules: [
      rule("create", "authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews"),
      rule("create", "authentication.k8s.io", "selfsubjectreviews"),
    ],
  },
  {
    name: "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
    rules: [rule("create", "certificates.k8s.io", "certificatesigningrequests/nodeclient")],
  },
  {
    name: "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
    rules: [rule("create", "certificates.k8s.io", "certificatesigningrequests/selfnodeclient")],
  },
  {
    name: "system:certificates.k8s.io:kube-apiserver-client-approver",
    rules: [rule("approve", "certificates.k8s.io", "signers", "kubernetes.io/kube-apiserver-client")],
  },
  {
    name: "system:certificates.k8s.io:kube-apiserver-client-kubelet-approver",
    rules: [rule("approve", "certificates.k8s.io", "signers", "kubernetes.io/kube-apiserver-client-kubelet")],
  },
  {
    name: "system:certificates.k8s.io:kubelet-serving-approver",
    rules: [rule("approve", "certificates.k8s.io", "signers", "kubernetes.io/kubelet-serving")],
  },
  {
    name: "system:certificates.k8s.io:legacy-unknown-approver",
    rules: [rule("approve", "certificates.k8s.io", "signers", "kubernetes.io/legacy-unknown")],
  },
  {
    name: "system:discovery",
    rules: [paths("get", "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/")],
  },
  {
    name: "system:heapster",
    rules: [
      rule("get list watch", "core", "events namespaces nodes pods"),
      rule("get list watch", "extensions", "deployments"),
    ],
  },
  { name: "system:kube-aggregator", rules: [rule("get list watch", "core", "endpoints services")] },
  {
    name: "system:kube-controller-manager",
    rules: [
      rule("create update patch", "core events.k8s.io", "events"),
      rule("create", "coordination.k8s.io", "leases"),
      rule("get update", "coordination.k8s.io", "leases", "kube-controller-manager"),
      rule("create", "core", "secrets serviceaccounts"),
      rule("delete", "core", "secrets"),
      rule("get", "core", "configmaps namespaces secrets serviceaccounts"),
      rule("update", "core", "secrets serviceaccounts"),
      rule("create", "authentication.k8s.io", "tokenreviews"),
      rule("create", "authorization.k8s.io", "subjectaccessreviews"),
      rule("list watch", "*", "*"),
      rule("create", "core", "serviceaccounts/token"),
    ],
  },
  { name: "system:kube-dns", rules: [rule("list watch", "core", "endpoints services")] },
  {
    name: "system:kube-scheduler",
    rules: [
      rule("create update patch", "core events.k8s.io", "events"),
      rule("create", "coordination.k8s.io", "leases"),
      rule("get list watch update", "coordination.k8s.io", "leases", "kube-scheduler"),
      rule("get list watch create update patch delete deletecollection", "coordination.k8s.io", "leasecandidates"),
      rule("get list watch", "core", "nodes"),
      rule("get list watch delete", "core", "pods"),
      rule("create", "core", "bindings pods/binding"),
      rule("update patch", "core", "pods/status"),
      rule("get list watch", "core", "replicationcontrollers services"),
      rule("get list watch", "apps extensions", "replicasets"),
      rule("get list watch", "apps", "statefulsets"),
      rule("get list watch", "policy", "poddisruptionbudgets"),
      rule("get list watch", "core", "persistentvolumeclaims persistentvolumes"),
      rule("create", "authentication.k8s.io", "tokenreviews"),
      rule("create", "authorization.k8s.io", "subjectaccessreviews"),
      rule("get list watch", "storage.k8s.io", "csinodes"),
      rule("get list watch", "storage.k8s.io", "volumeattachments"),
      rule("get list watch", "core", "namespaces"),
      rule("get list watch", "storage.k8s.io", "csidrivers"),
      rule("get list watch", "storage.k8s.io", "csistoragecapacities"),
      rule("get list watch", "resource.k8s.io", "deviceclasses"),
      rule("get list watch update patch", "resource.k8s.io", "resourceclaims"),
      rule("get list watch update patch", "resource.k8s.io", "resourceclaims/status"),
      rule("update", "core", "pods/finalizers"),
      rule("get list watch", "resource.k8s.io", "resourceslices"),
      rule("create delete", "resource.k8s.io", "resourceclaims"),
      rule("update patch", "resource.k8s.io", "resourceclaims/binding"),
    ],
  },
  {
    name: "system:kubelet-api-admin",
    rules: [
      rule("get list watch", "core", "nodes"),
      rule("proxy", "core", "nodes"),
      rule("*", "core", "nodes/log nodes/metrics nodes/proxy nodes/stats"),
      rule("*", "core", "nodes/configz nodes/healthz nodes/pods"),
    ],
  },
  {
    name: "system:monitoring",
    rules: [
      paths("get", "/flagz /healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/* /statusz"),
      rule("get", "core", "nodes/metrics"),
    ],
  },
  {
    name: "system:node",
    rules: [
      rule("create", "authentication.k8s.io", "tokenreviews"),
      rule("create", "authorization.k8s.io", "localsubjectaccessreviews subjectaccessreviews"),
      rule("get list watch", "core", "services"),
      rule("get list watch create", "core", "nodes"),
      rule("update patch", "core", "nodes/status"),
      rule("update patch", "core", "nodes"),
      rule("create update patch", "core events.k8s.io", "events"),
      rule("get list watch", "core", "pods"),
      rule("create delete", "core", "pods"),
      rule("update patch", "core", "pods/status"),
      rule("create", "core", "pods/eviction"),
      rule("get list watch", "core", "configmaps secrets"),
      rule("get", "core", "persistentvolumeclaims persistentvolumes"),
      rule("get", "core", "endpoints"),
      rule("get list watch create", "certificates.k8s.io", "certificatesigningrequests"),
      rule("get create update patch delete", "coordination.k8s.io", "leases"),
      rule("get", "storage.k8s.io", "volumeattachments"),
      rule("create", "core", "serviceaccounts/token"),
      rule("get update patch", "core", "persistentvolumeclaims/status"),
      rule("get list watch", "storage.k8s.io", "csidrivers"),
      rule("get create update patch delete", "storage.k8s.io", "csinodes"),
      rule("get list watch", "node.k8s.io", "runtimeclasses"),
      rule("get", "resource.k8s.io", "resourceclaims"),
      rule("deletecollection", "resource.k8s.io", "resourceslices"),
      rule("get", "core", "serviceaccounts"),
    ],
  },
  {
    name: "system:node-bootstrapper",
    rules: [rule("get list watch create", "certificates.k8s.io", "certificatesigningrequests")],
  },
  {
    name: "system:node-problem-detector",
    rules: [
      rule("get", "core", "nodes"),
      rule("patch", "core", "nodes/status"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "system:node-proxier",
    rules: [
      rule("list watch", "core", "endpoints services"),
      rule("get list watch", "core", "nodes"),
      rule("create update patch", "core events.k8s.io", "events"),
      rule("list watch", "networking.k8s.io", "servicecidrs"),
      rule("list watch", "discovery.k8s.io", "endpointslices"),
    ],
  },
  {
    name: "system:persistent-volume-provisioner",
    rules: [
      rule("get list watch create delete", "core", "persistentvolumes"),
      rule("get list watch update", "core", "persistentvolumeclaims"),
      rule("get list watch", "storage.k8s.io", "storageclasses"),
      rule("watch", "core", "events"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  { name: "system:public-info-viewer", rules: [paths("get", "/healthz /livez /readyz /version /version/")] },
  {
    name: "system:service-account-issuer-discovery",
    rules: [
      paths(
        "get",
        "/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/",
      ),
    ],
  },
  {
    name: "system:volume-scheduler",
    rules: [
      rule("get list watch update patch", "core", "persistentvolumes"),
      rule("get list watch", "storage.k8s.io", "storageclasses"),
      rule("get list watch update patch", "core", "persistentvolumeclaims"),
    ],
  },
  { name: "view", aggregatedTo: "edit", aggregates: "view", rules: [] },
];

// The roles inside the system namespaces: what the parts of a control plane share through ConfigMaps and leases there.

import { type BootstrapRole, rule } from "./notation.ts";

export const namespacedRoles: readonly BootstrapRole[] = [
  {
    name: "system:controller:bootstrap-signer",
    namespace: "kube-public",
    rules: [
      rule("get list watch", "core", "configmaps"),
      rule("update", "core", "configmaps", "cluster-info"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
  {
    name: "extension-apiserver-authentication-reader",
    namespace: "kube-system",
    rules: [rule("get list watch", "core", "configmaps", "extension-apiserver-authentication")],
  },
  {
    name: "system::leader-locking-kube-controller-manager",
    namespace: "kube-system",
    rules: [
      rule("get list watch create update", "coordination.k8s.io", "leases"),
      rule("get list watch create update", "coordination.k8s.io", "leasecandidates"),
    ],
  },
  {
    name: "system::leader-locking-kube-scheduler",
    namespace: "kube-system",
    rules: [
      rule("get list watch create update", "coordination.k8s.io", "leases"),
      rule("get list watch create update", "coordination.k8s.io", "leasecandidates"),
    ],
  },
  {
    name: "system:controller:bootstrap-signer",
    namespace: "kube-system",
    rules: [rule("get list watch", "core", "secrets")],
  },
  {
    name: "system:controller:cloud-provider",
    namespace: "kube-system",
    rules: [rule("get list watch create", "core", "configmaps")],
  },
  {
    name: "system:controller:token-cleaner",
    namespace: "kube-system",
    rules: [
      rule("get list watch delete", "core", "secrets"),
      rule("create update patch", "core events.k8s.io", "events"),
    ],
  },
];

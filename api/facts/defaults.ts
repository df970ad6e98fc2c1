// Defaults that belong to the schema itself. A list's map keys are filled in from here before items are compared; what a kind
// fills in beyond that is in its `defaults.ts`.

export const defaults: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
  "io.k8s.api.certificates.v1beta1.PodCertificateRequestSpec": { maxExpirationSeconds: 86400 },
  "io.k8s.api.core.v1.AzureDiskVolumeSource": { cachingMode: "ReadWrite", fsType: "ext4", kind: "Shared" },
  "io.k8s.api.core.v1.ContainerPort": { protocol: "TCP" },
  "io.k8s.api.core.v1.ISCSIPersistentVolumeSource": { iscsiInterface: "default" },
  "io.k8s.api.core.v1.ISCSIVolumeSource": { iscsiInterface: "default" },
  "io.k8s.api.core.v1.LocalObjectReference": { name: "" },
  "io.k8s.api.core.v1.RBDPersistentVolumeSource": { keyring: "/etc/ceph/keyring", pool: "rbd", user: "admin" },
  "io.k8s.api.core.v1.RBDVolumeSource": { keyring: "/etc/ceph/keyring", pool: "rbd", user: "admin" },
  "io.k8s.api.core.v1.ReplicationControllerSpec": { replicas: 1 },
  "io.k8s.api.core.v1.ScaleIOPersistentVolumeSource": { fsType: "xfs", storageMode: "ThinProvisioned" },
  "io.k8s.api.core.v1.ScaleIOVolumeSource": { fsType: "xfs", storageMode: "ThinProvisioned" },
  "io.k8s.api.core.v1.ServicePort": { protocol: "TCP" },
  "io.k8s.api.resource.v1.DeviceToleration": { operator: "Equal" },
  "io.k8s.api.resource.v1alpha3.ResourcePoolStatusRequestSpec": { limit: 100 },
  "io.k8s.api.resource.v1beta1.DeviceToleration": { operator: "Equal" },
  "io.k8s.api.resource.v1beta2.DeviceToleration": { operator: "Equal" },
  "io.k8s.api.scheduling.v1alpha2.PodGroupSpec": { disruptionMode: "Pod" },
};

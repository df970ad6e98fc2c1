import type { Pod as PodObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import type { Resource } from "../../resource.ts";
import { podColumns, printPod } from "./columns.ts";
import { applyPodDefaults } from "./defaults.ts";
import { podDeletionGraceSeconds, preparePodForCreate, preparePodForUpdate } from "./lifecycle.ts";
import { ephemeralContainersUpdate } from "./ephemeral-containers.ts";
import { resizeUpdate } from "./resize.ts";
import { preparePodForStatusUpdate, validatePodStatusUpdate } from "./status-update.ts";
import { validatePodUpdate } from "./update-validation.ts";
import { validatePodCreate } from "./validation.ts";
import { podWarnings } from "./warnings.ts";

export type Pod = PodObject;

export const Pod: Resource<Pod> = { group: "", version: "v1", kind: "Pod", plural: "pods", scope: "Namespaced" };

export const podKind: KindDefinition<Pod> = {
  resource: Pod,
  singular: "pod",
  shortNames: ["po"],
  categories: ["all"],
  verbs: ALL_VERBS,
  subresources: [
    { name: "attach", verbs: ["connect"], kind: "PodAttachOptions" },
    { name: "binding", verbs: ["create"], kind: "Binding" },
    { name: "ephemeralcontainers", verbs: ["get", "patch", "update"] },
    { name: "eviction", verbs: ["create"], kind: "Eviction", group: "policy", version: "v1" },
    { name: "exec", verbs: ["connect"], kind: "PodExecOptions" },
    { name: "log", verbs: ["get"] },
    { name: "portforward", verbs: ["connect"], kind: "PodPortForwardOptions" },
    { name: "proxy", verbs: ["connect"], kind: "PodProxyOptions" },
    { name: "resize", verbs: ["get", "patch", "update"] },
    STATUS_SUBRESOURCE,
  ],
  schema: "io.k8s.api.core.v1.Pod",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  keepsStatusOfNew: true,
  isReturnedByDelete: true,
  checksGenerateName: "always",
  resetFields: { status: [["spec"], ["metadata", "deletionTimestamp"], ["metadata", "ownerReferences"]] },
  selectableFields: {
    "spec.nodeName": (pod) => pod.spec?.nodeName ?? "",
    "spec.restartPolicy": (pod) => pod.spec?.restartPolicy ?? "",
    "spec.schedulerName": (pod) => pod.spec?.schedulerName ?? "",
    "spec.serviceAccountName": (pod) => pod.spec?.serviceAccountName ?? "",
    "spec.hostNetwork": (pod) => String(pod.spec?.hostNetwork ?? false),
    "status.phase": (pod) => pod.status?.phase ?? "",
    "status.podIP": (pod) => pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? "",
    "status.nominatedNodeName": (pod) => pod.status?.nominatedNodeName ?? "",
  },
  applyDefaults: applyPodDefaults,
  prepareForCreate: preparePodForCreate,
  prepareForUpdate: preparePodForUpdate,
  warningsOf: podWarnings,
  validateCreate: validatePodCreate,
  prepareForStatusUpdate: preparePodForStatusUpdate,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  partialUpdates: { ephemeralcontainers: ephemeralContainersUpdate, resize: resizeUpdate },
  columns: podColumns,
  printRow: printPod,
  defaultDeletionGraceSeconds: podDeletionGraceSeconds,
};

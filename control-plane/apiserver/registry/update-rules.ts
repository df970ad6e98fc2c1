// The few facts about writes in which kinds differ and that clients rely on.

import type { KindDefinition } from "@atoll/api/kind";
import type { NameRule } from "@atoll/api/meta/names";
import { qualifiedPlural } from "@atoll/api/resource";

/** A PUT to a name that does not exist creates it. */
const CREATED_BY_UPDATE: ReadonlySet<string> = new Set([
  "leases.coordination.k8s.io",
  "endpoints",
  "events",
  "events.events.k8s.io",
  "limitranges",
  "runtimeclasses.node.k8s.io",
  "services",
  "clusterroles.rbac.authorization.k8s.io",
  "clusterrolebindings.rbac.authorization.k8s.io",
  "roles.rbac.authorization.k8s.io",
  "rolebindings.rbac.authorization.k8s.io",
]);

/** A PUT without a resourceVersion is refused: the writer must have read what it replaces. */
const VERSION_REQUIRED: ReadonlySet<string> = new Set([
  "apiservices.apiregistration.k8s.io",
  "csidrivers.storage.k8s.io",
  "csinodes.storage.k8s.io",
  "csistoragecapacities.storage.k8s.io",
  "leases.coordination.k8s.io",
  "mutatingadmissionpolicies.admissionregistration.k8s.io",
  "mutatingadmissionpolicybindings.admissionregistration.k8s.io",
  "mutatingwebhookconfigurations.admissionregistration.k8s.io",
  "poddisruptionbudgets.policy",
  "runtimeclasses.node.k8s.io",
  "validatingadmissionpolicies.admissionregistration.k8s.io",
  "validatingadmissionpolicybindings.admissionregistration.k8s.io",
  "validatingwebhookconfigurations.admissionregistration.k8s.io",
  "volumeattachments.storage.k8s.io",
]);

/** A DELETE that takes effect at once answers with the last state instead of a Status. */
const RETURNED_BY_DELETE: ReadonlySet<string> = new Set([
  "csidrivers.storage.k8s.io",
  "csinodes.storage.k8s.io",
  "deviceclasses.resource.k8s.io",
  "namespaces",
  "persistentvolumeclaims",
  "persistentvolumes",
  "pods",
  "podtemplates",
  "resourceclaims.resource.k8s.io",
  "resourceclaimtemplates.resource.k8s.io",
  "resourcequotas",
  "resourceslices.resource.k8s.io",
  "serviceaccounts",
  "services",
  "storageclasses.storage.k8s.io",
  "volumeattachments.storage.k8s.io",
  "volumeattributesclasses.storage.k8s.io",
]);

/** A write to the status leaves labels, annotations and finalizers alone. */
const METADATA_APART_FROM_STATUS: ReadonlySet<string> = new Set([
  "apiservices.apiregistration.k8s.io",
  "devicetaintrules.resource.k8s.io",
  "flowschemas.flowcontrol.apiserver.k8s.io",
  "podcertificaterequests.certificates.k8s.io",
  "podgroups.scheduling.k8s.io",
  "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
  "resourceclaims.resource.k8s.io",
  "resourcepoolstatusrequests.resource.k8s.io",
  "servicecidrs.networking.k8s.io",
  "storageversionmigrations.storagemigration.k8s.io",
  "storageversions.internal.apiserver.k8s.io",
  "validatingadmissionpolicies.admissionregistration.k8s.io",
  "volumeattachments.storage.k8s.io",
]);

type FieldPath = readonly string[];

const SPEC: FieldPath = ["spec"];
const STATUS: FieldPath = ["status"];
const METADATA: FieldPath = ["metadata"];

/** By the resource and the subresource, "" for the object itself: what is left as it is beside the rule. */
const RESET_FIELDS: Readonly<Record<string, Readonly<Record<string, readonly FieldPath[]>>>> = {
  "certificatesigningrequests.certificates.k8s.io": {
    "": [SPEC, STATUS],
    status: [SPEC, ["status", "conditions"]],
    approval: [SPEC, ["status", "certificate"]],
  },
  "customresourcedefinitions.apiextensions.k8s.io": { status: [SPEC, METADATA] },
  "deployments.apps": { status: [SPEC, ["metadata", "labels"]] },
  pods: { status: [SPEC, ["metadata", "deletionTimestamp"], ["metadata", "ownerReferences"]] },
};

/** Groups and kinds whose finalizers may have any name. */
const ANY_FINALIZERS: ReadonlySet<string> = new Set([
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "coordination.k8s.io",
  "events",
  "node.k8s.io",
  "policy",
]);

/** Of which nothing is said of the metadata while there is something to say of the rest. */
const METADATA_CHECKED_LAST: ReadonlySet<string> = new Set(["poddisruptionbudgets.policy"]);

/** Whose names to generate are checked once they are names. */
const GENERATED_UNCHECKED: ReadonlySet<string> = new Set([
  "deviceclasses.resource.k8s.io",
  "events",
  "replicationcontrollers",
]);

/** Whose updates are checked like new objects, down to a name to generate that nobody needs any more. */
const CHECKED_WHOLE: ReadonlySet<string> = new Set([
  "configmaps",
  "controllerrevisions.apps",
  "csinodes.storage.k8s.io",
  "csistoragecapacities.storage.k8s.io",
  "endpoints",
  "endpointslices.discovery.k8s.io",
  "flowschemas.flowcontrol.apiserver.k8s.io",
  "ingressclasses.networking.k8s.io",
  "ingresses.networking.k8s.io",
  "ipaddresses.networking.k8s.io",
  "jobs.batch",
  "limitranges",
  "mutatingadmissionpolicies.admissionregistration.k8s.io",
  "mutatingadmissionpolicybindings.admissionregistration.k8s.io",
  "mutatingwebhookconfigurations.admissionregistration.k8s.io",
  "namespaces",
  "nodes",
  "persistentvolumeclaims",
  "persistentvolumes",
  "pods",
  "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
  "resourceclaims.resource.k8s.io",
  "resourceclaimtemplates.resource.k8s.io",
  "runtimeclasses.node.k8s.io",
  "secrets",
  "serviceaccounts",
  "storageclasses.storage.k8s.io",
  "validatingadmissionpolicies.admissionregistration.k8s.io",
  "validatingadmissionpolicybindings.admissionregistration.k8s.io",
  "validatingwebhookconfigurations.admissionregistration.k8s.io",
  "volumeattachments.storage.k8s.io",
  "volumeattributesclasses.storage.k8s.io",
]);

export function isCreatedByUpdate(kind: KindDefinition): boolean {
  return CREATED_BY_UPDATE.has(qualifiedPlural(kind.resource));
}

export function requiresVersion(kind: KindDefinition): boolean {
  return isCustom(kind) || VERSION_REQUIRED.has(qualifiedPlural(kind.resource));
}

/** Whether a new object's `metadata.generateName` is checked like its name; else it need only be a part of a path. */
export function checksGenerateName(kind: KindDefinition): boolean {
  return !GENERATED_UNCHECKED.has(qualifiedPlural(kind.resource));
}

/** By which `metadata.generateName` is checked in an update; a write to a subresource asks for no more than a part of a path. */
export function nameRuleOfUpdate(kind: KindDefinition, subresource: string): NameRule {
  return subresource === "" && CHECKED_WHOLE.has(qualifiedPlural(kind.resource)) ? kind.nameRule : "pathSegment";
}

export function isMetadataCheckedLast(kind: KindDefinition): boolean {
  return METADATA_CHECKED_LAST.has(qualifiedPlural(kind.resource));
}

export function qualifiesFinalizers(kind: KindDefinition, subresource = ""): boolean {
  const name = qualifiedPlural(kind.resource);
  // Nobody looks at what a CronJob's status brings along.
  if (isCustom(kind) || (name === "cronjobs.batch" && subresource === "status")) return false;
  return !ANY_FINALIZERS.has(kind.resource.group) && !ANY_FINALIZERS.has(name);
}

export function isReturnedByDelete(kind: KindDefinition): boolean {
  return RETURNED_BY_DELETE.has(qualifiedPlural(kind.resource));
}

/** Whether labels, annotations and finalizers may come with a write to the status. */
export function statusCarriesMetadata(kind: KindDefinition): boolean {
  return !isCustom(kind) && !METADATA_APART_FROM_STATUS.has(qualifiedPlural(kind.resource));
}

/** Fields that a write in this way leaves as they are, whatever it says of them: nobody comes to own them by naming them. */
export function resetFields(kind: KindDefinition, subresource: string): readonly FieldPath[] {
  const special = RESET_FIELDS[qualifiedPlural(kind.resource)]?.[subresource];
  if (special) return special;
  if (subresource === "status") return statusCarriesMetadata(kind) ? [SPEC] : [SPEC, METADATA];
  return kind.hasStatus ? [STATUS] : [];
}

/** Of metadata that does not come with a status, upstream forgets to put this one back, though it means nothing any more. */
export function statusCarriesGenerateName(kind: KindDefinition): boolean {
  return !isCustom(kind) && kind.resource.group !== "flowcontrol.apiserver.k8s.io";
}

/** Kinds of other people's groups are what custom resources are upstream, and are treated like them. */
function isCustom({ decode, resource: { group } }: KindDefinition): boolean {
  return decode !== undefined || (group.includes(".") && !group.endsWith(".k8s.io"));
}

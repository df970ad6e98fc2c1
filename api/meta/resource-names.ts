// Names of what can be counted and limited: plain words are Kubernetes' own and known, all others are qualified.

import type { FieldError } from "../kind.ts";
import { invalidValue } from "./field-error.ts";
import { checkQualifiedName } from "./names.ts";
import { invalidTexts } from "./value-validation.ts";

const COMPUTE = ["cpu", "memory", "ephemeral-storage"];
const REQUESTS = ["requests.cpu", "requests.memory", "requests.ephemeral-storage"];
const LIMITS = ["limits.cpu", "limits.memory", "limits.ephemeral-storage"];

const QUOTA_NAMES: ReadonlySet<string> = new Set([
  ...COMPUTE,
  ...REQUESTS,
  ...LIMITS,
  "requests.storage",
  "pods",
  "resourcequotas",
  "services",
  "services.nodeports",
  "services.loadbalancers",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
]);

const STANDARD_NAMES: ReadonlySet<string> = new Set([...QUOTA_NAMES, "storage"]);

export const HUGE_PAGES = "hugepages-";
const isHugePages = (name: string) => name.startsWith(HUGE_PAGES) || name.startsWith("requests.hugepages-");

export function validateResourceName(name: string, field: string): FieldError[] {
  const errors = invalidTexts(field, name, checkQualifiedName(name));
  if (errors.length > 0 || !isPlain(name) || STANDARD_NAMES.has(name) || isHugePages(name)) return errors;
  return [invalidValue(field, name, "must be a standard resource type or fully qualified")];
}

export function validateContainerResourceName(name: string, field: string): FieldError[] {
  const errors = validateResourceName(name, field);
  if (isPlain(name)) {
    const isStandard = COMPUTE.includes(name) || name.startsWith(HUGE_PAGES);
    return isStandard ? errors : [...errors, invalidValue(field, name, "must be a standard resource for containers")];
  }
  if (isNative(name) || isExtended(name)) return errors;
  return [...errors, invalidValue(field, name, "doesn't follow extended resource name standard")];
}

export function validateQuotaResourceName(name: string, field: string): FieldError[] {
  const errors = validateResourceName(name, field);
  if (!isPlain(name) || QUOTA_NAMES.has(name) || isHugePages(name)) return errors;
  return [...errors, invalidValue(field, name, "must be a standard resource for quota")];
}

/** Names with more than one slash are no names, but not plain either. */
function isPlain(name: string): boolean {
  return !name.includes("/");
}

/** Kubernetes' own, with or without its prefix. */
export function isNative(name: string): boolean {
  return isPlain(name) || name.includes("kubernetes.io/");
}

/** Somebody else's, which a quota can name, too. */
function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith("requests.") && checkQualifiedName(`requests.${name}`).length === 0;
}

/** Whether pods may be promised more of it than there is: not what is handed out in pieces. */
export function mayOvercommit(name: string): boolean {
  return isNative(name) && !name.startsWith(HUGE_PAGES);
}

/** What can be said of a pod as a whole. */
export function isPodLevelResource(name: string): boolean {
  return name === "cpu" || name === "memory" || name.startsWith(HUGE_PAGES);
}

const COUNTED: ReadonlySet<string> = new Set([
  ...["pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps"],
  ...["persistentvolumeclaims", "services.nodeports", "services.loadbalancers"],
]);

/** Counted in whole things. */
export function isCounted(name: string): boolean {
  return COUNTED.has(name) || isExtended(name);
}

const POD_RESOURCES: ReadonlySet<string> = new Set([
  ...["pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"],
]);

/** Whether a quota with the scope may count the resource; names that are not Kubernetes' own are not judged. */
export function isScopeOf(scope: string, resource: string): boolean {
  if (!QUOTA_NAMES.has(resource) && !isHugePages(resource)) return true;
  switch (scope) {
    case "BestEffort":
      return resource === "pods";
    case "VolumeAttributesClass":
      return resource === "persistentvolumeclaims" || resource === "requests.storage";
    case "Terminating":
    case "NotTerminating":
    case "NotBestEffort":
    case "PriorityClass":
    case "CrossNamespacePodAffinity":
      return POD_RESOURCES.has(resource);
    default:
      return true;
  }
}

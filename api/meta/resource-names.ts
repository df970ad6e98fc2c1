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

const isHugePages = (name: string) => name.startsWith("hugepages-") || name.startsWith("requests.hugepages-");

export function validateResourceName(name: string, field: string): FieldError[] {
  const errors = invalidTexts(field, name, checkQualifiedName(name));
  if (errors.length > 0 || name.includes("/") || STANDARD_NAMES.has(name) || isHugePages(name)) return errors;
  return [invalidValue(field, name, "must be a standard resource type or fully qualified")];
}

export function validateContainerResourceName(name: string, field: string): FieldError[] {
  const errors = validateResourceName(name, field);
  if (name.includes("/") || COMPUTE.includes(name) || name.startsWith("hugepages-")) return errors;
  return [...errors, invalidValue(field, name, "must be a standard resource for containers")];
}

export function validateQuotaResourceName(name: string, field: string): FieldError[] {
  const errors = validateResourceName(name, field);
  if (name.includes("/") || QUOTA_NAMES.has(name) || isHugePages(name)) return errors;
  return [...errors, invalidValue(field, name, "must be a standard resource for quota")];
}

/** Whether pods may be promised more of it than there is: not what is handed out in pieces. */
export function mayOvercommit(name: string): boolean {
  return !name.includes("/") && !name.startsWith("hugepages-");
}

const POD_RESOURCES: ReadonlySet<string> = new Set([
  ...["pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"],
]);

/** Whether a quota with the scope may count the resource; names that are not Kubernetes' own are not judged. */
export function isScopeOf(scope: string, resource: string): boolean {
  if (!QUOTA_NAMES.has(resource)) return true;
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

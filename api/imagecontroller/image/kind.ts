// An Image says that pods of a namespace use a reference, and carries the pull between the two who make it happen:
//
//   image controller   makes one Image per namespace and reference and chooses its name, writes all of spec: the
//                      secrets to try, the host that pulls (`hostName`), the time before which a resolution is stale
//                      (`refreshTime`, for pods that always want the newest).
//   spherelet          of the host named in `spec.hostName` (field selector spec.hostName) resolves and pulls through its
//                      hostd, writes all of status and, when the disk is there, the cluster's ImageDisk of that digest.
//
// A pod of the namespace may run the image when phase is Ready, `observedGeneration` is the object's generation and its
// ImageDisk is Ready too. After a failure the spherelet tries again at `nextRetryTime`; the controller may name another host.

import { ALL_VERBS, type FieldError, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { CUSTOM_RESOURCE_RULES } from "../../write-rules.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import { invalidValue, required, unchanged } from "../../meta/field-error.ts";
import { validatePhase } from "../phase.ts";
import { checkDns1123Subdomain } from "../../meta/names.ts";
import type { KubeObject, Resource } from "../../resource.ts";
import { IMAGE_CONTROLLER_PREFIX } from "../schemas.ts";

export type ImagePhase = "Resolving" | "Pulling" | "Ready" | "Failed";

export interface PullProgress {
  bytesDone: number;
  /** 0 while the manifest is not known. */
  bytesTotal: number;
}

export interface ImageSpec {
  /** Fully qualified, with a tag or a digest. Cannot be changed. */
  reference: string;
  /** Names of Secrets of the namespace, tried in order. */
  pullSecrets?: string[];
  /** The host that resolves and pulls; absent while none is chosen. */
  hostName?: string;
  /** Only find the digest, make no disk. */
  resolveOnly?: boolean;
  /** What was resolved before this time is stale and is resolved again. */
  refreshTime?: string;
}

export interface ImageStatus {
  /** The generation this status answers; an older one counts for nothing. */
  observedGeneration?: number;
  /** Absent before the first attempt. */
  phase?: ImagePhase;
  /** "sha256:<hex>" of the manifest for this platform; stays while a refresh fails. */
  digest?: string;
  /** Name of the ImageDisk, "sha256-<hex>". */
  disk?: string;
  resolvedTime?: string;
  progress?: PullProgress;
  /** Failed: one of the reasons of `api/guest-agent/image.proto`. */
  reason?: string;
  /** Failed: a sentence for the user. */
  message?: string;
  /** Failed attempts since the last success; sets the back-off. */
  attempts?: number;
  nextRetryTime?: string;
}

export interface Image extends KubeObject {
  spec: ImageSpec;
  status?: ImageStatus;
}

export const Image: Resource<Image> = {
  group: "imagecontroller.vmware.com",
  version: "v1",
  kind: "Image",
  plural: "images",
  scope: "Namespaced",
};

const PHASES: readonly string[] = ["Resolving", "Pulling", "Ready", "Failed"];

/** Longest reference taken: registry, repository and digest together stay well below it. */
const REFERENCE_MAX = 512;

function validateImage({ spec }: Image): FieldError[] {
  if (!spec?.reference) return [required("spec.reference")];
  const errors: FieldError[] = [];
  if (spec.reference.length > REFERENCE_MAX || /\s/.test(spec.reference)) {
    const text = `must be an image reference of at most ${REFERENCE_MAX} characters`;
    errors.push(invalidValue("spec.reference", spec.reference, text));
  }
  for (const [i, name] of (spec.pullSecrets ?? []).entries()) {
    errors.push(...checkDns1123Subdomain(name).map((text) => invalidValue(`spec.pullSecrets[${i}]`, name, text)));
  }
  const { hostName } = spec;
  if (hostName)
    errors.push(...checkDns1123Subdomain(hostName).map((text) => invalidValue("spec.hostName", hostName, text)));
  return errors;
}

export const imageKind: KindDefinition<Image> = {
  resource: Image,
  singular: "image",
  shortNames: ["img"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: `${IMAGE_CONTROLLER_PREFIX}.Image`,
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  ...CUSTOM_RESOURCE_RULES,
  selectableFields: {
    "spec.hostName": (image) => image.spec?.hostName ?? "",
    "spec.reference": (image) => image.spec?.reference ?? "",
    "status.phase": (image) => image.status?.phase ?? "",
  },
  validateCreate: validateImage,
  validateUpdate: (image, old) => [
    ...validateImage(image),
    ...unchanged("spec.reference", image.spec?.reference, old.spec.reference),
  ],
  validateStatusUpdate: ({ status }) => validatePhase(status?.phase, PHASES),
  columns: [
    NAME_COLUMN,
    textColumn("Reference", "What pods ask for."),
    textColumn("Phase", "Resolving, Pulling, Ready or Failed."),
    textColumn("Progress", "Share of the layers fetched so far."),
    AGE_COLUMN,
    textColumn("Host", "The host that pulls.", 1),
    textColumn("Digest", "What the reference resolves to.", 1),
    textColumn("Reason", "Why the last attempt failed.", 1),
  ],
  printRow: (image, nowMs) => [
    image.metadata.name ?? "",
    image.spec?.reference ?? "",
    image.status?.phase ?? "Pending",
    formatProgress(image.status?.progress),
    formatAge(image.metadata.creationTimestamp, nowMs),
    image.spec?.hostName ?? "",
    image.status?.digest ?? "",
    image.status?.reason ?? "",
  ],
};

export function formatProgress(progress: PullProgress | undefined): string {
  if (!progress || progress.bytesTotal <= 0) return "";
  return `${Math.floor((Math.min(progress.bytesDone, progress.bytesTotal) * 100) / progress.bytesTotal)}%`;
}

// An ImageDisk is one image as a read-only disk on the datastore, for all hosts and all namespaces. The spherelet that had it
// made writes it; who may use it is decided by the namespaces' Images, never by this object.

import { ALL_VERBS, type FieldError, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { CUSTOM_RESOURCE_RULES } from "../../write-rules.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, integerColumn, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import { invalidValue, unchanged } from "../../meta/field-error.ts";
import { validatePhase } from "../phase.ts";
import type { KubeObject, Resource } from "../../resource.ts";
import type { PullProgress } from "../image/kind.ts";
import { IMAGE_CONTROLLER_PREFIX } from "../schemas.ts";

export type ImageDiskPhase = "Pending" | "Pulling" | "Ready" | "Failed";

export interface ImageDiskSpec {
  /** "sha256:<hex>" of the manifest. Cannot be changed. */
  digest: string;
  /** A reference that led to the digest, for people. */
  reference?: string;
  /** The host that fetched the image. */
  hostName?: string;
}

export interface ImageDiskStatus {
  phase?: ImageDiskPhase;
  /** Size of the disk's file on the datastore. */
  sizeBytes?: number;
  /** The image's OCI configuration as JSON text: command, environment, user. */
  config?: string;
  progress?: PullProgress;
  reason?: string;
  message?: string;
  readyTime?: string;
}

export interface ImageDisk extends KubeObject {
  spec: ImageDiskSpec;
  status?: ImageDiskStatus;
}

export const ImageDisk: Resource<ImageDisk> = {
  group: "imagecontroller.vmware.com",
  version: "v1",
  kind: "ImageDisk",
  plural: "imagedisks",
  scope: "Cluster",
};

const PHASES: readonly string[] = ["Pending", "Pulling", "Ready", "Failed"];

/** "sha256-<hex>", the name of the ImageDisk of a digest. */
export function imageDiskName(digest: string): string {
  return digest.replace(":", "-");
}

function validateImageDisk({ metadata, spec }: ImageDisk): FieldError[] {
  const digest = spec?.digest ?? "";
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
    return [invalidValue("spec.digest", digest, "must be 'sha256:' and 64 lower-case hexadecimal digits")];
  }
  return metadata.name === imageDiskName(digest)
    ? []
    : [invalidValue("metadata.name", metadata.name, `must be '${imageDiskName(digest)}', after the digest`)];
}

export const imageDiskKind: KindDefinition<ImageDisk> = {
  resource: ImageDisk,
  singular: "imagedisk",
  shortNames: ["imgd"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: `${IMAGE_CONTROLLER_PREFIX}.ImageDisk`,
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  ...CUSTOM_RESOURCE_RULES,
  selectableFields: {
    "spec.digest": (disk) => disk.spec?.digest ?? "",
    "spec.hostName": (disk) => disk.spec?.hostName ?? "",
    "status.phase": (disk) => disk.status?.phase ?? "",
  },
  validateCreate: validateImageDisk,
  validateUpdate: (disk, old) => [
    ...validateImageDisk(disk),
    ...unchanged("spec.digest", disk.spec?.digest, old.spec.digest),
  ],
  validateStatusUpdate: ({ status }) => validatePhase(status?.phase, PHASES),
  columns: [
    NAME_COLUMN,
    textColumn("Phase", "Pending, Pulling, Ready or Failed."),
    integerColumn("Size", "Bytes on the datastore."),
    textColumn("Reference", "A reference that led to the image."),
    AGE_COLUMN,
    textColumn("Host", "The host that fetched the image.", 1),
  ],
  printRow: (disk, nowMs) => [
    disk.metadata.name ?? "",
    disk.status?.phase ?? "Pending",
    disk.status?.sizeBytes ?? null,
    disk.spec?.reference ?? "",
    formatAge(disk.metadata.creationTimestamp, nowMs),
    disk.spec?.hostName ?? "",
  ],
};

import type { CSIDriver as CSIDriverObject, StorageV1TokenRequest as TokenRequest } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, NONE, UNSET, booleanColumn, textColumn } from "../../meta/columns.ts";
import { duplicate, invalidValue, isEqualJson, unchanged } from "../../meta/field-error.ts";
import { validateOptionalChoice } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";
import { repeatedPlaces } from "../../meta/repeats.ts";

export type CSIDriver = CSIDriverObject;

export const CSIDriver: Resource<CSIDriver> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIDriver",
  plural: "csidrivers",
  scope: "Cluster",
};

const GROUP_POLICIES = ["File", "None", "ReadWriteOnceWithFSType"];
const MODES = ["Persistent", "Ephemeral"];
const TOKEN_SECONDS_MIN = 600;
const TOKEN_SECONDS_MAX = 2 ** 32;
/** How often a driver may be asked what a host can take. */
const UPDATE_SECONDS_MIN = 10;

function applyCsiDriverDefaults(driver: CSIDriver): void {
  driver.spec ??= {};
  const { spec } = driver;
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= "ReadWriteOnceWithFSType";
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
  if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ["Persistent"];
}

function validateCsiDriver({ spec = {} }: CSIDriver): FieldError[] {
  const { tokenRequests = [], serviceAccountTokenInSecrets: inSecrets } = spec;
  const errors = [
    ...validateOptionalChoice(spec.fsGroupPolicy, GROUP_POLICIES, "spec.fsGroupPolicy"),
    ...validateTokenRequests(tokenRequests),
    ...(spec.volumeLifecycleModes ?? []).flatMap((mode) =>
      validateOptionalChoice(mode, MODES, "spec.volumeLifecycleModes"),
    ),
  ];
  const { nodeAllocatableUpdatePeriodSeconds: seconds } = spec;
  if (seconds !== undefined && seconds < UPDATE_SECONDS_MIN) {
    const text = `must be greater than or equal to ${UPDATE_SECONDS_MIN} seconds`;
    errors.push(invalidValue("spec.nodeAllocatableUpdatePeriodSeconds", seconds, text));
  }
  if (inSecrets !== undefined && tokenRequests.length === 0) {
    const text = "serviceAccountTokenInSecrets is set but no tokenRequests are specified";
    errors.push(invalidValue("spec.serviceAccountTokenInSecrets", inSecrets, text));
  }
  return errors;
}

function validateTokenRequests(tokenRequests: readonly TokenRequest[]): FieldError[] {
  const repeated = repeatedPlaces(tokenRequests.map(({ audience }) => audience));
  return tokenRequests.flatMap(({ audience, expirationSeconds: seconds }, i): FieldError[] => {
    const path = `spec.tokenRequests[${i}]`;
    if (repeated.has(i)) return [duplicate(`${path}.audience`, audience)];
    const refuse = (text: string) => [invalidValue(`${path}.expirationSeconds`, seconds, text)];
    if (seconds === undefined) return [];
    if (seconds < TOKEN_SECONDS_MIN) return refuse("may not specify a duration less than 10 minutes");
    return seconds > TOKEN_SECONDS_MAX ? refuse("may not specify a duration larger than 2^32 seconds") : [];
  });
}

function csiDriverWarnings({ spec = {} }: CSIDriver, old?: CSIDriver): string[] {
  if (!spec.tokenRequests?.length || spec.serviceAccountTokenInSecrets !== undefined) return [];
  if (old && isEqualJson(spec.tokenRequests, old.spec?.tokenRequests)) return [];
  return [
    "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes",
  ];
}

/** Waits for a gate that upstream keeps shut. */
function dropGated({ spec }: CSIDriver): void {
  delete spec?.preventPodSchedulingIfMissing;
}

export const csiDriverKind: KindDefinition<CSIDriver> = {
  resource: CSIDriver,
  singular: "csidriver",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.storage.v1.CSIDriver",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  countsGenerations: "sinceFirstChange",
  requiresVersion: true,
  isReturnedByDelete: true,
  selectableFields: {},
  applyDefaults: applyCsiDriverDefaults,
  prepareForCreate: dropGated,
  prepareForUpdate: dropGated,
  validateCreate: validateCsiDriver,
  warningsOf: csiDriverWarnings,
  validateUpdate: (driver, old) => [
    ...validateCsiDriver(driver),
    // The path is upstream's.
    ...unchanged("spec.attachedRequired", driver.spec?.attachRequired, old.spec?.attachRequired),
    ...unchanged("spec.volumeLifecycleModes", driver.spec?.volumeLifecycleModes, old.spec?.volumeLifecycleModes),
  ],
  columns: [
    NAME_COLUMN,
    booleanColumn("AttachRequired", "Whether volumes are attached to a host before use."),
    booleanColumn("PodInfoOnMount", "Whether the driver is told about the pod."),
    booleanColumn("StorageCapacity", "Whether the driver says how much room it has."),
    textColumn("TokenRequests", "Whom the driver needs the pod's tokens for."),
    booleanColumn("RequiresRepublish", "Whether the driver is called again and again."),
    textColumn("Modes", "Which lives a volume of the driver may have."),
    AGE_COLUMN,
  ],
  printRow: ({ metadata, spec = {} }, nowMs) => [
    metadata.name ?? "",
    spec.attachRequired ?? true,
    spec.podInfoOnMount ?? false,
    spec.storageCapacity ?? false,
    spec.tokenRequests ? spec.tokenRequests.map(({ audience }) => audience).join(",") : UNSET,
    spec.requiresRepublish ?? false,
    (spec.volumeLifecycleModes ?? []).join(",") || NONE,
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};

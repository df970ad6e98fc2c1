// A new object: of its metadata and its status the server decides more than in any change.

import { faultsInSteps } from "@atoll/api/meta/long-checks";
import { validateGenerateName, validateObjectMeta } from "@atoll/api/meta/object-meta";
import { formatTime } from "@atoll/base/clock";
import { randomUuid } from "@atoll/base/random";
import { doAtOnce } from "@atoll/base/steps";
import { ApiError } from "@atoll/machinery/object/api-error";
import { addWarnings } from "../request/warnings.ts";
import { completeObject } from "./complete-object.ts";
import type { RegistryEnvironment } from "./environment.ts";
import { managersOfNew, setManagedFields } from "./field-managers.ts";
import { startsAtFirstGeneration } from "./generation.ts";
import type { GenericObject } from "./object-fields.ts";
import { checkNamespace, dropServerMetadata, saysVersion } from "./server-metadata.ts";
import { qualifiesFinalizers } from "./update-rules.ts";
import type { ObjectWrite, WayIn } from "./way-in.ts";
import type { Target, WriteOptions } from "./write-options.ts";
import { settleZeros, zeroPlanOf } from "./zero-values.ts";

export const NEW_OBJECT: WayIn = {
  own: ({ environment, target, object, options }) => managersOfNew(environment, target, object, options),

  takeBack({ target, object }) {
    const { kind } = target;
    if (saysVersion(object)) {
      throw new ApiError("BadRequest", "resourceVersion should not be set on objects to be created");
    }
    checkNamespace(target, object);
    dropServerMetadata(object);
    if (!kind.hasStatus || kind.keepsStatusOfNew) return;
    delete object.status;
    // Of the status there are only defaults.
    completeObject(kind, object);
  },

  *check({ target: { kind }, object }, faultsAt) {
    const faults = yield* faultsInSteps(kind.validateCreate?.(object, faultsAt) ?? []);
    if (kind.checksMetadataLast && faults.length > 0) return faults;
    const rules = {
      nameRule: kind.nameRule,
      scope: kind.resource.scope,
      checksGenerateName: kind.checksGenerateName !== "never",
      qualifiesFinalizers: qualifiesFinalizers(kind),
    };
    const ofMetadata = yield* faultsInSteps(validateObjectMeta(object.metadata, rules));
    const all = [...ofMetadata, ...faults];
    // Only what is sound in all else is asked for this.
    return all.length > 0 ? all : validateGenerateName(object.metadata, "pathSegment");
  },

  // Once, however often it is tried.
  warn: ({ target: { kind }, object, options }) => addWarnings(options.warnings, kind.warningsOf?.(object) ?? []),
};

/** In place, on an object that has its name: what makes it this one and no other, and what follows from that. */
export function identifyNew({ clock, random }: RegistryEnvironment, { kind }: Target, object: GenericObject): void {
  const { metadata } = object;
  metadata.uid = randomUuid(random);
  metadata.creationTimestamp = formatTime(clock.now());
  if (startsAtFirstGeneration(kind)) metadata.generation = 1;
  // A Job makes its selector of its name and UID.
  kind.prepareForCreate?.(object);
  settleZeros(zeroPlanOf(kind.schema), object);
}

/** In place: a new object that the server makes of its own accord, all but stored. Without admission, without a check. */
export function settleOwn(
  environment: RegistryEnvironment,
  target: Target,
  object: GenericObject,
  options: WriteOptions,
): void {
  const write: ObjectWrite = { environment, target, options, old: undefined, object };
  completeObject(target.kind, object);
  const managedFields = doAtOnce(NEW_OBJECT.own(write));
  NEW_OBJECT.takeBack(write);
  setManagedFields(object, managedFields);
  identifyNew(environment, target, object);
}

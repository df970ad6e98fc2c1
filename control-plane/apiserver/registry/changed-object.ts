// A change of an object that is there: of the whole, of its status alone, or of a part that has a subresource of its own.

import type { FaultsAt, FieldError, PartialUpdate } from "@atoll/api/kind";
import { faultsInSteps } from "@atoll/api/meta/long-checks";
import { validateObjectMetaUpdate } from "@atoll/api/meta/object-meta";
import { assert } from "@atoll/base/errors";
import { ownValue } from "@atoll/base/own-value";
import { addWarnings } from "../request/warnings.ts";
import { managersAfterUpdate } from "./field-managers.ts";
import { type GenericObject, withFieldsOf } from "./object-fields.ts";
import { keepServerMetadata } from "./server-metadata.ts";
import { nameRuleOfUpdate, qualifiesFinalizers, resetFields } from "./update-rules.ts";
import type { ObjectWrite, WayIn } from "./way-in.ts";
import type { Target } from "./write-options.ts";
import { settleZeros, zeroPlanOf } from "./zero-values.ts";

export function wayOfChange({ kind, subresource }: Target): WayIn {
  if (subresource === "status") return STATUS;
  const part = ownValue(kind.partialUpdates, subresource);
  return part ? wayOfPart(part) : WHOLE;
}

/** Also of a subresource that makes a change of its own to the whole object, as a scale does. */
const WHOLE: WayIn = {
  own,
  takeBack: takeBackWith((wanted, old, { kind, subresource }) => {
    if (kind.hasStatus) {
      if (old.status === undefined) delete wanted.status;
      else wanted.status = old.status;
    }
    // A subresource changes what the kind itself keeps from other writers.
    if (subresource === "") kind.prepareForUpdate?.(wanted, old);
    return wanted;
  }),
  check: checkWith(({ kind }) => kind.validateUpdate),
  warn({ target: { kind, subresource }, object, old, options }) {
    if (subresource === "") addWarnings(options.warnings, kind.warningsOf?.(object, old) ?? []);
  },
};

const STATUS: WayIn = {
  own,
  takeBack: takeBackWith((wanted, old, { kind }) => {
    // What a status write leaves alone is the stored object's own, shared and not copied: nobody may change it.
    const object: GenericObject = { ...old, metadata: { ...old.metadata } };
    if (wanted.status === undefined) delete object.status;
    else object.status = wanted.status;
    if (kind.statusCarries === undefined) {
      const kept = resetFields(kind, "status").flatMap(([part, ...path]) => (part === "metadata" ? [path] : []));
      const metadata = withFieldsOf({ ...old.metadata }, { ...wanted.metadata }, kept);
      object.metadata = metadata as typeof wanted.metadata; // with some fields of the other
    } else if (kind.statusCarries === "generateName") {
      const { generateName } = wanted.metadata;
      if (generateName === undefined) delete object.metadata.generateName;
      else object.metadata.generateName = generateName;
    }
    kind.prepareForStatusUpdate?.(object, old);
    return object;
  }),
  check: checkWith(({ kind }) => kind.validateStatusUpdate),
  warn() {},
};

function wayOfPart({ prepare, validate }: PartialUpdate): WayIn {
  const takeBack = takeBackWith((wanted, old) => {
    prepare(wanted, old);
    return wanted;
  });
  return { own, takeBack, check: checkWith(() => validate), warn() {} };
}

function own(write: ObjectWrite): ReturnType<WayIn["own"]> {
  const { environment, target, object, options } = write;
  const sent: unknown = object.metadata.managedFields;
  return managersAfterUpdate(environment, target, { old: oldOf(write), object, sent }, options);
}

type TakeBack = (wanted: GenericObject, old: GenericObject, target: Target) => GenericObject;

function takeBackWith(takeBack: TakeBack): WayIn["takeBack"] {
  return (write) => {
    const { target, object } = write;
    const old = oldOf(write);
    const settled = takeBack(object, old, target);
    settleZeros(zeroPlanOf(target.kind.schema), settled);
    keepServerMetadata(settled, old);
    write.object = settled;
  };
}

type Validate = (object: GenericObject, old: GenericObject, faultsAt?: FaultsAt) => FieldError[];

function checkWith(validateOf: (target: Target) => Validate | undefined): WayIn["check"] {
  return function* (write, faultsAt) {
    const { target, object } = write;
    const { kind, subresource } = target;
    const old = oldOf(write);
    const rules = {
      nameRule: nameRuleOfUpdate(kind, subresource),
      qualifiesFinalizers: qualifiesFinalizers(kind, subresource),
    };
    const ofMetadata = yield* faultsInSteps(validateObjectMetaUpdate(object.metadata, old.metadata, rules));
    const faults = yield* faultsInSteps(validateOf(target)?.(object, old, faultsAt) ?? []);
    return [...ofMetadata, ...faults];
  };
}

function oldOf({ old }: ObjectWrite): GenericObject {
  assert(old, "Nothing was there to be changed");
  return old;
}

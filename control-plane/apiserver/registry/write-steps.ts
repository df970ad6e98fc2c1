// The way of every write, whatever it came in by. What a client sent becomes what is stored in these steps:
//
//   complete    what a body need not say is filled in
//   own         who owns which fields is found out, before anybody but the client has had a say
//   take back   what may not be written this way becomes what it was
//   admit       admission may change the object; what others made of it is completed and taken back like what a client sent
//   name        a new object alone: its name where none was chosen, its UID (`create-object.ts`)
//   reserve     what the object takes from a pool, or no longer needs (`reservation.ts`)
//   check       fields that are not for everybody, the kind's rules, its warnings, then the part of admission that only checks
//   store       by compare-and-swap; whoever was slower starts again (`resource-store.ts`)
//
// A way in (`way-in.ts`) says what the middle ones do with it. Between long steps others have their turn.

import type { FaultsAt } from "@atoll/api/kind";
import type { Eventual } from "@atoll/base/eventual";
import { doInSteps, endOfLongStep } from "@atoll/base/node/long-step";
import type { AdmissionRequest } from "../admission/admission.ts";
import { writeAdmission } from "./admission-request.ts";
import { completeObject } from "./complete-object.ts";
import { isDeepEqual } from "./deep-equal.ts";
import {
  isSameButForTimes,
  type KnownOwners,
  type ManagedFields,
  managedFieldsOf,
  setManagedFields,
} from "./field-managers.ts";
import { invalidInSteps } from "./field-errors.ts";
import type { Reserver } from "./reservation.ts";
import type { ObjectWrite, WayIn } from "./way-in.ts";

/** From what was sent to what may be named, reserved and checked. */
export async function settleWrite(way: WayIn, write: ObjectWrite, owners?: KnownOwners): Promise<void> {
  const { kind } = write.target;
  completeObject(kind, write.object);
  await endOfLongStep();
  let managedFields = owners ? owners.managedFields : await doInSteps(way.own(write));
  await endOfLongStep();
  way.takeBack(write);
  if (owners && write.old) managedFields = keepIfUnchanged(write, managedFields);
  setManagedFields(write.object, managedFields);
  await endOfLongStep();
  if (await write.environment.admission.mutate(admissionOf(write))) {
    completeObject(kind, write.object);
    way.takeBack(write);
    setManagedFields(write.object, managedFields);
  }
}

/** Throws ApiError for what must not be stored. Warnings come only of what is sound. */
export async function checkWrite(way: WayIn, write: ObjectWrite): Promise<void> {
  await endOfLongStep();
  const forbidden = await write.environment.fieldRights.get(write.target.kind)?.(admissionOf(write));
  const found = await doInSteps(way.check(write, await readExpressions(write)));
  const faults = forbidden ? [...forbidden, ...found] : found;
  await endOfLongStep();
  if (faults.length > 0) throw await doInSteps(invalidInSteps(write.target.kind, write.target.name, faults));
  way.warn(write);
  await write.environment.admission.validate(admissionOf(write));
  await endOfLongStep();
}

/** Undefined: the kind has none, or this way in leaves them as they are. */
function readExpressions({ environment, target, object, old }: ObjectWrite): Eventual<FaultsAt> | undefined {
  const isWhole = target.subresource === "" || old === undefined;
  return isWhole ? environment.expressions.get(target.kind)?.(object) : undefined;
}

/** A subresource takes nothing and gives nothing back. */
export function reserverOf({ environment, target }: ObjectWrite): Reserver | undefined {
  return target.subresource === "" ? environment.reservers.get(target.kind) : undefined;
}

function admissionOf({ target, object, old, options }: ObjectWrite): AdmissionRequest {
  return writeAdmission(target, { object, oldObject: old }, options);
}

/** An apply that changes nothing must not write either, only because its time is newer. */
function keepIfUnchanged({ object, old }: ObjectWrite, managedFields: ManagedFields): ManagedFields {
  if (!old || !isDeepEqual(object, old)) return managedFields;
  const before = managedFieldsOf(old);
  return isSameButForTimes(managedFields, before) ? before : managedFields;
}

// The object that a patch makes of another: read like a body, and refused as the patch's fault.

import type { KubeObject } from "@atoll/api/resource";
import { doInSteps, endOfLongStep } from "@atoll/base/node/long-step";
import { doAtOnce } from "@atoll/base/steps";
import type { SchemaModel } from "@atoll/api/schema";
import { type ApiError, invalid } from "@atoll/machinery/object/api-error";
import { withNulls, zeroPlanOf } from "../registry/zero-values.ts";
import type { BodyKind } from "./body-kind.ts";
import type { Patch } from "./patch.ts";
import { describeMisfit, type Misfit, readAs, type ReadOptions } from "./read-object.ts";

interface PatchedRead {
  readonly patch: Patch;
  readonly old: KubeObject;
}

export function readPatched(
  model: SchemaModel,
  expected: BodyKind,
  { patch, old }: PatchedRead,
  options: ReadOptions,
): KubeObject {
  return doAtOnce(readValue(model, expected, { patch, old, value: doAtOnce(patch.apply(old, options)) }, options));
}

/** For objects that may be large. */
export async function readPatchedInSteps(
  model: SchemaModel,
  expected: BodyKind,
  { patch, old }: PatchedRead,
  options: ReadOptions,
): Promise<KubeObject> {
  const value = await doInSteps(patch.apply(old, options));
  await endOfLongStep();
  return await doInSteps(readValue(model, expected, { patch, old, value }, options));
}

function readValue(
  model: SchemaModel,
  expected: BodyKind,
  { patch, old, value }: PatchedRead & { readonly value: unknown },
  options: ReadOptions,
): Generator<void, KubeObject> {
  const body = { value, duplicateFields: patch.duplicateFields };
  // Upstream patches the JSON that it shows of an object.
  const shown = () => withNulls(zeroPlanOf(expected.schema), old);
  return readAs(model, expected, body, options, (misfit) => refusePatch(patch, shown(), misfit));
}

function refusePatch(patch: Patch, shown: KubeObject, misfit: Misfit): ApiError {
  const why = misfit.type === "mismatch" ? patch.describeMismatches(misfit.mismatches) : describeMisfit(misfit);
  const message = `Invalid value: ${JSON.stringify(patch.describeValue(shown))}: ${why}`;
  return invalid({ group: "", name: "" }, "", [{ reason: "FieldValueInvalid", field: "patch", message }]);
}

// The built-in flow schemas and priority levels, which must be there, and what each FlowSchema says of whether its level is.

import {
  AUTOUPDATE_ANNOTATION,
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from "@atoll/api/flowcontrol/bootstrap";
import { FlowSchema } from "@atoll/api/flowcontrol/flow-schema/kind";
import { PriorityLevelConfiguration } from "@atoll/api/flowcontrol/priority-level-configuration/kind";
import { isEqualJson } from "@atoll/api/meta/field-error";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { type Clock, formatTime } from "@atoll/base/clock";
import type { ApplyStatus, EnsureObject } from "../registry/ensure-object.ts";

interface Seed<Spec> {
  readonly name: string;
  readonly spec: Spec;
}

interface Specified<Spec> extends KubeObject {
  spec?: Spec;
}

/** Levels before the schemas that name them. */
export async function reconcileFlowObjects(ensure: EnsureObject): Promise<void> {
  await Promise.all([
    ...mandatoryPriorityLevels.map((seed) => ensureSeed(ensure, PriorityLevelConfiguration, seed, true)),
    ...suggestedPriorityLevels.map((seed) => ensureSeed(ensure, PriorityLevelConfiguration, seed, false)),
  ]);
  await Promise.all([
    ...mandatoryFlowSchemas.map((seed) => ensureSeed(ensure, FlowSchema, seed, true)),
    ...suggestedFlowSchemas.map((seed) => ensureSeed(ensure, FlowSchema, seed, false)),
  ]);
}

function ensureSeed<Spec, T extends Specified<Spec>>(
  ensure: EnsureObject,
  resource: Resource<T>,
  { name, spec }: Seed<Spec>,
  isMandatory: boolean,
): Promise<void> {
  const metadata = { name, annotations: { [AUTOUPDATE_ANNOTATION]: "true" } };
  const wanted = { metadata, spec: structuredClone(spec) } as unknown as T; // both kinds are metadata, spec and a status that is not set
  return ensure(resource, wanted, (present) => mendSeed(present, wanted, isMandatory));
}

function mendSeed<T extends Specified<unknown>>(present: T, wanted: T, isMandatory: boolean): T | undefined {
  const { annotations = {}, generation } = present.metadata;
  // Without the annotation an object is ours as long as nobody has changed it.
  const isOurs = annotations[AUTOUPDATE_ANNOTATION] ?? String(generation === 1);
  if (!isMandatory && isOurs !== "true") return undefined;
  const marked = { ...present.metadata, annotations: { ...annotations, [AUTOUPDATE_ANNOTATION]: "true" } };
  const mended = { ...present, metadata: marked, spec: wanted.spec };
  return isEqualJson(mended, present) ? undefined : mended;
}

/** Upstream's name for whoever says of schemas whether their levels exist. */
const STATUS_MANAGER = "api-priority-and-fairness-config-consumer-v1";

/** The condition Dangling of each schema. */
export async function reconcileFlowStatuses(
  apply: ApplyStatus,
  schemas: readonly FlowSchema[],
  { hasLevel, clock }: { readonly hasLevel: (name: string) => boolean; readonly clock: Clock },
): Promise<void> {
  const statuses = schemas.map((schema) => {
    const level = schema.spec?.priorityLevelConfiguration?.name ?? "";
    const isThere = hasLevel(level);
    const condition = {
      type: "Dangling",
      status: isThere ? "False" : "True",
      reason: isThere ? "Found" : "NotFound",
      message: `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} ${isThere ? "and it exists" : "but there is no such object"}`,
    };
    if (hasCondition(schema, condition)) return undefined;
    const lastTransitionTime = formatTime(clock.now());
    const { name = "" } = schema.metadata;
    const status = { conditions: [{ ...condition, lastTransitionTime }] };
    return apply(FlowSchema, name, status, STATUS_MANAGER);
  });
  await Promise.all(statuses);
}

function hasCondition(
  { status }: FlowSchema,
  wanted: { readonly type: string; readonly status: string; readonly reason: string; readonly message: string },
): boolean {
  const { lastTransitionTime: _time, ...present } = status?.conditions?.find(({ type }) => type === wanted.type) ?? {};
  return isEqualJson(present, wanted);
}

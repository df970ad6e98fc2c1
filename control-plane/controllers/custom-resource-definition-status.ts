import {
  CustomResourceDefinition,
  type CustomResourceDefinition as Definition,
} from "@atoll/api/apiextensions/custom-resource-definition/kind";
import { formatTime } from "@atoll/base/clock";
import type { ReconcileContext } from "@atoll/machinery/controller/controller";
import type { Condition } from "./condition.ts";

/** The definition as it is afterwards; itself when it says so already. The time moves only with the status. */
export async function writeCondition(
  definition: Definition,
  condition: Condition,
  { client, clock, signal }: ReconcileContext,
): Promise<Definition> {
  const { type, status, reason, message } = condition;
  const conditions = [...(definition.status?.conditions ?? [])];
  const index = conditions.findIndex((other) => other.type === type);
  const known = conditions[index];
  if (known?.status === status && known.reason === reason && known.message === message) return definition;
  const lastTransitionTime =
    (known?.status === status ? known.lastTransitionTime : undefined) ?? formatTime(clock.now());
  conditions.splice(index === -1 ? conditions.length : index, 1, { ...condition, lastTransitionTime });
  const changed = { ...definition, status: { ...definition.status, conditions } };
  return client.update(CustomResourceDefinition, changed, { subresource: "status", signal });
}

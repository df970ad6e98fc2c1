// Decides whether a definition's names are free, and with that whether it is served: of two definitions that want one name,
// the one that has it keeps it.

import {
  CustomResourceDefinition,
  type CustomResourceDefinition as Definition,
} from "@atoll/api/apiextensions/custom-resource-definition/kind";
import type { CustomResourceDefinitionNames } from "@atoll/api/generated/types";
import { isEqualJson } from "@atoll/api/meta/field-error";
import { formatTime } from "@atoll/base/clock";
import type { ObjectName } from "@atoll/machinery/client/client";
import { type CacheReader, type ControllerDefinition, defineController } from "@atoll/machinery/controller/controller";
import { type Condition, withCondition } from "./condition.ts";

export const customResourceDefinitionNames: ControllerDefinition = defineController({
  name: "custom-resource-definition-names",
  watches: [{ resource: CustomResourceDefinition, keysOf: definitionsOfGroup }],
  owns: [
    "CustomResourceDefinition.status.acceptedNames",
    "CustomResourceDefinition.status.conditions.NamesAccepted",
    "CustomResourceDefinition.status.conditions.Established",
  ],
  async reconcile(key, { client, cache, clock, signal }) {
    const definitions = cache.of(CustomResourceDefinition);
    const definition = definitions.get(key);
    if (!definition) return;
    const status = nameStatus(definition, definitions.list(), formatTime(clock.now()));
    const { acceptedNames, conditions } = definition.status ?? {};
    if (isEqualJson(status, { acceptedNames, conditions })) return;
    await client.update(
      CustomResourceDefinition,
      { ...definition, status: { ...definition.status, ...status } },
      { subresource: "status", signal },
    );
  },
});

/** A name that one gives up may be what another waits for. */
function definitionsOfGroup(changed: Definition, cache: CacheReader): ObjectName[] {
  return cache
    .of(CustomResourceDefinition)
    .list()
    .filter(({ spec }) => spec.group === changed.spec.group)
    .map(({ metadata }) => ({ name: metadata.name ?? "" }));
}

export interface NameStatus {
  readonly acceptedNames: CustomResourceDefinitionNames;
  readonly conditions: Condition[];
}

/** A pure function of the definitions. */
export function nameStatus(definition: Definition, all: readonly Definition[], now: string): NameStatus {
  const { names } = definition.spec;
  const taken = namesOfOthers(definition, all);
  const old = definition.status?.acceptedNames ?? { kind: "", plural: "" };
  const conflicts: { readonly reason: string; readonly name: string }[] = [];
  const accept = (reason: string, isFree: (name: string) => boolean, wanted = "", before = "") => {
    if (wanted === "" || isFree(wanted)) return wanted;
    conflicts.push({ reason, name: wanted });
    return before;
  };
  const isFreeName = (name: string) => !taken.names.has(name);
  const isFreeKind = (name: string) => !taken.kinds.has(name);
  const shortNames = (names.shortNames ?? []).filter((name) => accept("ShortNamesConflict", isFreeName, name) === name);
  const singular = accept("SingularConflict", isFreeName, names.singular, old.singular);
  const listKind = accept("ListKindConflict", isFreeKind, names.listKind, old.listKind);
  const acceptedNames: CustomResourceDefinitionNames = {
    plural: accept("PluralConflict", isFreeName, names.plural, old.plural),
    ...(singular ? { singular } : {}),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    kind: accept("KindConflict", isFreeKind, names.kind, old.kind),
    ...(listKind ? { listKind } : {}),
    ...(names.categories ? { categories: names.categories } : {}),
  };
  return { acceptedNames, conditions: conditionsOf(definition, conflicts, now) };
}

function conditionsOf(
  { status }: Definition,
  conflicts: readonly { readonly reason: string; readonly name: string }[],
  now: string,
): Condition[] {
  const [first] = conflicts;
  const isTrue = (type: string) => status?.conditions?.some((known) => known.type === type && known.status === "True");
  const named: Condition = first
    ? {
        type: "NamesAccepted",
        status: "False",
        reason: first.reason,
        message: conflicts.map(({ name }) => `${JSON.stringify(name)} is already in use`).join(", "),
      }
    : { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" };
  const conditions = withCondition(status?.conditions, named, now);
  // Once served, always served: taking a kind away from its objects would be worse than a name too many.
  if (isTrue("Established")) return conditions;
  const established: Condition = first
    ? { type: "Established", status: "False", reason: "NotAccepted", message: "not all names are accepted" }
    : {
        type: "Established",
        status: "True",
        reason: "InitialNamesAccepted",
        message: "the initial names have been accepted",
      };
  return withCondition(conditions, established, now);
}

function namesOfOthers(definition: Definition, all: readonly Definition[]) {
  const names = new Set<string>();
  const kinds = new Set<string>();
  for (const other of all) {
    if (other.spec.group !== definition.spec.group || other.metadata.name === definition.metadata.name) continue;
    const {
      plural,
      singular,
      shortNames = [],
      kind,
      listKind,
    } = other.status?.acceptedNames ?? { plural: "", kind: "" };
    for (const name of [plural, singular, ...shortNames]) if (name) names.add(name);
    for (const name of [kind, listKind]) if (name) kinds.add(name);
  }
  return { names, kinds };
}

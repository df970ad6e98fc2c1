// What the rules of a kind (`api/write-rules.ts`) come to for one way into its objects.

import type { KindDefinition } from "@atoll/api/kind";
import type { NameRule } from "@atoll/api/meta/names";
import type { FieldPath } from "@atoll/api/write-rules";
import { ownValue } from "@atoll/base/own-value";

const SPEC: FieldPath = ["spec"];
const STATUS: FieldPath = ["status"];
const METADATA: FieldPath = ["metadata"];

/** Fields that a write in this way leaves as they are, whatever it says of them: nobody comes to own them by naming them. */
export function resetFields(kind: KindDefinition, subresource: string): readonly FieldPath[] {
  const special = ownValue(kind.resetFields, subresource);
  if (special) return special;
  if (subresource === "status") return kind.statusCarries === undefined ? [SPEC] : [SPEC, METADATA];
  return kind.hasStatus ? [STATUS] : [];
}

/** By which `metadata.generateName` is checked in an update; a write to a subresource asks for no more than a part of a path. */
export function nameRuleOfUpdate({ checksGenerateName, nameRule }: KindDefinition, subresource: string): NameRule {
  return subresource === "" && checksGenerateName === "always" ? nameRule : "pathSegment";
}

export function qualifiesFinalizers({ takesAnyFinalizer }: KindDefinition, subresource = ""): boolean {
  return !(takesAnyFinalizer === true || (takesAnyFinalizer === "inStatus" && subresource === "status"));
}

// What is wrong with the defaults and the rules of a definition's schemas. It stands here, for checking values against schemas and
// reading expressions is more than the kind's own checks may know.

import { placesOf } from "@atoll/api/apiextensions/custom-resource-definition/hub-form";
import type { CustomResourceDefinition } from "@atoll/api/apiextensions/custom-resource-definition/kind";
import {
  defaultsOf,
  ruleWordsOf,
  rulesOf,
} from "@atoll/api/apiextensions/custom-resource-definition/schema-validation";
import { checkRules, checkRuleWords } from "@atoll/machinery/cel/schema/definition-rules";
import type { StructuralSchema } from "@atoll/machinery/object/structural-schema/structural-schema";
import type { ReadExpressions } from "../registry/environment.ts";
import { validateDefaults } from "./default-validation.ts";

/** Asked for a schema whose form is sound; looks at nothing before it is asked. */
export const definitionFaults: ReadExpressions = (object) => {
  const { spec } = object as CustomResourceDefinition; // it is registered for this kind alone
  const answers = placesOf(spec.versions ?? [], "schema").flatMap(({ path, value }) => {
    const root = value?.openAPIV3Schema as StructuralSchema | undefined; // as far as is asked, it is structural
    const at = `${path}.openAPIV3Schema`;
    if (!root) return [];
    return [
      [defaultsOf(at), () => validateDefaults(root, at)],
      [ruleWordsOf(at), () => checkRuleWords(root, at)],
      [rulesOf(at), () => checkRules(root, at)],
    ] as const;
  });
  const byPath = new Map(answers);
  return (path) => byPath.get(path)?.() ?? [];
};

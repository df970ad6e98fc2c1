// `fieldPath` of a rule: where in the object its complaint is about. ".spec.replicas", "['my-field'].x".

import { isRecord } from "@atoll/base/is-record";
import type { StructuralSchema } from "../../object/structural-schema/structural-schema.ts";

/** As errors write it, to stand behind the path of the rule's own place; undefined: it does not lead anywhere. */
export function ruleFieldPath(path: string, schema: StructuralSchema): string | undefined {
  let shown = "";
  let current: StructuralSchema | undefined = schema;
  for (let rest = path; rest !== ""; ) {
    const match = /^\.([^.[\]]+)|^\['((?:\\.|[^'\\])*)'\]/.exec(rest);
    const name = match?.[1] ?? (match?.[2] === undefined ? undefined : unquote(match[2]));
    if (!match || name === undefined || !current) return undefined;
    if (current.properties) {
      if (!Object.hasOwn(current.properties, name)) return undefined;
      shown += `${shown === "" ? "" : "."}${name}`;
      current = current.properties[name];
    } else if (isRecord(current.additionalProperties)) {
      shown += `[${name}]`;
      current = current.additionalProperties;
    } else return undefined;
    rest = rest.slice(match[0].length);
  }
  return shown;
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", "'": "'", "\\": "\\" },
};

function unquote(text: string): string | undefined {
  let isValid = true;
  const plain = text.replaceAll(/\\(.)/g, (_whole, character: string) => {
    const known = ESCAPES[character];
    if (known === undefined) isValid = false;
    return known ?? "";
  });
  return isValid ? plain : undefined;
}

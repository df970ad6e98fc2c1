// Names of fields in expressions: what is no identifier of the language is written with escapes, "self.__namespace__".

import { tableOf } from "@atoll/base/table-of";

const RESERVED: ReadonlySet<string> = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

const ESCAPES: Readonly<Record<string, string>> = {
  __: "__underscores__",
  ".": "__dot__",
  "-": "__dash__",
  "/": "__slash__",
};
const CONTENTS: Readonly<Record<string, string>> = tableOf({ underscores: "__", dot: ".", dash: "-", slash: "/" });

/** Undefined: no expression can name such a field. */
export function escapeName(name: string): string | undefined {
  if (name === "" || /^\d/.test(name)) return undefined;
  if (RESERVED.has(name)) return `__${name}__`;
  if (!/^[\w./-]+$/.test(name)) return undefined;
  return name.replaceAll(/__|[-./]/g, (part) => ESCAPES[part] ?? part);
}

/** Undefined: it has an escape that there is not. */
export function unescapeName(escaped: string): string | undefined {
  let isValid = true;
  const name = escaped.replaceAll(/__[^_]+__/g, (part) => {
    const inner = part.slice(2, -2);
    const known = CONTENTS[inner];
    if (known !== undefined) return known;
    if (!RESERVED.has(inner) || part.length !== escaped.length) isValid = false;
    return inner;
  });
  return isValid ? name : undefined;
}

// Field selectors, "status.phase=Running,spec.nodeName!=a": requirements that all must hold. Which fields a kind can be
// selected by is the kind's to say.

export interface FieldRequirement {
  readonly field: string;
  readonly operator: "Equals" | "NotEquals";
  readonly value: string;
}

export type FieldSelectorResult = { readonly requirements: readonly FieldRequirement[] } | { readonly error: string };

/** More requirements than any kind has fields. */
export const FIELD_REQUIREMENTS_MAX = 100;

/** An empty text selects everything. The error is upstream's sentence. */
export function parseFieldSelector(text: string): FieldSelectorResult {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text)) {
    if (term === "") continue;
    const match = /^((?:[^=!\\]|\\.)*)(==|=|!=)(.*)$/s.exec(term);
    if (!match) return { error: `invalid selector: '${text}'; can't understand '${term}'` };
    const value = unescapeValue(match[3] ?? "");
    if (value === undefined) return { error: `invalid selector: '${text}'; can't understand '${term}'` };
    requirements.push({ field: match[1] ?? "", operator: match[2] === "!=" ? "NotEquals" : "Equals", value });
    if (requirements.length > FIELD_REQUIREMENTS_MAX) {
      return { error: `invalid selector: more than ${FIELD_REQUIREMENTS_MAX} terms` };
    }
  }
  return { requirements };
}

/** `fieldValueOf` gives the value of a selectable field, "" where the object has none. */
export function matchesFieldSelector(
  requirements: readonly FieldRequirement[],
  fieldValueOf: (field: string) => string,
): boolean {
  return requirements.every(
    ({ field, operator, value }) => (fieldValueOf(field) === value) === (operator === "Equals"),
  );
}

/** The canonical text; reading it gives the same requirements. */
export function formatFieldSelector(requirements: readonly FieldRequirement[]): string {
  return requirements
    .map(({ field, operator, value }) => `${field}${operator === "Equals" ? "=" : "!="}${escapeValue(value)}`)
    .join(",");
}

/** At commas that no backslash stands before. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === "\\") i += 1;
    else if (text[i] === ",") {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...terms, text.slice(start)];
}

export function escapeValue(value: string): string {
  return value.replaceAll(/[\\,=]/g, (character) => `\\${character}`);
}

/** Undefined for a bare "=", a lone backslash, or one before a character that needs none. */
function unescapeValue(escaped: string): string | undefined {
  if (!/^(?:[^\\=]|\\[\\,=])*$/s.test(escaped)) return undefined;
  return escaped.replaceAll(/\\([\\,=])/g, "$1");
}

// Which field of a message has which number: the table of facts, read once per definition for both directions.

import { FIELD_NUMBERS } from "@atoll/api/facts/field-numbers";
import { UNPUBLISHED } from "@atoll/api/facts/unpublished";

export interface MessageField {
  readonly number: number;
  /** As in JSON. For an embedded message, the definition whose fields stand in the outer object itself. */
  readonly name: string;
  readonly isEmbedded: boolean;
  /** Zero is a value of its own and not the same as leaving the field out. */
  readonly isZeroMeant: boolean;
  /** A list in a message that has nothing else, as its field 1. */
  readonly isWrapped: boolean;
}

const known = new Map<string, readonly MessageField[]>();

/** Ascending by number; empty for a definition that has no message of its own. */
export function messageFields(definition: string): readonly MessageField[] {
  let fields = known.get(definition);
  if (!fields) {
    const entries = (numbersOf(definition) ?? "").split(", ").filter((entry) => entry !== "");
    fields = entries.map((entry) => readEntry(definition, entry));
    known.set(definition, fields);
  }
  return fields;
}

/** False: the kind is sent as JSON alone. */
export function hasMessage(definition: string): boolean {
  return numbersOf(definition) !== undefined;
}

function numbersOf(definition: string): string | undefined {
  return FIELD_NUMBERS[definition] ?? UNPUBLISHED[definition]?.numbers;
}

function readEntry(definition: string, entry: string): MessageField {
  const space = entry.indexOf(" ");
  const number = Number(entry.slice(0, space));
  const text = entry.slice(space + 1);
  if (text.startsWith("...")) {
    const name = definition.slice(0, definition.lastIndexOf(".") + 1) + text.slice(3);
    return { number, name, isEmbedded: true, isZeroMeant: false, isWrapped: false };
  }
  const [, name = text, mark] = /^(.*?)(!|\[\])?$/.exec(text) ?? [];
  return { number, name, isEmbedded: false, isZeroMeant: mark === "!", isWrapped: mark === "[]" };
}

// YAML as Kubernetes reads it, made into JSON. Reading it takes a hundred times as long as JSON of the same size.

import { ApiError } from "@atoll/machinery/object/api-error";
import { CST, isCollection, isPair, isScalar, Lexer, LineCounter, parseDocument, visit } from "yaml";
import { decodeYamlText, malformedYaml } from "./body-text.ts";
import { checkValueDepth, NESTING_DEPTH_MAX } from "./body-limits.ts";

/** A YAML document may refer to its own parts; more often than this is an attack by expansion. */
const YAML_ALIASES_MAX = 100;
/** Of an object that fits into the store, line by line, some 500,000. Each takes ten microseconds to read, and all are read in turn. */
const TOKENS_MAX = 800_000;

export interface YamlDocument {
  readonly json: string;
  /** Keys that stand in a map twice, in the words of upstream's parser. */
  readonly repeatedKeys: readonly string[];
}

/** What a thread says of it. */
export type YamlOutcome =
  | ({ readonly type: "read" } & YamlDocument)
  /** With a BadRequest's message. */
  | { readonly type: "refused"; readonly message: string };

/** Throws BadRequest. */
export function readYaml(bytes: Uint8Array): YamlDocument {
  const text = decodeYamlText(bytes);
  const lineCounter = new LineCounter();
  let value: unknown;
  let repeatedKeys: string[];
  try {
    if (CONTROL_CHARACTER.test(text)) throw new Error("control characters are not allowed");
    checkTokens(text);
    // Kubernetes reads YAML 1.1, where "yes" is true and 014 is twelve. What is odd about a document is no warning of Node's.
    const version = { version: "1.1", schema: "yaml-1.1", strict: true, uniqueKeys: false } as const;
    const document = parseDocument(text, { ...version, lineCounter, logLevel: "error" });
    if (document.errors[0]) throw document.errors[0];
    // Before anything is made of it: to name what has whole trees for names takes a power of their depth.
    checkTree(document.contents);
    repeatedKeys = findRepeatedKeys(document, lineCounter);
    value = document.toJS({ maxAliasCount: YAML_ALIASES_MAX });
  } catch (cause) {
    throw malformedYaml(cause);
  }
  checkValueDepth(value);
  // One pass through JSON leaves nothing that JSON has not: dates become strings, map keys too.
  try {
    return { json: JSON.stringify(value ?? null), repeatedKeys };
  } catch (cause) {
    // A part that holds itself.
    throw new ApiError("BadRequest", "yaml: anchor contains itself", { cause });
  }
}

/** What no YAML may have in it (YAML 1.1, section 5.1). A reader that takes it may never come to an end. */
const CONTROL_CHARACTER = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/** Before a tree is made: ten thousands of brackets, or millions of parts, take the reader tens of seconds. */
function checkTokens(text: string): void {
  let [tokens, brackets, items] = [0, 0, 0];
  for (const token of new Lexer().lex(text)) {
    if (++tokens > TOKENS_MAX) throw new Error(`has more than ${TOKENS_MAX} parts`);
    switch (CST.tokenType(token)) {
      case "flow-seq-start":
      case "flow-map-start":
        brackets++;
        break;
      case "flow-seq-end":
      case "flow-map-end":
        brackets--;
        break;
      case "seq-item-ind":
      case "explicit-key-ind":
        items++;
        break;
      case "newline":
        items = 0;
    }
    if (brackets > NESTING_DEPTH_MAX || items > NESTING_DEPTH_MAX) throw tooDeep();
  }
}

function tooDeep(): Error {
  return new Error(`nests deeper than ${NESTING_DEPTH_MAX} levels`);
}

function checkTree(node: unknown, depth = 0): void {
  if (!isCollection(node)) return;
  if (depth > NESTING_DEPTH_MAX) throw tooDeep();
  for (const item of node.items) {
    if (!isPair(item)) checkTree(item, depth + 1);
    else if (isCollection(item.key)) throw new Error("map keys must be scalars");
    else checkTree(item.value, depth + 1);
  }
}

function findRepeatedKeys(document: ReturnType<typeof parseDocument>, lines: LineCounter): string[] {
  const found: string[] = [];
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) {
          found.push(`line ${lines.linePos(key.range?.[0] ?? 0).line}: key ${JSON.stringify(name)} already set in map`);
        }
        seen.add(name);
      }
    },
  });
  return found;
}

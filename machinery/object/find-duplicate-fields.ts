// Finds keys that a JSON text gives twice in one object: JSON.parse keeps the last of them without a word, strict field
// validation wants to know. The text must already have been parsed once: this scanner trusts its grammar.

/** More than this help nobody. */
export const DUPLICATES_MAX = 100;

/** Paths as in field errors, "spec.containers[0].image"; each once. */
export function findDuplicateFields(json: string): string[] {
  const scanner = new Scanner(json);
  scanner.scan();
  return scanner.duplicates ? [...scanner.duplicates] : [];
}

interface Level {
  readonly isList: boolean;
  /** Of a map, once it has a second one: most have few, and many have none. */
  keys: Set<string> | undefined;
  /** Where the scanner is in it. */
  key: string | undefined;
  index: number;
}

const OPEN_MAP = "{".charCodeAt(0);
const CLOSE_MAP = "}".charCodeAt(0);
const OPEN_LIST = "[".charCodeAt(0);
const CLOSE_LIST = "]".charCodeAt(0);
const COMMA = ",".charCodeAt(0);
const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = "\\".charCodeAt(0);

class Scanner {
  /** Undefined: there are none. */
  duplicates: Set<string> | undefined;
  readonly #text: string;
  readonly #levels: Level[] = [];
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** A loop with its own stack: the depth of the text never becomes the depth of ours. */
  scan(): void {
    const text = this.#text;
    const levels = this.#levels;
    let expectsKey = false;
    while (this.#position < text.length) {
      const code = text.charCodeAt(this.#position);
      if (code === QUOTE) {
        const start = this.#position;
        this.#skipString();
        const level = levels.at(-1);
        if (expectsKey && level && !level.isList) this.#noteKey(level, text.slice(start, this.#position));
        expectsKey = false;
        continue;
      }
      this.#position += 1;
      if (code === OPEN_MAP || code === OPEN_LIST) {
        expectsKey = code === OPEN_MAP;
        levels.push({ isList: !expectsKey, keys: undefined, key: undefined, index: 0 });
      } else if (code === CLOSE_MAP || code === CLOSE_LIST) {
        levels.pop();
        expectsKey = false;
      } else if (code === COMMA) {
        const level = levels.at(-1);
        if (level?.isList) level.index += 1;
        else expectsKey = true;
      }
    }
  }

  #noteKey(level: Level, token: string): void {
    // JSON.parse of a string token gives a string: escapes count as what they stand for.
    const key = token.includes("\\") ? String(JSON.parse(token)) : token.slice(1, -1);
    const before = level.key;
    level.key = key;
    if (before === undefined) return;
    level.keys ??= new Set([before]);
    if (level.keys.has(key)) {
      this.duplicates ??= new Set();
      if (this.duplicates.size < DUPLICATES_MAX) this.duplicates.add(this.#path());
    }
    level.keys.add(key);
  }

  /** Made only where it is told. */
  #path(): string {
    let path = "";
    for (const { isList, key, index } of this.#levels) {
      if (isList) path += `[${index}]`;
      else path += path === "" ? key : `.${key}`;
    }
    return path;
  }

  #skipString(): void {
    const start = this.#position;
    let end = this.#text.indexOf('"', start + 1);
    while (end >= 0 && isEscaped(this.#text, end)) end = this.#text.indexOf('"', end + 1);
    this.#position = end < 0 ? this.#text.length : end + 1;
  }
}

/** Whether an odd number of backslashes stands before the place; within a string there are no others than escapes. */
function isEscaped(text: string, index: number): boolean {
  let first = index;
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (index - first) % 2 === 1;
}

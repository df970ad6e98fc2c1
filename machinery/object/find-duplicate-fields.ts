// Finds keys that a JSON text gives twice in one object: JSON.parse keeps the last of them without a word, strict field
// validation wants to know. The text must already have been parsed once: this scanner trusts its grammar.

/** More than this help nobody. */
export const DUPLICATES_MAX = 100;

/** Paths as in field errors, "spec.containers[0].image"; each once. */
export function findDuplicateFields(json: string): string[] {
  const scanner = new Scanner(json);
  scanner.scan();
  return [...scanner.duplicates];
}

interface Level {
  /** Undefined in a list. */
  readonly keys: Set<string> | undefined;
  index: number;
  readonly path: string;
}

class Scanner {
  readonly duplicates = new Set<string>();
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** A loop with its own stack: the depth of the text never becomes the depth of ours. */
  scan(): void {
    const levels: Level[] = [];
    let path = "";
    let expectsKey = false;
    while (this.#position < this.#text.length) {
      const character = this.#text[this.#position];
      const level = levels.at(-1);
      switch (character) {
        case "{":
          levels.push({ keys: new Set(), index: 0, path });
          expectsKey = true;
          this.#position += 1;
          break;
        case "[":
          levels.push({ keys: undefined, index: 0, path });
          path = `${path}[0]`;
          expectsKey = false;
          this.#position += 1;
          break;
        case "}":
        case "]":
          levels.pop();
          expectsKey = false;
          this.#position += 1;
          break;
        case ",":
          if (level?.keys) expectsKey = true;
          else if (level) {
            level.index += 1;
            path = `${level.path}[${level.index}]`;
          }
          this.#position += 1;
          break;
        case '"': {
          const text = this.#readString();
          if (expectsKey && level?.keys) {
            path = this.#noteKey(level, text);
            expectsKey = false;
          }
          break;
        }
        default:
          this.#position += 1;
      }
    }
  }

  #noteKey(level: Level, token: string): string {
    // JSON.parse of a string token gives a string: escapes count as what they stand for.
    const key = token.includes("\\") ? String(JSON.parse(token)) : token.slice(1, -1);
    const path = level.path === "" ? key : `${level.path}.${key}`;
    if (level.keys?.has(key) && this.duplicates.size < DUPLICATES_MAX) this.duplicates.add(path);
    level.keys?.add(key);
    return path;
  }

  /** With its quotes. */
  #readString(): string {
    const start = this.#position;
    let end = this.#text.indexOf('"', start + 1);
    while (end >= 0 && isEscaped(this.#text, end)) end = this.#text.indexOf('"', end + 1);
    this.#position = end < 0 ? this.#text.length : end + 1;
    return this.#text.slice(start, this.#position);
  }
}

/** Whether an odd number of backslashes stands before the place; within a string there are no others than escapes. */
function isEscaped(text: string, index: number): boolean {
  let first = index;
  while (text[first - 1] === "\\") first -= 1;
  return (index - first) % 2 === 1;
}

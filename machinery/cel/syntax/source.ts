// The text of an expression, and how a complaint about a place in it is shown.

export interface Complaint {
  /** Characters before the place; -1: it is about the whole. */
  readonly position: number;
  readonly message: string;
}

/** More are counted, not shown. */
const COMPLAINTS_SHOWN_MAX = 100;
/** A longer line is not repeated below its complaint. */
const SNIPPET_LENGTH_MAX = 16_384;

export class Source {
  /** By code point, for that is how places are counted. */
  readonly characters: readonly string[];
  readonly #lineStarts: readonly number[];

  constructor(text: string) {
    this.characters = Array.from(text);
    const starts = [0];
    for (const [index, character] of this.characters.entries()) if (character === "\n") starts.push(index + 1);
    this.#lineStarts = starts;
  }

  /** "ERROR: <input>:1:5: undeclared reference to 'x'", the line and a mark below the place, for each. */
  show(complaints: readonly Complaint[]): string {
    const sorted = complaints.slice(0, COMPLAINTS_SHOWN_MAX).sort((a, b) => a.position - b.position);
    const shown = sorted.map((complaint) => this.#showOne(complaint));
    const rest = complaints.length - COMPLAINTS_SHOWN_MAX;
    return [...shown, ...(rest > 0 ? [`${rest} more errors were truncated`] : [])].join("\n");
  }

  #showOne({ position, message }: Complaint): string {
    if (this.characters.length === 0) return `ERROR: <input>:1:0: ${message}`;
    if (position < 0) return `ERROR: <input>:-1:0: ${message}`;
    const line = this.#lineStarts.findLastIndex((start) => start <= position);
    const start = this.#lineStarts[line] ?? 0;
    const column = position - start;
    const end = (this.#lineStarts[line + 1] ?? this.characters.length + 1) - 1;
    const snippet = this.characters.slice(start, end).map((character) => (character === "\t" ? " " : character));
    const head = `ERROR: <input>:${line + 1}:${column + 1}: ${message}`;
    if (snippet.length > SNIPPET_LENGTH_MAX) return head;
    const dots = snippet.slice(0, column).map((character) => (isWide(character) ? "\uff0e" : "."));
    const mark = isWide(snippet[column] ?? "") ? "\uff3e" : "^";
    return `${head}\n | ${snippet.join("")}\n | ${dots.join("")}${mark}`;
  }
}

/** Takes more than one byte, and mostly more than one column. */
function isWide(character: string): boolean {
  return (character.codePointAt(0) ?? 0) > 0x7f;
}

// JSON as people read it: two spaces for each level. Works piece by piece, on bytes that are JSON already, and changes nothing but
// the space between them.

const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = Buffer.from("{}[]");
const [QUOTE, BACKSLASH, COMMA, COLON, NEWLINE, SPACE] = Buffer.from('"\\,:\n ');

export class JsonIndenter {
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  /** An opening mark was the last: what is empty stays in one line. */
  #isJustOpened = false;

  /** The next piece, indented. */
  take(piece: Uint8Array): Uint8Array {
    const out: number[] = [];
    for (const byte of piece) {
      if (this.#isInText) this.#takeText(byte, out);
      else this.#takeMark(byte, out);
    }
    return Uint8Array.from(out);
  }

  #takeText(byte: number, out: number[]): void {
    out.push(byte);
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInText = false;
  }

  #takeMark(byte: number, out: number[]): void {
    if (byte === NEWLINE || byte === SPACE) return;
    if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      this.#depth -= 1;
      if (!this.#isJustOpened) this.#breakLine(out);
      this.#isJustOpened = false;
      out.push(byte);
      return;
    }
    if (this.#isJustOpened) this.#breakLine(out);
    this.#isJustOpened = false;
    out.push(byte);
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      this.#depth += 1;
      this.#isJustOpened = true;
    } else if (byte === COMMA) this.#breakLine(out);
    else if (byte === COLON) out.push(SPACE ?? 0);
    else if (byte === QUOTE) this.#isInText = true;
  }

  #breakLine(out: number[]): void {
    out.push(NEWLINE ?? 0);
    for (let count = 0; count < this.#depth * 2; count++) out.push(SPACE ?? 0);
  }
}

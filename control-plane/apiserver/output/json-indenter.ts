// JSON as people read it: two spaces for each level. Works piece by piece, on bytes that are JSON already, and changes nothing but
// the space between them.

const [OPEN_BRACE = 0, CLOSE_BRACE = 0, OPEN_BRACKET = 0, CLOSE_BRACKET = 0] = Buffer.from("{}[]");
const [QUOTE = 0, BACKSLASH = 0, COMMA = 0, COLON = 0, NEWLINE = 0, SPACE = 0] = Buffer.from('"\\,:\n ');

export class JsonIndenter {
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  /** An opening mark was the last: what is empty stays in one line. */
  #isJustOpened = false;
  #out = new Uint8Array(0);
  #length = 0;

  /** The next piece, indented. */
  take(piece: Uint8Array): Uint8Array {
    this.#out = new Uint8Array(piece.length * 2);
    this.#length = 0;
    for (let at = 0; at < piece.length; ) {
      if (this.#isInText) at = this.#takeText(piece, at);
      else this.#takeMark(piece[at++] ?? 0);
    }
    return this.#out.subarray(0, this.#length);
  }

  /** As far as the text goes; where it ends. */
  #takeText(piece: Uint8Array, start: number): number {
    let at = start;
    while (at < piece.length && this.#isInText) {
      const byte = piece[at++];
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#isInText = false;
    }
    this.#makeRoom(at - start);
    this.#out.set(piece.subarray(start, at), this.#length);
    this.#length += at - start;
    return at;
  }

  #takeMark(byte: number): void {
    if (byte === NEWLINE || byte === SPACE) return;
    // Two line breaks and two marks at most.
    this.#makeRoom(4 + this.#depth * 4);
    if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      this.#depth -= 1;
      if (!this.#isJustOpened) this.#breakLine();
      this.#isJustOpened = false;
      this.#put(byte);
      return;
    }
    if (this.#isJustOpened) this.#breakLine();
    this.#isJustOpened = false;
    this.#put(byte);
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      this.#depth += 1;
      this.#isJustOpened = true;
    } else if (byte === COMMA) this.#breakLine();
    else if (byte === COLON) this.#put(SPACE);
    else if (byte === QUOTE) this.#isInText = true;
  }

  #breakLine(): void {
    this.#put(NEWLINE);
    const spaces = this.#depth * 2;
    this.#out.fill(SPACE, this.#length, this.#length + spaces);
    this.#length += spaces;
  }

  #put(byte: number): void {
    this.#out[this.#length++] = byte;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#out.length) return;
    const larger = new Uint8Array(needed * 2);
    larger.set(this.#out.subarray(0, this.#length));
    this.#out = larger;
  }
}

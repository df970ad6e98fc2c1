// Where a text stops being JSON, as Go's decoder says it: for texts that were not readable, so that speed is no matter here.

const SPACES: ReadonlySet<string> = new Set([" ", "\t", "\r", "\n"]);
/** As which the decoder takes the end of the text, to learn whether it may end there. */
const AT_END = " ";
const CUT_OFF = "unexpected end of JSON input";
const LITERALS: Readonly<Record<string, string>> = { t: "true", f: "false", n: "null" };

class JsonFault extends Error {}

/** Undefined where it is JSON. Objects and lists may be as deep as the stack allows. */
export function describeBadJson(bytes: Uint8Array): string | undefined {
  const reader = new JsonReader(bytes);
  try {
    reader.readText();
    return undefined;
  } catch (error) {
    if (error instanceof JsonFault) return error.message;
    throw error;
  }
}

class JsonReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  readText(): void {
    this.#readValue();
    this.#skipSpaces();
    if (!this.#isAtEnd) this.#refuse("after top-level value");
  }

  get #isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** A byte, as the character of that number. */
  #look(): string {
    const byte = this.#bytes[this.#at];
    return byte === undefined ? AT_END : String.fromCharCode(byte);
  }

  #refuse(where: string): never {
    throw new JsonFault(`invalid character ${quoteCharacter(this.#look())} ${where}`);
  }

  #skipSpaces(): void {
    while (!this.#isAtEnd && SPACES.has(this.#look())) this.#at++;
  }

  /** The next one that counts; where there is none, a text is cut off. */
  #peek(): string {
    this.#skipSpaces();
    if (this.#isAtEnd) throw new JsonFault(CUT_OFF);
    return this.#look();
  }

  #readValue(): void {
    const first = this.#peek();
    const literal = LITERALS[first];
    if (first === "{") this.#readObject();
    else if (first === "[") this.#readList();
    else if (first === '"') this.#readString();
    else if (literal !== undefined) this.#readLiteral(literal);
    else if (first === "-" || isDigit(first)) this.#readNumber();
    else this.#refuse("looking for beginning of value");
  }

  #readObject(): void {
    this.#at++;
    if (this.#peek() === "}") {
      this.#at++;
      return;
    }
    for (;;) {
      if (this.#peek() !== '"') this.#refuse("looking for beginning of object key string");
      this.#readString();
      if (this.#peek() !== ":") this.#refuse("after object key");
      this.#at++;
      this.#readValue();
      if (this.#endsWith("}", "after object key:value pair")) return;
    }
  }

  #readList(): void {
    this.#at++;
    if (this.#peek() === "]") {
      this.#at++;
      return;
    }
    do this.#readValue();
    while (!this.#endsWith("]", "after array element"));
  }

  /** Or goes on, after a comma. */
  #endsWith(closing: string, where: string): boolean {
    const found = this.#peek();
    if (found !== closing && found !== ",") this.#refuse(where);
    this.#at++;
    return found === closing;
  }

  #readString(): void {
    this.#at++;
    for (;;) {
      const found = this.#nextInString();
      if (found === '"') return;
      if (found === "\\") this.#readEscape();
    }
  }

  #nextInString(): string {
    if (this.#isAtEnd) throw new JsonFault(CUT_OFF);
    if (this.#look() < " ") this.#refuse("in string literal");
    const found = this.#look();
    this.#at++;
    return found;
  }

  #readEscape(): void {
    if (this.#isAtEnd) this.#refuse("in string escape code");
    const found = this.#look();
    if (!'bfnrt\\/"u'.includes(found)) this.#refuse("in string escape code");
    this.#at++;
    if (found !== "u") return;
    for (let digit = 0; digit < 4; digit++) {
      if (!/^[0-9a-fA-F]$/.test(this.#look())) this.#refuse("in \\u hexadecimal character escape");
      this.#at++;
    }
  }

  #readLiteral(literal: string): void {
    for (const expected of literal) {
      if (this.#look() !== expected) this.#refuse(`in literal ${literal} (expecting '${expected}')`);
      this.#at++;
    }
  }

  #readNumber(): void {
    if (this.#look() === "-") this.#at++;
    if (this.#look() === "0") this.#at++;
    else this.#readDigits("in numeric literal");
    if (this.#look() === ".") {
      this.#at++;
      this.#readDigits("after decimal point in numeric literal");
    }
    if (this.#look() !== "e" && this.#look() !== "E") return;
    this.#at++;
    if (this.#look() === "+" || this.#look() === "-") this.#at++;
    this.#readDigits("in exponent of numeric literal");
  }

  #readDigits(where: string): void {
    if (!isDigit(this.#look())) this.#refuse(where);
    while (isDigit(this.#look())) this.#at++;
  }
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9";
}

/** As Go quotes one of the first 256 characters. */
function quoteCharacter(character: string): string {
  if (character === "'") return "'\\''";
  if (character === '"') return `'"'`;
  const code = character.charCodeAt(0);
  const short = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f" }[character];
  if (short !== undefined) return `'${short}'`;
  if (character === "\u0007" || character === "\u000b") return character === "\u0007" ? "'\\a'" : "'\\v'";
  if (code < 0x20 || code === 0x7f) return `'\\x${code.toString(16).padStart(2, "0")}'`;
  const isHidden = (code > 0x7f && code <= 0xa0) || code === 0xad;
  return isHidden ? `'\\u${code.toString(16).padStart(4, "0")}'` : `'${character}'`;
}

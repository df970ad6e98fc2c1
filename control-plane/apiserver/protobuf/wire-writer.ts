// Writes a message from its last byte to its first, so that a length is known when its turn comes and nothing is measured
// beforehand. One buffer is used again for all messages; what is taken out of it is a copy of the right size.

const START_BYTES = 64 * 1024;
/** A buffer that grew beyond this for one large object is given back. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;
/** Up to this length a text is written character by character, which is quicker than asking Node's encoder twice. */
const SHORT_TEXT = 48;

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;

export class WireWriter {
  #buffer = Buffer.allocUnsafeSlow(START_BYTES);
  #position = START_BYTES;

  /** Bytes written so far. */
  get length(): number {
    return this.#buffer.length - this.#position;
  }

  /** A copy of what was written; the writer is empty afterwards. */
  take(): Buffer {
    const bytes = Buffer.allocUnsafeSlow(this.length);
    this.#buffer.copy(bytes, 0, this.#position);
    this.clear();
    return bytes;
  }

  clear(): void {
    if (this.#buffer.length > KEPT_BYTES_MAX) this.#buffer = Buffer.allocUnsafeSlow(START_BYTES);
    this.#position = this.#buffer.length;
  }

  tag(number: number, wireType: number): void {
    this.varint(number * 8 + wireType);
  }

  /** Closes a message or other bytes that began when the length was `before`: their length and their tag. */
  close(number: number, before: number): void {
    this.varint(this.length - before);
    this.tag(number, LENGTH_DELIMITED);
  }

  /** Any whole number that JSON can say; a negative one takes ten bytes. */
  varint(value: number): void {
    if (value < 0) {
      this.#negativeVarint(value);
      return;
    }
    let size = 1;
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
    let at = this.#reserve(size);
    let rest = value;
    while (rest >= 128) {
      this.#buffer[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[at] = rest;
  }

  #negativeVarint(value: number): void {
    let at = this.#reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (let count = 0; count < 9; count++) {
      this.#buffer[at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[at] = Number(rest);
  }

  double(value: number): void {
    const at = this.#reserve(8);
    this.#buffer.writeDoubleLE(value, at);
  }

  /** Without length and tag. */
  text(value: string): void {
    if (value.length <= SHORT_TEXT && this.#shortText(value)) return;
    const size = Buffer.byteLength(value);
    const at = this.#reserve(size);
    this.#buffer.write(value, at, size, "utf8");
  }

  /** False, with nothing written: there is a character that is more than one byte. */
  #shortText(value: string): boolean {
    const start = this.#reserve(value.length);
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code >= 0x80) {
        this.#position = start + value.length;
        return false;
      }
      this.#buffer[start + index] = code;
    }
    return true;
  }

  textField(number: number, value: string): void {
    const before = this.length;
    this.text(value);
    this.close(number, before);
  }

  /** Without length and tag. */
  bytes(value: Uint8Array): void {
    const at = this.#reserve(value.length);
    this.#buffer.set(value, at);
  }

  /** Where the next `size` bytes are to be put. The buffer may be another one afterwards: look at it only then. */
  #reserve(size: number): number {
    if (this.#position < size) this.#grow(size);
    this.#position -= size;
    return this.#position;
  }

  #grow(size: number): void {
    const written = this.length;
    const buffer = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, written + size));
    this.#buffer.copy(buffer, buffer.length - written, this.#position);
    this.#position = buffer.length - written;
    this.#buffer = buffer;
  }
}

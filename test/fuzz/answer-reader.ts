// Reads one answer of HTTP/1.1 from the pieces in which it comes.

const HEAD_END = "\r\n\r\n";
/** Of a body this much is kept, for the report and for what an input does next. */
const TEXT_BYTES_MAX = 16 * 1024;

export type Outcome =
  | {
      readonly type: "answer";
      readonly status: number;
      readonly headers: ReadonlyMap<string, string>;
      /** Its beginning. */
      readonly text: string;
      readonly isCut: boolean;
    }
  /** The server ended the connection without a word. */
  | { readonly type: "closed" }
  | { readonly type: "hung"; readonly why: string };

export class AnswerReader {
  status = 0;
  isDone = false;
  /** Its length is known only at its end: a watch, or an answer in chunks. */
  isStream = false;
  /** Whether the connection can be used again. */
  mayStay = true;
  readonly #isHead: boolean;
  readonly #headers = new Map<string, string>();
  readonly #text: Buffer[] = [];
  #textBytes = 0;
  #pending: Buffer = Buffer.alloc(0);
  /** Bytes of the body that are still to come; undefined: until the end of the connection, or of its chunks. */
  #left: number | undefined;
  #isChunked = false;

  constructor(isHead: boolean) {
    this.#isHead = isHead;
  }

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.status < 200 && !this.isDone) {
      if (!this.#readHead()) return;
    }
    if (this.isDone) return;
    if (this.#isChunked) this.#readChunks();
    else this.#readPlain();
  }

  outcome(options: { readonly isCut: boolean } = { isCut: !this.isDone }): Outcome {
    return {
      ...{ type: "answer", status: this.status, headers: this.#headers, isCut: options.isCut },
      text: Buffer.concat(this.#text).toString(),
    };
  }

  /** False: more has to come. */
  #readHead(): boolean {
    const end = this.#pending.indexOf(HEAD_END);
    if (end < 0) return false;
    const [statusLine = "", ...lines] = this.#pending.subarray(0, end).toString("latin1").split("\r\n");
    this.#pending = this.#pending.subarray(end + HEAD_END.length);
    this.status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1] ?? Number.NaN);
    if (Number.isNaN(this.status)) throw new Error(`No answer of HTTP/1.1: ${JSON.stringify(statusLine)}`);
    this.#headers.clear();
    for (const line of lines) {
      const colon = line.indexOf(":");
      this.#headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    if (this.status === 101) [this.isDone, this.mayStay] = [true, false];
    else if (this.status >= 200) this.#planBody();
    return true;
  }

  #planBody(): void {
    const header = (name: string) => this.#headers.get(name)?.toLowerCase();
    if (header("connection")?.includes("close")) this.mayStay = false;
    const length = header("content-length");
    this.#isChunked = header("transfer-encoding") === "chunked";
    if (this.#isHead || this.status === 204 || this.status === 304) this.isDone = true;
    else if (this.#isChunked) this.isStream = true;
    else if (length !== undefined) [this.#left, this.isDone] = [Number(length), Number(length) === 0];
    else [this.mayStay, this.isStream] = [false, true];
  }

  #readPlain(): void {
    const bytes = this.#pending;
    this.#pending = Buffer.alloc(0);
    this.#keep(bytes.subarray(0, this.#left));
    if (this.#left === undefined) return;
    this.#left -= bytes.length;
    if (this.#left < 0) this.mayStay = false;
    this.isDone = this.#left <= 0;
  }

  #readChunks(): void {
    for (;;) {
      const end = this.#pending.indexOf("\r\n");
      if (end < 0) return;
      const size = Number.parseInt(this.#pending.subarray(0, end).toString("latin1"), 16);
      const start = end + 2;
      if (this.#pending.length < start + size + 2) return;
      this.#keep(this.#pending.subarray(start, start + size));
      this.#pending = this.#pending.subarray(start + size + 2);
      if (size > 0) continue;
      if (this.#pending.length > 0) this.mayStay = false;
      this.isDone = true;
      return;
    }
  }

  #keep(bytes: Buffer): void {
    const room = TEXT_BYTES_MAX - this.#textBytes;
    if (room <= 0) return;
    const kept = bytes.subarray(0, room);
    this.#textBytes += kept.length;
    this.#text.push(kept);
  }
}

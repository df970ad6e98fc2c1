// What a string or bytes literal stands for.

const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "`": "`",
  "?": "?",
};

const ESCAPE = /\\(?:([abfnrtv\\'"`?])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/gu;

/** Undefined: it names a code point that there is not. */
export function unescapeString(literal: string): string | undefined {
  const { body, isRaw } = bodyOf(literal);
  if (isRaw) return body;
  let isValid = true;
  const text = body.replaceAll(
    ESCAPE,
    (_match, simple?: string, hex?: string, short?: string, long?: string, octal?: string) => {
      if (simple !== undefined) return SIMPLE[simple] ?? "";
      const code = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? "", 16) : Number.parseInt(octal, 8);
      if (code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)) return String.fromCodePoint(code);
      isValid = false;
      return "";
    },
  );
  return isValid ? text : undefined;
}

/** In bytes, hexadecimal and octal escapes are bytes. Undefined: it has an escape for code points. */
export function unescapeBytes(literal: string): Uint8Array | undefined {
  const { body, isRaw } = bodyOf(literal);
  const encoder = new TextEncoder();
  if (isRaw) return encoder.encode(body);
  const bytes: number[] = [];
  let end = 0;
  for (const match of body.matchAll(ESCAPE)) {
    const [whole, simple, hex, short, long, octal] = match;
    if (short !== undefined || long !== undefined) return undefined;
    bytes.push(...encoder.encode(body.slice(end, match.index)));
    if (simple !== undefined) bytes.push(...encoder.encode(SIMPLE[simple] ?? ""));
    else bytes.push(octal === undefined ? Number.parseInt(hex ?? "", 16) : Number.parseInt(octal, 8));
    end = match.index + whole.length;
  }
  bytes.push(...encoder.encode(body.slice(end)));
  return Uint8Array.from(bytes);
}

function bodyOf(literal: string): { readonly body: string; readonly isRaw: boolean } {
  const normalized = literal.replaceAll(/\r\n?/g, "\n");
  const isRaw = /^[rR]/.test(normalized);
  const quoted = isRaw ? normalized.slice(1) : normalized;
  const quote = /^(?:"""|''')/.test(quoted) && quoted.length >= 6 ? 3 : 1;
  return { body: quoted.slice(quote, -quote), isRaw };
}

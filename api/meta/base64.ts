// Base64 with the platform's functions, which speak of characters instead of bytes.

/** Characters handed to String.fromCharCode at once; more arguments can overflow the stack. */
const CHUNK = 8192;

/** Bytes that a base64 text stands for. */
export function base64Length(text: string): number {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return Math.floor((text.length * 3) / 4) - padding;
}

/** The UTF-8 bytes of a text, in base64. */
export function encodeBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = "";
  for (let i = 0; i < bytes.length; i += CHUNK) binary += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return btoa(binary);
}

/** The text whose UTF-8 bytes stand in base64; throws when it is no base64. */
export function decodeBase64(base64: string): string {
  const binary = atob(base64);
  return new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}

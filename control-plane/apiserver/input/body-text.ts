import { ApiError } from "@atoll/machinery/object/api-error";

const DECODER = new TextDecoder("utf-8", { fatal: true });

export function decodeText(bytes: Uint8Array): string {
  try {
    return DECODER.decode(bytes);
  } catch (cause) {
    throw new ApiError("BadRequest", "the body is not valid UTF-8", { cause });
  }
}

/** The engine's words, but where upstream's are known: most such texts are cut off, not wrong. */
export function describeSyntaxError(cause: unknown): string {
  const text = cause instanceof Error ? (cause.message.split("\n", 1)[0] ?? "") : String(cause);
  return text === "Unexpected end of JSON input" ? "unexpected end of JSON input" : text;
}

export function malformed(format: "json" | "yaml", cause: unknown): ApiError {
  const text = describeSyntaxError(cause);
  return new ApiError("BadRequest", `couldn't get version/kind; ${format} parse error: ${text}`, { cause });
}

import type { Secret } from "../../generated/types.ts";
import { encodeBase64 } from "../../meta/base64.ts";

export function applySecretDefaults(secret: Secret): void {
  secret.type ||= "Opaque";
  // stringData exists on the way in only: it is folded into data, where its values win.
  if (secret.stringData !== undefined) {
    const entries = Object.entries(secret.stringData).map(([key, value]) => [key, encodeBase64(value)] as const);
    secret.data = { ...secret.data, ...Object.fromEntries(entries) };
    delete secret.stringData;
  }
}

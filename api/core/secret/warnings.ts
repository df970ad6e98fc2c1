import type { Secret } from "../../generated/types.ts";
import { decodeBase64 } from "../../meta/base64.ts";

const PEM_BLOCK = /-----BEGIN [^-]+-----[^-]*-----END [^-]+-----/;

/** A pair of a certificate and its key is of no use where one of them is not even written as such. */
export function secretWarnings({ type, data = {} }: Secret): string[] {
  if (type !== "kubernetes.io/tls") return [];
  const isPem = (key: string) => PEM_BLOCK.test(decodeBase64(data[key] ?? ""));
  if (!isPem("tls.crt")) return ["tls: failed to find any PEM data in certificate input"];
  return isPem("tls.key") ? [] : ["tls: failed to find any PEM data in key input"];
}

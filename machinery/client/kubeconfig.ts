// Reads the part of a kubeconfig that our programs need: server, authority and credentials of one context. Credentials by
// helper programs are kubectl's matter and are refused by name.

import type { NodeTransportOptions } from "./node-transport.ts";

export type ServerAccess = Omit<NodeTransportOptions, "clock"> & { readonly namespace: string };

interface Named {
  readonly name?: unknown;
}

/** `document` is the parsed YAML; `readFile` gives what a path in it names, relative ones included. */
export function serverAccess(
  document: unknown,
  options: { readonly context?: string; readonly readFile: (path: string) => Uint8Array },
): ServerAccess {
  const root = asRecord(document, "kubeconfig");
  const contextName = options.context ?? root["current-context"];
  if (typeof contextName !== "string" || contextName === "") throw new Error("The kubeconfig names no current context");
  const context = entry(root, "contexts", "context", contextName);
  const cluster = entry(root, "clusters", "cluster", text(context, "cluster") ?? "");
  const userName = text(context, "user") ?? "";
  const user = userName === "" ? {} : entry(root, "users", "user", userName);
  const server = text(cluster, "server");
  if (server === undefined) throw new Error(`The cluster of context "${contextName}" has no server`);
  if (cluster["insecure-skip-tls-verify"] === true) {
    throw new Error(`The cluster of context "${contextName}" asks to skip TLS verification, which is not supported`);
  }
  for (const unsupported of ["exec", "auth-provider", "username"]) {
    if (user[unsupported] !== undefined) throw new Error(`The user's "${unsupported}" is not supported`);
  }
  const pem = (record: Record<string, unknown>, field: string): Uint8Array | undefined => {
    const data = text(record, `${field}-data`);
    if (data !== undefined) return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const path = text(record, field);
    return path === undefined ? undefined : options.readFile(path);
  };
  const certificateAuthority = pem(cluster, "certificate-authority");
  const clientCertificate = pem(user, "client-certificate");
  const clientKey = pem(user, "client-key");
  const serverName = text(cluster, "tls-server-name");
  const token = text(user, "token");
  const tokenFile = text(user, "tokenFile");
  const readToken =
    tokenFile === undefined
      ? token && (() => token)
      : () => new TextDecoder().decode(options.readFile(tokenFile)).trim();
  return {
    server,
    namespace: text(context, "namespace") ?? "default",
    ...(certificateAuthority ? { certificateAuthority } : {}),
    ...(clientCertificate ? { clientCertificate } : {}),
    ...(clientKey ? { clientKey } : {}),
    ...(serverName ? { serverName } : {}),
    ...(readToken ? { token: readToken } : {}),
  };
}

function entry(root: Record<string, unknown>, list: string, field: string, name: string): Record<string, unknown> {
  const items = root[list];
  const found = Array.isArray(items) ? items.find((item: Named | null) => item?.name === name) : undefined;
  if (found === undefined) throw new Error(`The kubeconfig has no ${field} "${name}"`);
  return asRecord(found[field], `${list} "${name}"`);
}

function asRecord(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new Error(`The ${what} is not an object`);
  return value as Record<string, unknown>; // An object seen as its fields, each still unknown.
}

function text(record: Record<string, unknown>, field: string): string | undefined {
  const value = record[field];
  return typeof value === "string" && value !== "" ? value : undefined;
}

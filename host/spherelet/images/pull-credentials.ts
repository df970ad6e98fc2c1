// Credentials of a registry out of Secrets of type kubernetes.io/dockerconfigjson (and the older dockercfg).

import type { Secret } from "@atoll/api/generated/types";

export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
  readonly identityToken: string;
}

/** All entries of the secret that fit the registry, the longest match first; none for a secret that is no such file. */
export function credentialsFor(secret: Secret, image: { readonly registry: string; readonly repository: string }) {
  const entries = Object.entries(entriesOf(secret));
  const target = `${image.registry}/${image.repository}`;
  return entries
    .filter(([key]) => matches(key, target))
    .sort(([a], [b]) => b.length - a.length)
    .flatMap(([, entry]) => credentialsOf(entry));
}

function entriesOf(secret: Secret): Record<string, unknown> {
  const file = secret.data?.[".dockerconfigjson"] ?? secret.data?.[".dockercfg"];
  if (file === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(Buffer.from(file, "base64").toString("utf8"));
    const auths = secret.data?.[".dockerconfigjson"] === undefined ? parsed : fieldOf(parsed, "auths");
    return typeof auths === "object" && auths !== null ? { ...auths } : {};
  } catch {
    // A secret that is no JSON helps nobody; the pull goes on without it and says so if the registry refuses.
    return {};
  }
}

/** "registry.example:5000", "https://index.docker.io/v1/", "registry.example/team", "*.example". */
function matches(key: string, target: string): boolean {
  const plain = key.replace(/^https?:\/\//, "").replace(/\/(v1|v2)?\/?$/, "");
  const name = plain === "index.docker.io" ? "docker.io" : plain;
  const [keyHost = "", ...keyPath] = name.split("/");
  const [host = "", ...path] = target.split("/");
  const pattern = keyHost
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^.]*");
  if (!new RegExp(`^${pattern}$`).test(host)) return false;
  return keyPath.every((part, index) => path[index] === part);
}

function credentialsOf(entry: unknown): RegistryCredentials[] {
  const text = (name: string) => {
    const value = fieldOf(entry, name);
    return typeof value === "string" ? value : "";
  };
  let [username, password] = [text("username"), text("password")];
  const auth = text("auth");
  if (auth && !username) {
    const plain = Buffer.from(auth, "base64").toString("utf8");
    const colon = plain.indexOf(":");
    if (colon > 0) [username, password] = [plain.slice(0, colon), plain.slice(colon + 1)];
  }
  const identityToken = text("identitytoken");
  return username || identityToken ? [{ username, password, identityToken }] : [];
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

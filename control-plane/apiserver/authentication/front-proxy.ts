// A proxy in front of this server that has asked its users who they are says so in headers. It is believed for its client
// certificate, from an authority of its own: that authority's certificates never stand for a user themselves.

import { X509Certificate } from "node:crypto";
import { type ApiRequest, decodeHeaderField, headerValues, type User } from "../request/request.ts";
import { AUTHENTICATED_GROUP, type Authenticator } from "./authenticator.ts";
import { unauthorized } from "./bearer-tokens.ts";
import type { PeerAuthorities } from "./client-certificate.ts";

const USER_HEADER = "x-remote-user";
const GROUP_HEADER = "x-remote-group";
const UID_HEADER = "x-remote-uid";
const EXTRA_PREFIX = "x-remote-extra-";

export interface FrontProxyOptions {
  /** PEM of the authority that signs proxies' certificates. */
  readonly authorityPem: string;
  /** Common names of the proxies believed; empty: all that the authority has signed. */
  readonly allowedNames: readonly string[];
}

/** Throws when proxies could not be told from users: both would have one authority. */
export function peerAuthorities({ authorityPem }: FrontProxyOptions, userAuthorityPem: string): PeerAuthorities {
  const proxies = new X509Certificate(authorityPem);
  const users = new X509Certificate(userAuthorityPem);
  if (proxies.publicKey.equals(users.publicKey)) {
    throw new Error("The front proxies' authority is the users' own: everybody could say to be anybody");
  }
  return { users, proxies };
}

export function frontProxyUsers({ allowedNames }: FrontProxyOptions): Authenticator {
  return async (request) => {
    const { frontProxyName } = request;
    if (frontProxyName === undefined) return undefined;
    if (allowedNames.length > 0 && !allowedNames.includes(frontProxyName)) throw unauthorized();
    const [name = ""] = headerValues(request, USER_HEADER);
    return name === "" ? undefined : userOf(request, name);
  };
}

function userOf(request: ApiRequest, name: string): User {
  const [uid] = headerValues(request, UID_HEADER);
  const extra: Record<string, string[]> = Object.create(null) as Record<string, string[]>; // fields have any name
  for (const header of Object.keys(request.headers)) {
    if (!header.startsWith(EXTRA_PREFIX)) continue;
    extra[decodeHeaderField(header.slice(EXTRA_PREFIX.length))] = headerValues(request, header);
  }
  const groups = new Set([...headerValues(request, GROUP_HEADER), AUTHENTICATED_GROUP]);
  const more = Object.keys(extra).length > 0 ? { extra } : {};
  return { name, groups: [...groups], ...(uid ? { uid } : {}), ...more };
}

// How the parts of a request are shown to webhooks and to expressions.

import type { User } from "../request/request.ts";

export function groupVersionKind({ group, version, kind }: { group: string; version: string; kind: string }) {
  return { group, version, kind };
}

export function groupVersionResource({ group, version, plural }: { group: string; version: string; plural: string }) {
  return { group, version, resource: plural };
}

/** What is empty is not shown. */
export function userInfo({ name, uid, groups, extra }: User) {
  return {
    ...(name === "" ? {} : { username: name }),
    ...(uid ? { uid } : {}),
    ...(groups.length > 0 ? { groups } : {}),
    ...(extra && Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

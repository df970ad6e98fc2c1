import type { User } from "./request.ts";

/** Who asked, as reviews and the audit log show it: `UserInfo` of authentication.k8s.io/v1. */
export function userInfo({ name, uid, groups, extra }: User): object {
  return {
    username: name,
    ...(uid ? { uid } : {}),
    ...(groups.length > 0 ? { groups } : {}),
    ...(extra ? { extra } : {}),
  };
}

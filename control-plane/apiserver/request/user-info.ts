import type { User } from "./request.ts";

/** A user as others are shown him: `UserInfo` of authentication.k8s.io/v1. What is empty is not shown. */
export function userInfo({ name, uid, groups, extra }: User) {
  return {
    ...(name === "" ? {} : { username: name }),
    ...(uid ? { uid } : {}),
    ...(groups.length > 0 ? { groups } : {}),
    ...(extra && Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

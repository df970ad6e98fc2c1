import type { Eventual } from "@atoll/base/eventual";
import type { ApiRequest, User } from "../request/request.ts";

/**
 * One way to say who is asking. Undefined: this request carries nothing of mine. Throws ApiError Unauthorized for
 * credentials that are wrong: a caller who shows a bad token must not go on as somebody else.
 */
export type Authenticator = (request: ApiRequest) => Eventual<User | undefined>;

/** What everybody else is a member of. */
export const UNAUTHENTICATED_GROUP = "system:unauthenticated";

export const ANONYMOUS: User = { name: "system:anonymous", groups: [UNAUTHENTICATED_GROUP] };

/** What every authenticated user is a member of. */
export const AUTHENTICATED_GROUP = "system:authenticated";

/** Members may do anything. */
export const MASTERS_GROUP = "system:masters";

/** What of a user's extra facts names the token or certificate that was shown. */
export const CREDENTIAL_ID = "authentication.kubernetes.io/credential-id";

export const NODES_GROUP = "system:nodes";
export const NODE_USER_PREFIX = "system:node:";

/** The user with "system:authenticated" among the groups. */
export function authenticated(user: User): User {
  return user.groups.includes(AUTHENTICATED_GROUP) ? user : { ...user, groups: [...user.groups, AUTHENTICATED_GROUP] };
}

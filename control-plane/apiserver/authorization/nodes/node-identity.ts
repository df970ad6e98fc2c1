import { NODE_USER_PREFIX, NODES_GROUP } from "../../authentication/authenticator.ts";
import type { User } from "../../request/request.ts";

/** The host that the user is; undefined for everybody else. */
export function nodeNameOf({ name, groups }: User): string | undefined {
  return name.startsWith(NODE_USER_PREFIX) && groups.includes(NODES_GROUP)
    ? name.slice(NODE_USER_PREFIX.length)
    : undefined;
}

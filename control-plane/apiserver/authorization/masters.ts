import { MASTERS_GROUP } from "../authentication/authenticator.ts";
import type { Authorizer } from "./authorizer.ts";

/** Members of system:masters may do anything, whatever the roles say: the way back in when the roles are wrong. */
export const mastersAuthorizer: Authorizer = {
  authorize: ({ groups }) => (groups.includes(MASTERS_GROUP) ? { type: "allow" } : { type: "no-opinion" }),
};

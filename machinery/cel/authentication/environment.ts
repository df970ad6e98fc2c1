// What expressions of an AuthenticationConfiguration may speak of.

import { baseEnvironment } from "../base-environment.ts";
import { ANY, mapOf, STRING } from "../check/cel-type.ts";
import { extendEnvironment } from "../check/environment.ts";
import { USER_INFO } from "../user-info.ts";

/** `claims`: what a token says. */
export const claimsEnvironment = extendEnvironment(baseEnvironment(), {
  variables: { claims: mapOf(STRING, ANY) },
});

/** `user`: who its bearer is found to be. */
export const userEnvironment = extendEnvironment(baseEnvironment(), {
  objects: [USER_INFO.declaration],
  variables: { user: USER_INFO.type },
});

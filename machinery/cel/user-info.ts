import { listOf, mapOf, STRING } from "./check/cel-type.ts";
import { objectWithFields } from "./check/environment.ts";

/** Who somebody is, in expressions: UserInfo of authentication.k8s.io. */
export const USER_INFO = objectWithFields("kubernetes.UserInfo", {
  username: STRING,
  uid: STRING,
  groups: listOf(STRING),
  extra: mapOf(STRING, listOf(STRING)),
});

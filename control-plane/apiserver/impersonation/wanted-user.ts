// Whom the Impersonate- headers of a request name.

import { ApiError } from "@atoll/machinery/object/api-error";
import { type ApiRequest, decodeHeaderField, headerValues } from "../request/request.ts";

const PREFIX = "impersonate-";
const EXTRA_PREFIX = "impersonate-extra-";

/** As the headers say it: no group is added that follows from the name. */
export interface WantedUser {
  readonly name: string;
  /** "": not asked for, as with all of these. */
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}

/** Undefined: the request acts as whoever sent it. Throws BadRequest for parts of somebody without a name. */
export function readWantedUser(request: ApiRequest): WantedUser | undefined {
  const names = Object.keys(request.headers).filter((name) => name.startsWith(PREFIX));
  if (names.length === 0) return undefined;
  const [name = ""] = headerValues(request, "impersonate-user");
  const [uid = ""] = headerValues(request, "impersonate-uid");
  const groups = headerValues(request, "impersonate-group");
  const extra = new Map<string, readonly string[]>();
  for (const header of names.filter((candidate) => candidate.startsWith(EXTRA_PREFIX))) {
    const field = decodeHeaderField(header.slice(EXTRA_PREFIX.length));
    extra.set(field, [...(extra.get(field) ?? []), ...headerValues(request, header)]);
  }
  const wanted = { name, uid, groups, extra };
  if (name !== "") return wanted;
  if (uid === "" && groups.length === 0 && extra.size === 0) return undefined;
  throw new ApiError("BadRequest", `requested ${describe(wanted)} without impersonating a user name`);
}

/** Nothing but the name is asked for. */
export function isNameOnly({ uid, groups, extra }: WantedUser): boolean {
  return uid === "" && groups.length === 0 && extra.size === 0;
}

/** As Go prints it. */
function describe({ name, uid, groups, extra }: WantedUser): string {
  const list = (texts: readonly string[]) => `[]string{${texts.map((text) => JSON.stringify(text)).join(", ")}}`;
  const fields = [...extra].map(([field, values]) => `${JSON.stringify(field)}:${list(values)}`);
  const parts = [
    `Name:${JSON.stringify(name)}`,
    `UID:${JSON.stringify(uid)}`,
    `Groups:${groups.length === 0 ? "[]string(nil)" : list(groups)}`,
    `Extra:map[string][]string${fields.length === 0 ? "(nil)" : `{${fields.join(", ")}}`}`,
  ];
  return `&user.DefaultInfo{${parts.join(", ")}}`;
}

// Claims as values. As upstream's, all their numbers are doubles, and a field may be named by its escaped name: `claims.a__dot__b`.

import { unescapeName } from "../schema/escape.ts";
import { type JsonReading, readJson } from "../values/json.ts";
import type { CelValue } from "../values/values.ts";

const CLAIMS: JsonReading = { numberOf: (json) => json, fieldOf: (key) => unescapeName(key) ?? key };

export function claimValue(json: unknown): CelValue {
  return readJson(json, CLAIMS);
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { schemaModel } from "@atoll/api/generated/schemas";
import { readDeleteOptions } from "./delete-options.ts";

const fromQuery = (query: string) => readDeleteOptions(schemaModel, new URLSearchParams(query), undefined);

test("takes the options of a deletion from its URL, preconditions among them", () => {
  const { uid, resourceVersion, gracePeriodSeconds, dryRun } = fromQuery(
    "uid=u&resourceVersion=5&gracePeriodSeconds=3&dryRun=All",
  );
  assert.deepEqual(
    { uid, resourceVersion, gracePeriodSeconds, dryRun },
    {
      ...{ uid: "u", resourceVersion: "5", gracePeriodSeconds: 3, dryRun: true },
    },
  );
  assert.equal(fromQuery("uid=&resourceVersion=").uid, undefined);
});

test("reads what is true and what is a number as upstream", () => {
  for (const text of ["0", "false", "False"]) {
    assert.equal(fromQuery(`orphanDependents=${text}`).propagationPolicy, "Background", text);
  }
  for (const text of ["", "1", "no"]) {
    assert.equal(fromQuery(`orphanDependents=${text}`).propagationPolicy, "Orphan", text);
  }
  for (const text of ["", "x"]) {
    const message = `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`;
    assert.throws(() => fromQuery(`gracePeriodSeconds=${text}`), { reason: "BadRequest", message });
  }
});

test("looks at the URL only where there is no body", () => {
  const body = { value: { gracePeriodSeconds: 1 }, duplicateFields: [] };
  const options = readDeleteOptions(schemaModel, new URLSearchParams("dryRun=All&uid=u"), body);
  assert.deepEqual([options.gracePeriodSeconds, options.uid, options.dryRun], [1, undefined, false]);
});

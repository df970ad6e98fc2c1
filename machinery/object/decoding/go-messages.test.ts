import assert from "node:assert/strict";
import { test } from "node:test";
import { describeBadBase64, describeBadQuantity, describeBadTime } from "./go-messages.ts";

test("says where a time stops to be one", () => {
  const table: readonly (readonly [string, "date-time" | "date-time-micro", string])[] = [
    ["yesterday", "date-time", 'as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"'],
    ["2026-01-02", "date-time", 'as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'],
    ["2026-01-02T03:04:05Z", "date-time-micro", 'as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"'],
  ];
  for (const [text, format, end] of table) {
    assert.equal(describeBadTime(text, format), `parsing time ${JSON.stringify(text)} ${end}`);
  }
  const late = describeBadTime("2026-13-02T03:04:05Z", "date-time");
  assert.equal(late, 'parsing time "2026-13-02T03:04:05Z": month out of range');
});

test("tells a quantity without a known suffix from none at all", () => {
  assert.equal(describeBadQuantity("1KiB"), describeBadQuantity("lots"));
  assert.match(describeBadQuantity("lots"), /^quantities must match the regular expression/);
  assert.equal(describeBadQuantity("1Kk"), "unable to parse quantity's suffix");
  for (const text of ["1e+5x", "--1", "+.", "1.2.3Ki", "..5-", "", "Ki", "1-2-"]) {
    const isOfForm = /^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/.test(text);
    assert.equal(describeBadQuantity(text).startsWith("unable"), isOfForm, text);
  }
  const before = process.threadCpuUsage();
  assert.match(describeBadQuantity(`${"9".repeat(3_000_000)}x`), /^quantities must/);
  assert.ok(process.threadCpuUsage(before).user < 1_000_000, "as long as it is, and not its square");
});

test("counts the bytes of base64 up to the first that does not fit", () => {
  assert.equal(describeBadBase64("abc?"), "illegal base64 data at input byte 3");
  assert.equal(describeBadBase64("?"), "illegal base64 data at input byte 0");
});

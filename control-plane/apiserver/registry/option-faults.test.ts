import assert from "node:assert/strict";
import { test } from "node:test";
import { FAULTS_LENGTH_MAX } from "@atoll/api/meta/long-checks";
import { fieldManagerFaults } from "./option-faults.ts";

test("each character of a manager's name that cannot be printed is a fault", () => {
  assert.deepEqual(
    fieldManagerFaults("é\u0001b\u200B").map(({ message }) => message),
    [
      'Invalid value: "é\\u0001b\u200B": invalid character U+0001 (at position 2)',
      'Invalid value: "é\\u0001b\u200B": invalid character U+200B (at position 4)',
    ],
  );
});

test("what is said of a name as long as a URL fits into memory", () => {
  const faults = fieldManagerFaults("\u0001".repeat(20_000));
  const length = faults.reduce((sum, { message = "" }) => sum + message.length, 0);
  assert.ok(faults.length > 2 && length < 2 * FAULTS_LENGTH_MAX, `${faults.length} faults of ${length} characters`);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "./api-error.ts";

test("a Status with a reason that is none has the reason of its number", () => {
  const status = (reason: string) => ({ kind: "Status", apiVersion: "v1", status: "Failure", reason, message: "no" });
  assert.equal(ApiError.fromStatus(409, status("AlreadyExists")).reason, "AlreadyExists");
  for (const reason of ["Sideways", "constructor", "__proto__"]) {
    assert.equal(ApiError.fromStatus(404, status(reason)).reason, "NotFound", reason);
  }
});

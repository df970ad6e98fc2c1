import assert from "node:assert/strict";
import { test } from "node:test";
import { resourceQuotaKind } from "./kind.ts";

const messagesOf = (hard: Record<string, string>, scopes: string[]) =>
  resourceQuotaKind
    .validateCreate?.({ metadata: { name: "q", namespace: "n" }, spec: { hard, scopes } })
    .map(({ message }) => message);

test("a scope goes with resources of what it is about", () => {
  assert.deepEqual(messagesOf({ pods: "1", "count/jobs.batch": "1" }, ["BestEffort"]), []);
  for (const name of ["services", "hugepages-2Mi", "requests.hugepages-2Mi"]) {
    assert.deepEqual(messagesOf({ [name]: "1" }, ["NotBestEffort"]), [
      'Invalid value: ["NotBestEffort"]: unsupported scope applied to resource',
    ]);
  }
});

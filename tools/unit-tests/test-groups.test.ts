import assert from "node:assert/strict";
import { test } from "node:test";
import { testGroups } from "./test-groups.ts";

const numbered = (folder: string, count: number) => Array.from({ length: count }, (_, n) => `${folder}/t${n}.test.ts`);

test("every file is in one group, and a folder is shared out evenly", () => {
  const files = [...numbered("api/core", 20), ...numbered("bin", 2), ...numbered("control-plane/apiserver/input", 37)];
  const groups = testGroups(files);
  assert.deepEqual(groups.flatMap((group) => group.files).toSorted(), files.toSorted());
  assert.deepEqual(
    groups.map(({ name, files }) => [name, files.length]),
    [
      ["bin/t0.test.ts", 1],
      ["bin/t1.test.ts", 1],
      ["api 1/2", 10],
      ["api 2/2", 10],
      ["control-plane/apiserver 1/3", 13],
      ["control-plane/apiserver 2/3", 13],
      ["control-plane/apiserver 3/3", 11],
    ],
  );
});

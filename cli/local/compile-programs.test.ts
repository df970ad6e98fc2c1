import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { compilationMark } from "./compile-programs.ts";

test("programs are compiled anew when a source has changed or a program was added, not else", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "atoll-compiled-"));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const folder of ["bin", "base", "api/core", "machinery", "control-plane", "host"])
    mkdirSync(join(directory, folder), { recursive: true });
  const source = join(directory, "api/core/pod.ts");
  writeFileSync(source, "");
  utimesSync(source, 1, 1);
  const before = compilationMark(directory, ["supervisor"]);
  assert.equal(compilationMark(directory, ["supervisor"]), before);
  assert.notEqual(compilationMark(directory, ["supervisor", "hostd-1"]), before);
  writeFileSync(join(directory, "api/core/README.md"), "");
  assert.equal(compilationMark(directory, ["supervisor"]), before);
  utimesSync(source, 2, 2);
  assert.notEqual(compilationMark(directory, ["supervisor"]), before);
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { testSeeds, testStoreModel } from "../suite/model-suite.ts";
import { testReopening, testStore } from "../suite/store-suite.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const makeDirectory = async () => {
  const directory = await mkdtemp(join(tmpdir(), "store-"));
  return {
    persists: true,
    directory,
    open: (clock: Clock) => openSqliteStore({ directory, clock, log: silentLogger }),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
};

testStore("sqlite", makeDirectory);
testReopening("sqlite", makeDirectory);
testStoreModel("sqlite", makeDirectory, { seeds: testSeeds(3), steps: 200 });

import type { Clock } from "@atoll/base/clock";
import { testSeeds, testStoreModel } from "../suite/model-suite.ts";
import { testStore } from "../suite/store-suite.ts";
import { MemoryStore } from "./memory-store.ts";

const makeMemory = async () => ({
  persists: false,
  open: async (clock: Clock) => new MemoryStore(clock),
  [Symbol.asyncDispose]: async () => {},
});

testStore("memory", makeMemory);
testStoreModel("memory", makeMemory, { seeds: testSeeds(10), steps: 300 });

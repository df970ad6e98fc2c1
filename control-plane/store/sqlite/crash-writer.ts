// The program that `crash.test.ts` kills: writes to a store as fast as it can and says what was acknowledged, one line per
// write, with synchronous output, so that no line can be lost in a buffer of a process that dies.
// Arguments: directory, first number. Starts with the first byte on its input.

import { writeSync } from "node:fs";
import process from "node:process";
import { systemClock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { openSqliteStore } from "./sqlite-store.ts";

const STDOUT = 1;
const WRITERS = 8;

/** History left by compactions: the newest write of each writer must stay readable at its revision. */
const KEPT_REVISIONS = 100;

const [directory = "", firstNumber = "0"] = process.argv.slice(2);
process.stdin.once("data", () => void writeForever());

async function writeForever(): Promise<void> {
  const store = await openSqliteStore({ directory, clock: systemClock, log: silentLogger });
  writeSync(STDOUT, "open\n");
  const write = async (writer: number): Promise<never> => {
    for (let number = Number(firstNumber); ; number++) {
      const value = new TextEncoder().encode(`${number}`.padEnd(1 + 997 * (number % 7)));
      const { revision } = await store.transact({
        compares: [],
        // Two keys of one transaction: after the crash either both have this number or neither.
        writes: ["left", "right"].map((side) => ({ type: "put", key: `${writer}/${side}`, value })),
      });
      writeSync(STDOUT, `${writer} ${number} ${revision}\n`);
      if (number % 10 === 9 && revision > KEPT_REVISIONS) await store.compact(revision - KEPT_REVISIONS);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
}

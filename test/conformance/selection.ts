// Which tests a run is about, and in which sets they go: some must be alone, some are slow.

import type { ConformanceTest, TestClass } from "./test-table.ts";

/** What `--class` takes: a class, or all that a cluster of microVMs can pass. */
export const CLASS_CHOICES = ["api", "pods", "network", "all", "exempt"] as const;
export type ClassChoice = (typeof CLASS_CHOICES)[number];

export interface Selection {
  readonly class: ClassChoice;
  /** A regular expression over names; undefined selects the whole class. */
  readonly focus: string | undefined;
  /** Every third of them, from the second on: of the three such thirds, the one that waits least. What `atoll test` runs. */
  readonly isThird: boolean;
}

/** Tests that run together, in so many processes. */
export interface TestSet {
  readonly name: "parallel" | "slow" | "serial";
  readonly tests: readonly ConformanceTest[];
  readonly processes: number;
}

export function isOfClass(testClass: TestClass, choice: ClassChoice): boolean {
  return choice === "all" ? testClass !== "exempt" : testClass === choice;
}

export function selectTests(tests: readonly ConformanceTest[], selection: Selection): ConformanceTest[] {
  const focus = selection.focus === undefined ? undefined : new RegExp(selection.focus);
  const selected = tests.filter(({ name, class: testClass }) => {
    return isOfClass(testClass, selection.class) && (focus?.test(name) ?? true);
  });
  return selection.isThird ? selected.filter((test, index) => index % 3 === 1 && !isSlow(test)) : selected;
}

function isSlow({ name }: ConformanceTest): boolean {
  return name.includes("[Slow]");
}

/** The sets of a run, in its order; none is empty. */
export function testSets(tests: readonly ConformanceTest[], processes: number): TestSet[] {
  const isSerial = ({ name }: ConformanceTest) => name.includes("[Serial]");
  const together = tests.filter((test) => !isSerial(test));
  const slow = together.filter(isSlow);
  const sets: TestSet[] = [
    { name: "parallel", tests: together.filter((test) => !isSlow(test)), processes },
    // They wait for minutes of the clock, each for itself, so all of them wait at once.
    { name: "slow", tests: slow, processes: slow.length },
    { name: "serial", tests: tests.filter(isSerial), processes: 1 },
  ];
  return sets.filter((set) => set.tests.length > 0);
}

/** The suite's own selection takes a regular expression, which it matches against "<suite> <name>": exactly these names. */
export function focusOn(tests: readonly ConformanceTest[]): string {
  const names = tests.map(({ name }) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return `(^|suite )(${names.join("|")})$`;
}

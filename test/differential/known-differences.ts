// Differences that are meant, each with its reason. Everything else that the two servers say differently is a fault of ours, and
// fails the run.

import type { Difference } from "./compare-answers.ts";
import type { ScriptedRequest } from "./request-script.ts";

export interface KnownDifference {
  readonly because: string;
  readonly covers: (difference: Difference, request: ScriptedRequest) => boolean;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    because: "warnings that say what a microVM cannot share with its host (docs/operating/limits.md)",
    covers: ({ where, atoll }) => where === "warnings" && atoll.includes("shares nothing with its host"),
  },
  {
    because: "the warning that no host opens a port for a service (docs/operating/limits.md)",
    covers: ({ where, atoll, upstream }) =>
      where === "warnings" && upstream === "" && atoll.includes("hosts open no port"),
  },
  {
    because: "descriptions of columns are our own words",
    covers: ({ where }) => /^columnDefinitions\[\d+\]\.description$/.test(where),
  },
];

export function reasonFor(difference: Difference, request: ScriptedRequest): string | undefined {
  return KNOWN_DIFFERENCES.find(({ covers }) => covers(difference, request))?.because;
}

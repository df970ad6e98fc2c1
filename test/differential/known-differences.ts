// Differences that are meant, each with its reason. Everything else that the two servers say differently is a fault of ours, and
// fails the run.

import { type Difference, isSameMessage } from "./compare-answers.ts";
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
    because: "the warning that a volume can be in no pod (docs/operating/limits.md)",
    covers: ({ where, atoll, upstream }) => where === "warnings" && atoll.replace(VOLUME_WARNING, "") === upstream,
  },
  {
    because: "upstream shows how its own types differ, where a field may not change",
    covers: ({ where, atoll, upstream }) =>
      where === "message" && DUMP.test(upstream) && isSameMessage(atoll, upstream.replace(DUMP, "")),
  },
  {
    because: "descriptions of columns are our own words",
    covers: ({ where }) => /^columnDefinitions\[\d+\]\.description$/.test(where),
  },
];

const VOLUME_WARNING =
  /(, )?299 - "[^"]* is in no pod: only volumes of CSI drivers can be attached to virtual machines"/;
/** Lines of it begin with a sign of their own, unlike what follows. */
const DUMP = /\n@@ .*(\n[ +@-].*)*\n?/;

export function reasonFor(difference: Difference, request: ScriptedRequest): string | undefined {
  return KNOWN_DIFFERENCES.find(({ covers }) => covers(difference, request))?.because;
}

// What a group wrote, as watchers see it: made from the commands, which are still at hand, and the little that only the
// writer knows. Reading the same values back from the file would cost more than writing them did.

import type { StoreEvent } from "../store.ts";
import type { Command, CommandResult } from "./messages.ts";

/** In order of revision. Undefined: the file alone knows, for the end of a lease deletes keys that no command names. */
export function eventsOfGroup(
  commands: readonly Command[],
  results: readonly CommandResult[],
): readonly StoreEvent[] | undefined {
  const events: StoreEvent[] = [];
  for (const [index, command] of commands.entries()) {
    const result = results[index];
    if (command.type === "revokeLease" && result?.type === "done") return undefined;
    if (command.type !== "transact" || result?.type !== "transacted" || !result.result.committed) continue;
    const { revision } = result.result;
    for (const [place, write] of command.transaction.writes.entries()) {
      const mark = result.marks[place];
      if (!mark) continue;
      const { key } = write;
      events.push(
        write.type === "put"
          ? { type: "put", key, value: write.value, revision, ...mark, lease: write.lease ?? 0 }
          : { type: "delete", key, revision, ...mark, lease: 0 },
      );
    }
  }
  return events;
}

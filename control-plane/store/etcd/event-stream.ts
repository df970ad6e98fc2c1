// All events of the cluster from a revision on, in order, whole revisions at a time. Every revision of etcd has at least one
// event, so whoever follows all keys knows at any moment how far it is. Following one range could not tell silence from
// delay: the notifications of progress that etcd has for this overtake events in releases that are still in use
// (https://github.com/etcd-io/etcd/issues/15220).

import { create } from "@bufbuild/protobuf";
import type { MessageShape } from "@bufbuild/protobuf";
import { Watch, WatchRequestSchema, type WatchResponse, type WatchResponseSchema } from "@atoll/api/etcd/etcd_pb";
import { StoreError, type StoreEvent } from "../store.ts";
import { compactedError } from "../validation.ts";
import type { EtcdClient } from "./etcd-client.ts";
import { isServiceError, toStoreError } from "./etcd-error.ts";
import { ALL_KEYS, toEvent } from "./etcd-values.ts";

/** Events of whole revisions; the last one's is the newest that has been delivered. */
export type EventGroup = readonly [StoreEvent, ...StoreEvent[]];

/**
 * Ends without an error when the signal aborts. Throws StoreError "Compacted" when events from `fromRevision` on are no
 * longer all there, "Unavailable" when the connection is lost.
 */
export async function* streamEvents(
  client: EtcdClient,
  fromRevision: number,
  signal: AbortSignal,
): AsyncGenerator<EventGroup, void> {
  // Leaving the loop in whatever way ends the stream.
  const ended = new AbortController();
  const stream = client.openStream(Watch.method.watch, AbortSignal.any([signal, ended.signal]));
  stream.write(
    create(WatchRequestSchema, {
      requestUnion: {
        case: "createRequest",
        value: {
          ...ALL_KEYS,
          // One earlier than asked for: a deletion at the compacted revision itself may be forgotten, and with it a gap.
          startRevision: BigInt(Math.max(1, fromRevision - 1)),
          prevKv: true,
          fragment: true,
        },
      },
    }),
  );
  try {
    let fragments: StoreEvent[] = [];
    for await (const message of stream) {
      // The stream's type says nothing of what its parser made.
      const response = message as MessageShape<typeof WatchResponseSchema>;
      refuseEnd(response, fromRevision);
      for (const event of response.events) {
        if (Number(event.kv?.modRevision ?? 0n) >= fromRevision) fragments.push(toEvent(event));
      }
      if (response.fragment) continue;
      const [first, ...more] = fragments;
      fragments = [];
      if (first) yield [first, ...more];
    }
    if (!signal.aborted) throw new StoreError("Unavailable", "Follow events: the stream has ended");
  } catch (error) {
    if (signal.aborted) return;
    if (!isServiceError(error)) throw error;
    client.onStreamFailed(error);
    throw toStoreError("Follow events", error, { mayHaveHappened: false });
  } finally {
    ended.abort();
  }
}

function refuseEnd({ canceled, compactRevision, cancelReason }: WatchResponse, fromRevision: number): void {
  if (!canceled) return;
  if (compactRevision > 0n) throw compactedError(fromRevision, Number(compactRevision) + 1);
  throw new StoreError("Unavailable", `Follow events: ${cancelReason}`);
}

// What a store on etcd does when the cluster does not behave.

import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { systemRandom } from "@atoll/base/random";
import { describeEvents, put, readUntil, write } from "../suite/store-calls.ts";
import { prefixEnd } from "../store.ts";
import { EtcdProcess } from "./etcd-process.ts";
import { openEtcdStore } from "./etcd-store.ts";

const EVERYTHING = { start: "", end: prefixEnd("") };

/** Nobody listens there. */
const DEAD_ENDPOINT = "127.0.0.1:9";

function open(...endpoints: string[]) {
  return openEtcdStore({ endpoints, clock: systemClock, random: systemRandom, log: silentLogger });
}

test("an endpoint that does not answer is passed over", async () => {
  await using etcd = await EtcdProcess.start({ isDurable: false });
  await using store = await open(DEAD_ENDPOINT, etcd.endpoint);
  assert.equal(await write(store, put("a")), 2);
});

test("a store is not opened where nobody answers", async () => {
  await assert.rejects(open(DEAD_ENDPOINT), { code: "Unavailable" });
});

test("a watch goes on without gap or repeat when etcd is killed and started again", async () => {
  await using etcd = await EtcdProcess.start();
  await using store = await open(etcd.endpoint);
  const signal = new AbortController().signal;
  const events = readUntil(store.watch(EVERYTHING, {}, signal), 4);
  await write(store, put("a", "1"));
  await etcd.kill();
  await assert.rejects(write(store, put("a", "lost")), ({ code }) => code === "Unavailable" || code === "Undecided");
  const { directory, port } = etcd;
  await using again = await EtcdProcess.start({ directory, port });
  assert.equal(again.port, port);
  await write(store, put("a", "2"));
  await write(store, put("a", "3"));
  assert.deepEqual(describeEvents(await events), ["put a=1 @2", "put a=2 @3", "put a=3 @4"]);
});

test("two stores on one cluster see each other's writes", async () => {
  await using etcd = await EtcdProcess.start({ isDurable: false });
  await using left = await open(etcd.endpoint);
  await using right = await open(etcd.endpoint);
  const events = readUntil(right.watch(EVERYTHING, {}, new AbortController().signal), 3);
  await write(left, put("a", "1"));
  assert.equal(await right.currentRevision(), 2);
  await write(right, put("a", "2"));
  assert.deepEqual(describeEvents(await events), ["put a=1 @2", "put a=2 @3"]);
  const compares = [{ key: "a", modRevision: 2 }];
  assert.partialDeepStrictEqual(await left.transact({ compares, writes: [put("a")] }), { committed: false });
});

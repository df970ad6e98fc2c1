import assert from "node:assert/strict";
import { test } from "node:test";
import { limitedTransport } from "./limited-transport.ts";
import type { TransportResponse } from "./transport.ts";

const request = { method: "GET", path: "/", headers: {} };
const answer: TransportResponse = { status: 200, headers: {}, body: new Uint8Array() };

test("lets so many requests through at a time, the others in their order, and those that abort leave the line", async () => {
  const open: (() => void)[] = [];
  const seen: string[] = [];
  const send = limitedTransport(({ path }) => {
    seen.push(path);
    return new Promise((resolve) => open.push(() => resolve(answer)));
  }, 2);
  const leaver = new AbortController();
  const requests = [
    send({ ...request, path: "a" }),
    send({ ...request, path: "b" }),
    send({ ...request, path: "leaves", signal: leaver.signal }),
    send({ ...request, path: "c" }),
  ];
  const left = assert.rejects(requests[2] ?? Promise.resolve(answer), /enough/);
  leaver.abort(new Error("enough"));
  await left;
  assert.deepEqual(seen, ["a", "b"]);
  open.shift()?.();
  await requests[0];
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(seen, ["a", "b", "c"]);
  for (const finish of open) finish();
  await Promise.all([requests[1], requests[3]]);
});

test("gives the place back after a failure", async () => {
  const send = limitedTransport(() => Promise.reject(new Error("no")), 1);
  await assert.rejects(send(request), /no/);
  await assert.rejects(send(request), /no/);
});

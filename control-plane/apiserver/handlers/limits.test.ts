import assert from "node:assert/strict";
import { test } from "node:test";
import { MetricsRegistry } from "@atoll/base/metrics";
import { RequestMetrics } from "../metrics/request-metrics.ts";
import type { RequestContext } from "../request/context.ts";
import { parseRequestInfo } from "../request/request-info.ts";
import { limitLongRunning } from "./limits.ts";

const WATCH = "/api/v1/pods?watch=true";
const ONE_AT_A_TIME = 1;

function watchBy(signal: AbortSignal): RequestContext {
  const request = { method: "GET", wantsUpgrade: false, signal };
  return { info: parseRequestInfo("GET", WATCH), request } as unknown as RequestContext; // what the handler looks at
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield new Uint8Array(1);
}
const opened = { status: 200, headers: {}, body: endless() };

test("a watch has its place until its client has gone", async () => {
  const limit = limitLongRunning(new RequestMetrics(new MetricsRegistry(), () => true), ONE_AT_A_TIME);
  const client = new AbortController();
  await limit(watchBy(client.signal), () => opened);
  const other = watchBy(new AbortController().signal);
  await assert.rejects(async () => limit(other, () => opened), { code: 429 });
  client.abort();
  await limit(other, () => opened);
});

test("a watch whose client goes while it is opened gives its place back", async () => {
  const limit = limitLongRunning(new RequestMetrics(new MetricsRegistry(), () => true), ONE_AT_A_TIME);
  const client = new AbortController();
  await limit(watchBy(client.signal), () => {
    client.abort();
    return opened;
  });
  await limit(watchBy(new AbortController().signal), () => opened);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Job } from "@atoll/api/batch/job/kind";
import { formatTime } from "@atoll/base/clock";
import { startWorld } from "./test-world.ts";
import { ttlAfterFinished } from "./ttl-after-finished.ts";

const NAME = { name: "work", namespace: "default" };

test("deletes a job so long after its end as it says, with its pods", async (t) => {
  const { clock, api } = startWorld(t, [ttlAfterFinished]);
  const template = { spec: { containers: [] } };
  const made = await api.create(Job, { metadata: { ...NAME }, spec: { template, ttlSecondsAfterFinished: 60 } });
  await clock.advance(100_000);
  const conditions = [{ type: "Failed", status: "True", lastTransitionTime: formatTime(clock.now()) }];
  await api.update(Job, { ...made, status: { conditions } }, { subresource: "status" });
  await clock.advance(50_000);
  assert.equal((await api.get(Job, NAME)).metadata.deletionTimestamp, undefined);
  await clock.advance(11_000);
  const { deletionTimestamp, finalizers } = (await api.get(Job, NAME)).metadata;
  assert.ok(deletionTimestamp);
  assert.deepEqual(finalizers, ["foregroundDeletion"]);
});

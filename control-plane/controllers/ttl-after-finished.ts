// Deletes jobs that have ended, with their pods, when the time they wished to be kept for is over.

import { Job } from "@atoll/api/batch/job/kind";
import { nameOf } from "@atoll/machinery/client/client";
import { defineController } from "@atoll/machinery/controller/controller";
import { hasReason } from "@atoll/machinery/object/api-error";
import { trueCondition } from "./job-conditions.ts";

export const ttlAfterFinished = defineController({
  name: "ttl-after-finished",
  watches: [{ resource: Job }],
  owns: ["Job that has outlived its end"],
  async reconcile(key, { client, cache, clock, signal }) {
    const job = cache.of(Job).get(key);
    const remainingMs = job && remainingLifeMs(job, clock.now());
    if (job === undefined || remainingMs === undefined) return;
    if (remainingMs > 0) return { requeueAfterMs: remainingMs };
    try {
      // The cache may be behind: a wish to be kept longer must be heard.
      const fresh = await client.get(Job, nameOf(job), { signal });
      const freshMs = remainingLifeMs(fresh, clock.now());
      if (freshMs === undefined || fresh.metadata.uid !== job.metadata.uid) return;
      if (freshMs > 0) return { requeueAfterMs: freshMs };
      const { uid = "", resourceVersion = "" } = fresh.metadata;
      const preconditions = { uid, resourceVersion };
      await client.delete(Job, nameOf(job), { propagationPolicy: "Foreground", preconditions, signal });
    } catch (thrown) {
      if (!hasReason(thrown, "NotFound")) throw thrown;
    }
    return undefined;
  },
});

/** Undefined for a job that has not ended, is to be kept for ever, or goes already. */
function remainingLifeMs({ metadata, spec, status }: Job, nowMs: number): number | undefined {
  const { ttlSecondsAfterFinished } = spec;
  if (ttlSecondsAfterFinished === undefined || metadata.deletionTimestamp !== undefined) return undefined;
  const end = trueCondition(status?.conditions, "Complete") ?? trueCondition(status?.conditions, "Failed");
  if (end?.lastTransitionTime === undefined) return undefined;
  return Date.parse(end.lastTransitionTime) + ttlSecondsAfterFinished * 1000 - nowMs;
}

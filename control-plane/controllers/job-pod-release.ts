// Frees pods that no job will count any more: their job is gone, has ended, or never was theirs. Without this a finalizer would
// hold them for ever.

import { Job } from "@atoll/api/batch/job/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { nameOf } from "@atoll/machinery/client/client";
import { type CacheReader, defineController } from "@atoll/machinery/controller/controller";
import { controllerOf, refersTo } from "@atoll/machinery/controller/ownership-references";
import { isManagedElsewhere } from "./job.ts";
import { isFinishedJob } from "./job-conditions.ts";
import { isTracked } from "./job-pods.ts";
import { releasePod } from "./job-scale.ts";

export const jobPodRelease = defineController({
  name: "job-pod-release",
  watches: [
    { resource: Pod, keysOf: (pod: Pod, cache: CacheReader) => (isAbandoned(pod, cache) ? [nameOf(pod)] : []) },
    {
      resource: Job,
      keysOf: (job: Job, cache: CacheReader) =>
        cache
          .of(Pod)
          .ownedBy(job.metadata.uid ?? "")
          .filter((pod) => isAbandoned(pod, cache))
          .map(nameOf),
    },
  ],
  owns: ["Pod.metadata.finalizers of ended jobs"],
  async reconcile(key, context) {
    const pod = context.cache.of(Pod).get(key);
    if (pod && isAbandoned(pod, context.cache)) await releasePod(pod, context);
    return undefined;
  },
});

function isAbandoned(pod: Pod, cache: CacheReader): boolean {
  if (!isTracked(pod)) return false;
  const owner = controllerOf(pod);
  if (!owner) return true;
  // Somebody else's pod is somebody else's business.
  if (!refersTo(owner, Job)) return false;
  const job = cache.of(Job).get({ name: owner.name, namespace: pod.metadata.namespace });
  if (job?.metadata.uid !== owner.uid) return true;
  return isFinishedJob(job) && !isManagedElsewhere(job);
}

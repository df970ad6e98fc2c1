// ReplicaSets: a number of pods of one template, usually on behalf of a Deployment. What it does is in
// `pod-replication.ts`.

import { ReplicaSet } from "@atoll/api/apps/replica-set/kind";
import { controllerOf } from "@atoll/machinery/controller/ownership-references";
import { podReplicationController } from "./pod-replication.ts";

export const replicaSet = podReplicationController({
  name: "replicaset",
  resource: ReplicaSet,
  selectorOf: ({ spec }) => spec.selector,
  siblingsOf: (set, cache) => {
    const owner = controllerOf(set);
    return owner ? cache.of(ReplicaSet).ownedBy(owner.uid) : [set];
  },
  countsTerminating: true,
});

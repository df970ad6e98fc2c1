// ReplicationControllers: what ReplicaSets were before they had a name. They differ in their selector, which is a set of
// labels, and in nothing that they do (`pod-replication.ts`).

import { ReplicationController } from "@atoll/api/core/replication-controller/kind";
import { podReplicationController } from "./pod-replication.ts";

export const replicationController = podReplicationController({
  name: "replication",
  resource: ReplicationController,
  selectorOf: ({ spec }) => (spec.selector ? { matchLabels: spec.selector } : undefined),
  siblingsOf: (controller) => [controller],
  countsTerminating: false,
});

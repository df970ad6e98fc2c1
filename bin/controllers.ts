// Wires everything on the Supervisor that works on the API's changes: controllers, scheduler, network and image decisions.
// They share one set of informers, one recorder of Events, and meet only through the API.

import { CustomResourceDefinition } from "@atoll/api/apiextensions/custom-resource-definition/kind";
import type { SupervisorConfiguration } from "@atoll/api/config/supervisor";
import { Event } from "@atoll/api/core/event/kind";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import type { MetricsRegistry } from "@atoll/base/metrics";
import type { Random } from "@atoll/base/random";
import { allControllers } from "@atoll/control-plane/controllers/all";
import type { SignCertificate } from "@atoll/control-plane/controllers/certificate-signing";
import { GarbageCollector } from "@atoll/control-plane/controllers/garbage-collector";
import { ResourceQuotaController, resourceQuotaOwnership } from "@atoll/control-plane/controllers/resource-quota";
import type { SecretTokenOptions } from "@atoll/control-plane/controllers/service-account-token";
import { imageDemand } from "@atoll/control-plane/images/image-demand";
import { imageDiskUse } from "@atoll/control-plane/images/image-disk-use";
import { nodeCidr } from "@atoll/control-plane/network/node-cidr";
import { podInterfaces } from "@atoll/control-plane/network/pod-interface";
import { SCHEDULER_NAME, Scheduler, schedulerOwnership } from "@atoll/control-plane/scheduler/scheduler";
import type { Client } from "@atoll/machinery/client/client";
import { ApiEventRecorder } from "@atoll/machinery/controller/api-event-recorder";
import { refuseSharedOwnership } from "@atoll/machinery/controller/controller-ownership";
import { ControllerRunner } from "@atoll/machinery/controller/controller-runner";
import { InformerSet } from "@atoll/machinery/controller/informer-set";
import { QueueMetrics } from "@atoll/machinery/controller/queue-metrics";
import { ServedKinds } from "@atoll/machinery/controller/served-kinds";

export interface ControllersStart {
  /** As an identity that may do everything. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly configuration: Pick<SupervisorConfiguration, "api" | "network" | "images">;
  /** PEM of the API server's certificate authority. */
  readonly certificateAuthority: string;
  /** Undefined: somebody else has the authority's key, and signs. */
  readonly signCertificate: SignCertificate | undefined;
  /** Undefined: somebody else has the key of service accounts. */
  readonly issueSecretToken: SecretTokenOptions["issue"] | undefined;
  /** Where the work of controllers is counted; undefined: nowhere. */
  readonly metrics?: MetricsRegistry;
  readonly signal: AbortSignal;
}

/** Runs until the signal aborts and everything has ended. */
export async function startControllers(start: ControllersStart): Promise<void> {
  const { client, clock, random, log, configuration, certificateAuthority, signCertificate, issueSecretToken, signal } =
    start;
  const queueMetrics = start.metrics && new QueueMetrics(start.metrics);
  const world = { client, clock, random, log, queueMetrics };
  const informers = new InformerSet(world);
  const served = new ServedKinds({ ...world, informers, wakers: [CustomResourceDefinition] });
  const recorder = new ApiEventRecorder(world);
  const definitions = [
    ...allControllers({ certificateAuthority, signCertificate, issueSecretToken, configuration }),
    nodeCidr(configuration.network),
    podInterfaces(),
    imageDemand(configuration.images),
    imageDiskUse,
  ];
  refuseSharedOwnership([...definitions, schedulerOwnership, resourceQuotaOwnership]);
  const parts = [
    new ControllerRunner({ ...world, informers, served, eventsFor: (name) => recorder.for(name) }, definitions),
    new Scheduler({ ...world, informers, events: recorder.for(SCHEDULER_NAME) }),
    new GarbageCollector({
      ...world,
      informers,
      served,
      events: recorder.for("garbage-collector-controller"),
      // Many, own nothing and are owned by nothing.
      ignored: ["", "events.k8s.io"].map((group) => ({ group, plural: Event.plural })),
    }),
    new ResourceQuotaController({ ...world, informers, served }),
    recorder,
    served,
    informers,
  ];
  await Promise.all(parts.map((part) => part.run(signal)));
}

// The node agent of one host: wires its parts and runs them. It talks to the API server and to hostd, and to the agents in
// pods through hostd; it touches no device, starts no process and needs no privilege. Ending it ends no pod.

import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { Image } from "@atoll/api/imagecontroller/image/kind";
import { ImageDisk } from "@atoll/api/imagecontroller/image-disk/kind";
import type { KubeObject, Resource } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import type { Client } from "@atoll/machinery/client/client";
import { ApiEventRecorder } from "@atoll/machinery/controller/api-event-recorder";
import { SharedInformer } from "@atoll/machinery/controller/shared-informer";
import { AgentLines } from "./hostd/agent-lines.ts";
import type { Hostd } from "./hostd/hostd-client.ts";
import { ImagePuller } from "./images/image-puller.ts";
import { HostSettingsWatch } from "./node/host-settings-watch.ts";
import type { NodeFacts } from "./node/node-object.ts";
import { NodeRegistrar } from "./node/node-registrar.ts";
import type { CrxSizeDefaults } from "./pods/crx-size.ts";
import type { DnsConfiguration } from "./pods/pod-dns.ts";
import { PodWorkers } from "./pods/pod-workers.ts";
import { ReferencedObjects } from "./pods/referenced-objects.ts";
import { ServiceAccountTokens } from "./pods/service-account-tokens.ts";
import { StatusWriter } from "./pods/status-writer.ts";

export interface SphereletOptions {
  readonly client: Client;
  readonly hostd: Hostd;
  readonly facts: NodeFacts;
  readonly sizes: CrxSizeDefaults;
  /** Resolvers of the host: for pods that ask for them, and for all where the cluster has none of its own. */
  readonly dns: DnsConfiguration;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export class Spherelet {
  readonly #options: SphereletOptions;
  readonly #events: ApiEventRecorder;
  readonly #nodes: SharedInformer<Node>;
  readonly #images: SharedInformer<Image>;
  readonly #disks: SharedInformer<ImageDisk>;
  readonly #objects: ReferencedObjects;
  readonly #statuses: StatusWriter;
  readonly #settings: HostSettingsWatch;
  readonly #workers: PodWorkers;
  readonly #registrar: NodeRegistrar;
  /** Pods bound to this host, for the server beside it. */
  readonly pods: SharedInformer<Pod>;
  /** Lines to the pods' agents, shared with the server. */
  readonly lines: AgentLines;

  constructor(options: SphereletOptions) {
    this.#options = options;
    const { client, hostd, facts, clock, random, log } = options;
    this.#events = new ApiEventRecorder({ client, clock, random, log, host: facts.name });
    this.pods = this.#inform(Pod, `spec.nodeName=${facts.name}`);
    this.#nodes = this.#inform(Node, `metadata.name=${facts.name}`);
    this.#images = this.#inform(Image);
    this.#disks = this.#inform(ImageDisk);
    this.lines = new AgentLines({ hostd, random });
    this.#settings = new HostSettingsWatch({ client, clock, random, log });
    const settings = this.#settings;
    this.#registrar = new NodeRegistrar({ client, hostd, nodes: this.#nodes, settings, facts, clock, log });
    this.#statuses = new StatusWriter({ client, clock, log });
    this.#objects = new ReferencedObjects({
      client,
      clock,
      random,
      log,
      onChange: (podUid) => this.#workers.sourceChanged(podUid),
    });
    const tokens = new ServiceAccountTokens({ client, clock, random });
    this.#workers = new PodWorkers({
      pods: this.pods,
      hostd,
      clock,
      log,
      makeContext: (wake) => ({
        client,
        hostd,
        lines: this.lines,
        pods: this.pods.lister,
        images: { images: this.#images.lister, disks: this.#disks.lister },
        objects: this.#objects,
        tokens,
        statuses: this.#statuses,
        events: this.#events.for("spherelet"),
        clock,
        random,
        log,
        hostAddress: facts.address,
        sizes: options.sizes,
        hostDns: options.dns,
        settings: () => settings.current,
        allocatable: () => this.#registrar.allocatable(),
        wake,
      }),
    });
  }

  /** Works until the signal aborts; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { client, hostd, facts, clock, log } = this.#options;
    using _objects = this.#objects;
    using _lines = this.lines;
    using _images = this.#images.subscribe(() => this.#workers.wakeWaiting());
    using _disks = this.#disks.subscribe(() => this.#workers.wakeWaiting());
    using _settings = this.#settings.subscribe(() => this.#workers.wakeWaiting());
    const settings = this.#settings;
    const puller = new ImagePuller({ client, hostd, images: this.#images, settings, nodeName: facts.name, clock, log });
    const informers = [this.#nodes, this.#images, this.#disks, this.pods].map((informer) => informer.run(signal));
    await Promise.all([
      ...informers,
      this.#events.run(signal),
      this.#statuses.run(signal),
      this.#settings.run(signal),
      this.#registrar.run(signal),
      puller.run(signal),
      this.#workers.run(signal),
    ]);
  }

  #inform<T extends KubeObject>(resource: Resource<T>, fieldSelector?: string): SharedInformer<T> {
    const { client, clock, random, log } = this.#options;
    return new SharedInformer<T>({
      resource,
      client,
      clock,
      random,
      log,
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    });
  }
}

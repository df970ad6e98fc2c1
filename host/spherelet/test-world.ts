// Test support: a spherelet on a memory host against a memory API, on virtual time.

import {
  HOST_SETTINGS_KEY,
  HOST_SETTINGS_NAME,
  HOST_SETTINGS_NAMESPACE,
  type HostSettings,
} from "@atoll/api/config/host-settings";
import { ConfigMap } from "@atoll/api/core/config-map/kind";
import { Event } from "@atoll/api/core/event/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { Image } from "@atoll/api/imagecontroller/image/kind";
import { imageName } from "@atoll/api/imagecontroller/reference";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "@atoll/machinery/client/memory-api";
import { hasReason } from "@atoll/machinery/object/api-error";
import { MemoryHost } from "./memory-host.ts";
import { Spherelet } from "./spherelet.ts";

/** What the image of `createPod` means. */
const REFERENCE = "docker.io/library/busybox:1.36";

const NETWORK_SETTINGS: HostSettings["network"] = {
  clusterCidr: "10.244.0.0/16",
  clusterDomain: "cluster.local",
  dnsServers: [],
  managementCidrs: ["169.254.0.0/16"],
};

export class World implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly random = seededRandom(7);
  readonly api = new MemoryApi({ clock: this.clock, random: this.random });
  readonly host = new MemoryHost();
  #end = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** False: the test says when the Supervisor's settings come. */
  hasSettings = true;

  /** As the Supervisor says them. */
  async writeSettings(network: Partial<HostSettings["network"]> = {}): Promise<void> {
    const settings: HostSettings = {
      network: { ...NETWORK_SETTINGS, ...network },
      images: { defaultRegistry: "docker.io", plainHttpRegistries: ["plain.example:5000"] },
    };
    const name = { namespace: HOST_SETTINGS_NAMESPACE, name: HOST_SETTINGS_NAME };
    const data = { [HOST_SETTINGS_KEY]: JSON.stringify(settings) };
    const exists = (await this.api.list(ConfigMap, { namespace: name.namespace })).items.length > 0;
    if (exists) await this.api.patch(ConfigMap, name, { type: "merge", body: { data } });
    else await this.api.create(ConfigMap, { metadata: name, data });
  }

  startSpherelet(): void {
    this.#end = new AbortController();
    if (this.hasSettings) void this.writeSettings();
    const spherelet = new Spherelet({
      client: this.api,
      hostd: this.host,
      facts: {
        name: "host-1",
        address: "192.0.2.1",
        port: 10250,
        podsMax: 110,
        reservedMemoryBytes: 1024 ** 3,
        architecture: "x64",
        osImage: "Test",
        machineId: "machine",
        bootId: "boot",
      },
      sizes: { memoryBytes: 256 * 1024 ** 2, ephemeralBytes: 1024 ** 3 },
      dns: { nameservers: ["192.0.2.53"], searches: [], options: [] },
      clock: this.clock,
      random: this.random,
      log: silentLogger,
    });
    this.#running = spherelet.run(this.#end.signal);
  }

  /** Ends the spherelet as a kill would: nothing is told to anybody. */
  async stopSpherelet(): Promise<void> {
    this.#end.abort();
    await this.clock.advance(100);
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopSpherelet();
  }

  async until<T>(what: string, probe: () => Promise<T | undefined | false>): Promise<T> {
    for (let turn = 0; turn < 400; turn++) {
      const found = await probe();
      if (found) return found;
      await this.clock.advance(100);
    }
    throw new Error(`Waited in vain until ${what}`);
  }

  async createPod(spec: Partial<Pod["spec"]> = {}, metadata: Partial<Pod["metadata"]> = {}): Promise<Pod> {
    const network = { mac: "02:00:0a:f4:01:05", address: "10.244.1.5/24", gateway: "10.244.1.1" };
    return this.api.create(Pod, {
      metadata: {
        name: "web",
        namespace: "default",
        annotations: { "network.atoll.dev/interface": JSON.stringify(network) },
        ...metadata,
      },
      spec: {
        nodeName: "host-1",
        restartPolicy: "Always",
        terminationGracePeriodSeconds: 30,
        containers: [{ name: "main", image: "busybox:1.36", imagePullPolicy: "IfNotPresent" }],
        ...spec,
      },
    });
  }

  createImage(): Promise<Image> {
    return this.api.create(Image, {
      metadata: { name: imageName(REFERENCE), namespace: "default", generation: 1 },
      spec: { reference: REFERENCE, hostName: "host-1" },
    });
  }

  async pod(name = "web"): Promise<Pod | undefined> {
    try {
      return await this.api.get(Pod, { name, namespace: "default" });
    } catch (error) {
      if (hasReason(error, "NotFound")) return undefined;
      throw error;
    }
  }

  async podIn(phase: string): Promise<Pod> {
    return this.until(`the pod is ${phase}`, async () => {
      const pod = await this.pod();
      return pod?.status?.phase === phase && pod;
    });
  }

  async events(reason: string): Promise<Event[]> {
    const { items } = await this.api.list(Event, { namespace: "default" });
    return items.filter((event) => event.reason === reason);
  }
}

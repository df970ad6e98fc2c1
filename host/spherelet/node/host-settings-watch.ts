// What the Supervisor says to every host, as far as this one has heard. Once known it stays known: a ConfigMap that is deleted
// or holds nonsense changes nothing here until there is a good one again.

import { HOST_SETTINGS_KEY, HOST_SETTINGS_NAME, HOST_SETTINGS_NAMESPACE } from "@atoll/api/config/host-settings";
import { type HostSettings, hostSettings } from "@atoll/api/config/host-settings";
import { ConfigMap } from "@atoll/api/core/config-map/kind";
import type { Clock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import type { Client } from "@atoll/machinery/client/client";
import { SharedInformer } from "@atoll/machinery/controller/shared-informer";

export interface HostSettingsWatchOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export class HostSettingsWatch {
  readonly #informer: SharedInformer<ConfigMap>;
  readonly #log: Logger;
  readonly #handlers = new Set<() => void>();
  #current: HostSettings | undefined;

  constructor(options: HostSettingsWatchOptions) {
    this.#log = options.log;
    this.#informer = new SharedInformer({
      ...options,
      resource: ConfigMap,
      namespace: HOST_SETTINGS_NAMESPACE,
      fieldSelector: `metadata.name=${HOST_SETTINGS_NAME}`,
    });
    this.#informer.subscribe(({ type, object }) => {
      if (type !== "deleted") this.#take(object);
    });
  }

  /** Undefined until the first were heard: nothing that depends on them may begin before. */
  get current(): HostSettings | undefined {
    return this.#current;
  }

  /** Called after each change. Disposing it ends the calls. */
  subscribe(handler: () => void): Disposable {
    this.#handlers.add(handler);
    return { [Symbol.dispose]: () => this.#handlers.delete(handler) };
  }

  /** Works until the signal aborts; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#informer.run(signal);
  }

  #take({ data }: ConfigMap): void {
    try {
      this.#current = hostSettings.parse(JSON.parse(data?.[HOST_SETTINGS_KEY] ?? ""));
    } catch (thrown) {
      this.#log.error("Host settings are not understood; the last good ones stay", { error: toError(thrown) });
      return;
    }
    this.#log.info("Host settings heard", { settings: this.#current });
    for (const handler of this.#handlers) handler();
  }
}

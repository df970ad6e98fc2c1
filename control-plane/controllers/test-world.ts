// Test support: controllers on a virtual clock, with an API of maps.

import { Pod } from "@atoll/api/core/pod/kind";
import type { KubeObject } from "@atoll/api/resource";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "@atoll/machinery/client/memory-api";
import type { ControllerDefinition } from "@atoll/machinery/controller/controller";
import { ControllerRunner } from "@atoll/machinery/controller/controller-runner";
import { InformerSet } from "@atoll/machinery/controller/informer-set";

interface TestContext {
  after: (hook: () => void) => void;
}

/** The controllers run from the next turn of the clock on, until the test ends. */
export function startWorld(t: TestContext, definitions: readonly ControllerDefinition[]) {
  const clock = new VirtualClock();
  const random = seededRandom(5);
  const api = new MemoryApi({ clock, random });
  const controller = new AbortController();
  t.after(() => controller.abort());
  const parts = { client: api, clock, random, log: silentLogger };
  const informers = new InformerSet(parts);
  /** "Normal SuccessfulCreate web: Created pod: web-x", in order. */
  const events: string[] = [];
  const record = ({ metadata }: KubeObject, event: { type: string; reason: string; message: string }) =>
    events.push(`${event.type} ${event.reason} ${metadata.name}: ${event.message}`);
  const runner = new ControllerRunner({ ...parts, informers, eventsFor: () => ({ record }) }, definitions);
  void Promise.all([informers.run(controller.signal), runner.run(controller.signal)]);
  const pods = async () => (await api.list(Pod)).items;
  return { clock, api, events, pods };
}

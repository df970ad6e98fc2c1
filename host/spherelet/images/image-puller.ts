// Does the pulls that Images name this host for: secrets, hostd, and the Image's status and ImageDisk as the result. A pull's
// number at hostd follows from the Image's generation and attempt, so a restarted spherelet takes up the one that runs.

import type { Secret } from "@atoll/api/generated/types";
import { Secret as Secrets } from "@atoll/api/core/secret/kind";
import type { ImagePullSpec, ImagePullStatus } from "@atoll/api/hostd/hostd";
import { Image, type ImageStatus } from "@atoll/api/imagecontroller/image/kind";
import { ImageDisk, imageDiskName } from "@atoll/api/imagecontroller/image-disk/kind";
import { type ImageReference, parseImageReference } from "@atoll/api/imagecontroller/reference";
import { type Clock, formatTime } from "@atoll/base/clock";
import { describeError, toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import type { Client, ObjectName } from "@atoll/machinery/client/client";
import type { SharedInformer } from "@atoll/machinery/controller/shared-informer";
import { cacheKey, parseCacheKey } from "@atoll/machinery/controller/object-cache";
import { WorkQueue } from "@atoll/machinery/controller/work-queue";
import { hasReason } from "@atoll/machinery/object/api-error";
import type { Hostd } from "../hostd/hostd-client.ts";
import type { HostSettingsWatch } from "../node/host-settings-watch.ts";
import { imageNeedsPull } from "./image-state.ts";
import { credentialsFor, type RegistryCredentials } from "./pull-credentials.ts";

/** Each pull is a microVM of its own: more at a time would take the host's memory from the pods. */
const PULLS_AT_ONCE = 2;
/** Back-off between failed attempts, as Kubernetes' own. */
const RETRY_FIRST_MS = 10_000;
const RETRY_LONGEST_MS = 300_000;
/** Secrets tried for one pull. */
const CREDENTIALS_MAX = 16;

export interface ImagePullerOptions {
  readonly client: Client;
  readonly hostd: Hostd;
  /** Of Images whose spec.hostName is this node. */
  readonly images: SharedInformer<Image>;
  readonly settings: HostSettingsWatch;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export class ImagePuller {
  readonly #options: ImagePullerOptions;

  constructor(options: ImagePullerOptions) {
    this.#options = options;
  }

  /** Works until the signal aborts; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    using queue = new WorkQueue(this.#options.clock);
    using _ = this.#options.images.subscribe((change) => queue.add(cacheKey(change.object.metadata)));
    using _settings = this.#options.settings.subscribe(() => {
      for (const image of this.#options.images.lister.list()) queue.add(cacheKey(image.metadata));
    });
    const closeQueue = () => queue[Symbol.dispose]();
    signal.addEventListener("abort", closeQueue, { once: true });
    if (signal.aborted) return;
    await Promise.all(Array.from({ length: PULLS_AT_ONCE }, () => this.#work(queue, signal)));
  }

  async #work(queue: WorkQueue, signal: AbortSignal): Promise<void> {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      try {
        const againMs = await this.#converge(parseCacheKey(key), signal);
        queue.forget(key);
        if (againMs !== undefined) queue.addAfter(key, againMs);
      } catch (thrown) {
        if (signal.aborted) return;
        this.#options.log.error("Image pull could not be carried on", { image: key, error: toError(thrown) });
        queue.addFailed(key);
      } finally {
        queue.done(key);
      }
    }
  }

  /** Gives how long to wait for the next attempt, if there is one to wait for. */
  async #converge(name: ObjectName, signal: AbortSignal): Promise<number | undefined> {
    const { images, clock, nodeName, settings } = this.#options;
    const image = images.lister.get(name);
    // The settings wake everything when they come.
    if (!settings.current) return undefined;
    if (!image || image.metadata.deletionTimestamp || image.spec.hostName !== nodeName) return undefined;
    if (!imageNeedsPull(image, clock.now())) {
      const next = image.status?.nextRetryTime;
      return image.status?.phase === "Failed" && next ? Math.max(0, Date.parse(next) - clock.now()) : undefined;
    }
    const parsed = parseImageReference(image.spec.reference);
    if ("error" in parsed) return this.#fail(image, { reason: "InvalidImage", message: parsed.error }, signal);
    const result = await this.#pull(image, parsed, signal);
    if (result.state === "failed") return this.#fail(image, result, signal);
    if (!image.spec.resolveOnly) await this.#publishDisk(image, result, signal);
    await this.#writeStatus(
      image,
      { ...readyStatus(result), resolvedTime: formatTime(clock.now()), attempts: 0 },
      signal,
    );
    return undefined;
  }

  async #pull(image: Image, reference: ImageReference, signal: AbortSignal): Promise<ImagePullStatus> {
    const plainHttpRegistries = new Set(this.#options.settings.current?.images.plainHttpRegistries);
    const credentials: (RegistryCredentials | undefined)[] = await this.#credentials(image, reference, signal);
    // Whoever names no secret, or only useless ones, may still pull what is public.
    credentials.push(undefined);
    let result: ImagePullStatus | undefined;
    for (const [index, entry] of credentials.entries()) {
      const spec: ImagePullSpec = {
        reference: reference.name,
        ...(entry ? { credentials: entry } : {}),
        caPem: "",
        plainHttp: isLoopback(reference.registry) || plainHttpRegistries.has(reference.registry),
        resolveOnly: image.spec.resolveOnly ?? false,
      };
      result = await this.#pullOnce(image, pullId(image, index), spec, signal);
      if (result.state === "ready" || result.reason !== "Unauthorized") return result;
    }
    return result!; // The list has at least the anonymous entry.
  }

  async #pullOnce(image: Image, id: string, spec: ImagePullSpec, signal: AbortSignal): Promise<ImagePullStatus> {
    const { hostd } = this.#options;
    let pull = await hostd.putImagePull(id, spec, signal);
    let shown = "";
    while (pull.state !== "ready" && pull.state !== "failed") {
      const phase = pull.state === "starting" || pull.state === "resolving" ? "Resolving" : "Pulling";
      const progress = { bytesDone: pull.bytesDone, bytesTotal: pull.bytesTotal };
      const show = `${phase} ${pull.bytesTotal > 0 ? Math.floor((pull.bytesDone * 10) / pull.bytesTotal) : 0}`;
      // Every tenth is enough for people, and spares the API a write for each megabyte.
      if (show !== shown) await this.#writeStatus(image, { phase, progress }, signal);
      shown = show;
      pull = await hostd.waitImagePull(id, signal);
    }
    return pull;
  }

  async #credentials(image: Image, reference: ImageReference, signal: AbortSignal): Promise<RegistryCredentials[]> {
    const found: RegistryCredentials[] = [];
    for (const name of image.spec.pullSecrets ?? []) {
      const secret = await this.#secret({ name, namespace: image.metadata.namespace }, signal);
      if (secret) found.push(...credentialsFor(secret, reference));
    }
    return found.slice(0, CREDENTIALS_MAX);
  }

  async #secret(name: ObjectName, signal: AbortSignal): Promise<Secret | undefined> {
    try {
      return await this.#options.client.get(Secrets, name, { signal });
    } catch (error) {
      // As in Kubernetes, a pull secret that does not exist is as good as none.
      if (hasReason(error, "NotFound")) return undefined;
      throw error;
    }
  }

  async #publishDisk(image: Image, pull: ImagePullStatus, signal: AbortSignal): Promise<void> {
    const { client, nodeName, clock } = this.#options;
    const name = imageDiskName(pull.digest);
    const spec = { digest: pull.digest, reference: image.spec.reference, hostName: nodeName };
    const object = { apiVersion: "imagecontroller.vmware.com/v1", kind: "ImageDisk", metadata: { name }, spec };
    try {
      await client.create(ImageDisk, object, { signal });
    } catch (error) {
      if (!hasReason(error, "AlreadyExists")) throw error;
      const present = await client.get(ImageDisk, { name }, { signal });
      if (present.status?.phase === "Ready") return;
    }
    const status = {
      phase: "Ready",
      sizeBytes: pull.diskBytes,
      readyTime: formatTime(clock.now()),
      reason: null,
      message: null,
    };
    await client.patch(ImageDisk, { name }, { type: "merge", body: { status } }, { subresource: "status", signal });
  }

  async #fail(
    image: Image,
    failure: { readonly reason: string; readonly message: string },
    signal: AbortSignal,
  ): Promise<number> {
    const failures = image.status?.attempts ?? 0;
    const againMs = Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** Math.min(failures, 10));
    this.#options.log.info("Image pull failed", { image: cacheKey(image.metadata), reason: failure.reason, againMs });
    await this.#writeStatus(
      image,
      {
        phase: "Failed",
        reason: failure.reason,
        message: failure.message,
        attempts: failures + 1,
        nextRetryTime: formatTime(this.#options.clock.now() + againMs),
      },
      signal,
    );
    return againMs;
  }

  async #writeStatus(image: Image, status: ImageStatus, signal: AbortSignal): Promise<void> {
    const gone = { progress: null, reason: null, message: null, nextRetryTime: null };
    const body = { status: { ...gone, ...status, observedGeneration: image.metadata.generation ?? 0 } };
    const { name = "", namespace } = image.metadata;
    try {
      await this.#options.client.patch(
        Image,
        { name, namespace },
        { type: "merge", body },
        { subresource: "status", signal },
      );
    } catch (error) {
      if (hasReason(error, "NotFound")) return;
      throw new Error(`Write the status of image "${name}": ${describeError(error)}`, { cause: error });
    }
  }
}

function readyStatus(pull: ImagePullStatus): ImageStatus {
  return { phase: "Ready", digest: pull.digest, disk: imageDiskName(pull.digest) };
}

/** Different for each attempt, and the same again for a spherelet that comes back in the middle of one. */
function pullId(image: Image, credentialsIndex: number): string {
  const uid = (image.metadata.uid ?? "").slice(0, 23);
  return `${uid}-g${image.metadata.generation ?? 0}-a${image.status?.attempts ?? 0}-c${credentialsIndex}`;
}

function isLoopback(registry: string): boolean {
  return /^(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?$/.test(registry);
}

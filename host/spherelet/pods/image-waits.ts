// Tells the user of a pod what becomes of its images, in the words of the kubelet: a container's waiting reason, and an Event
// for each step, once.

import type { Container, Pod } from "@atoll/api/generated/types";
import type { EventRecorder } from "@atoll/machinery/controller/event-recorder";
import type { ContainerImage } from "../images/pod-images.ts";

/** After this ErrImagePull becomes ImagePullBackOff: long enough that `kubectl get -w` shows both. */
const ERROR_SHOWN_MS = 2000;

export interface Waiting {
  readonly reason: string;
  readonly message: string;
}

export interface ImageWaitResult {
  readonly waiting: Map<string, Waiting>;
  readonly allReady: boolean;
  /** When a reason changes by itself. */
  readonly againMs: number | undefined;
}

interface Progress {
  readonly startedMs: number;
  announcedPulling: boolean;
  announcedPulled: boolean;
  announcedNever: boolean;
  failedAttempt: number;
  failedAtMs: number;
  announcedBackOff: boolean;
}

export class ImageWaits {
  readonly #events: EventRecorder;
  readonly #progress = new Map<string, Progress>();

  constructor(events: EventRecorder) {
    this.#events = events;
  }

  observe(pod: Pod, images: ReadonlyMap<string, ContainerImage>, nowMs: number): ImageWaitResult {
    const waiting = new Map<string, Waiting>();
    let againMs: number | undefined;
    for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
      const image = images.get(container.name);
      if (!image) continue;
      const progress = this.#progressOf(container.name, nowMs);
      const reason = this.#observeOne(pod, container, image, progress, nowMs);
      if (reason) waiting.set(container.name, reason);
      if (reason?.reason === "ErrImagePull") againMs = ERROR_SHOWN_MS;
    }
    const allReady = [...images.values()].every(({ state }) => state === "ready");
    return { waiting, allReady, againMs };
  }

  #progressOf(name: string, nowMs: number): Progress {
    const known = this.#progress.get(name);
    if (known) return known;
    const fresh: Progress = {
      startedMs: nowMs,
      announcedPulling: false,
      announcedPulled: false,
      announcedNever: false,
      failedAttempt: 0,
      failedAtMs: 0,
      announcedBackOff: false,
    };
    this.#progress.set(name, fresh);
    return fresh;
  }

  #observeOne(
    pod: Pod,
    container: Container,
    image: ContainerImage,
    progress: Progress,
    nowMs: number,
  ): Waiting | undefined {
    const name = `"${container.image}"`;
    switch (image.state) {
      case "ready":
        this.#announcePulled(pod, name, image.sizeBytes, progress, nowMs);
        return undefined;
      case "waiting":
        if (image.pulling && !progress.announcedPulling) {
          progress.announcedPulling = true;
          this.#normal(pod, "Pulling", `Pulling image ${name}`);
        }
        return undefined;
      case "invalid": {
        const message = `Failed to apply default image tag ${name}: ${image.message}`;
        if (!progress.announcedNever) this.#warn(pod, "InspectFailed", message);
        progress.announcedNever = true;
        return { reason: "InvalidImageName", message };
      }
      case "absent": {
        const message = `Container image ${name} is not present with pull policy of Never`;
        if (!progress.announcedNever) this.#warn(pod, "ErrImageNeverPull", message);
        progress.announcedNever = true;
        return { reason: "ErrImageNeverPull", message };
      }
      case "failed":
        return this.#observeFailure(pod, name, image, progress, nowMs);
    }
  }

  #observeFailure(
    pod: Pod,
    name: string,
    image: Extract<ContainerImage, { state: "failed" }>,
    progress: Progress,
    nowMs: number,
  ): Waiting {
    if (progress.failedAttempt !== image.attempts) {
      progress.failedAttempt = image.attempts;
      progress.failedAtMs = nowMs;
      progress.announcedBackOff = false;
      progress.announcedPulling = false;
      this.#warn(pod, "Failed", `Failed to pull image ${name}: ${image.message}`);
      this.#warn(pod, "Failed", "Error: ErrImagePull");
    }
    if (nowMs - progress.failedAtMs < ERROR_SHOWN_MS) return { reason: "ErrImagePull", message: image.message };
    if (!progress.announcedBackOff) {
      progress.announcedBackOff = true;
      this.#normal(pod, "BackOff", `Back-off pulling image ${name}`);
      this.#warn(pod, "Failed", "Error: ImagePullBackOff");
    }
    return { reason: "ImagePullBackOff", message: `Back-off pulling image ${name}: ErrImagePull: ${image.message}` };
  }

  #announcePulled(pod: Pod, name: string, sizeBytes: number, progress: Progress, nowMs: number): void {
    if (progress.announcedPulled) return;
    progress.announcedPulled = true;
    if (!progress.announcedPulling) {
      this.#normal(pod, "Pulled", `Container image ${name} already present on machine`);
      return;
    }
    const seconds = `${((nowMs - progress.startedMs) / 1000).toFixed(3)}s`;
    const size = `Image size: ${sizeBytes} bytes.`;
    this.#normal(
      pod,
      "Pulled",
      `Successfully pulled image ${name} in ${seconds} (${seconds} including waiting). ${size}`,
    );
  }

  #normal(pod: Pod, reason: string, message: string): void {
    this.#events.record(pod, { type: "Normal", reason, message });
  }

  #warn(pod: Pod, reason: string, message: string): void {
    this.#events.record(pod, { type: "Warning", reason, message });
  }
}

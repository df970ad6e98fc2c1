// Carries one pod from its binding to its end. Driven by level: each step looks at the pod, at hostd and at the agent as they
// are, does what is missing and says when to look again. So the same code starts a pod, takes one up after a restart of the
// spherelet or of hostd, and mends what went wrong. Steps of one pod never run at the same time.
//
// Must never: stop or start a container by itself. Once the agent has the pod, containers are the agent's.

import { Pod } from "@atoll/api/core/pod/kind";
import type { PodStatus } from "@atoll/api/generated/types";
import { callUnary } from "@atoll/api/guest-agent/client";
import type { HostSettings } from "@atoll/api/config/host-settings";
import type { CrxStatus } from "@atoll/api/hostd/hostd";
import { toError } from "@atoll/base/errors";
import type { ObjectName } from "@atoll/machinery/client/client";
import { isPodFinished } from "@atoll/machinery/controller/pod-state";
import { hasReason } from "@atoll/machinery/object/api-error";
import { type ImageView, podImages } from "../images/pod-images.ts";
import { ImageWaits, type Waiting } from "./image-waits.ts";
import { MicroVmDeaths, terminatedState } from "./microvm-deaths.ts";
import { PodSourceError } from "./object-source.ts";
import type { PodContext } from "./pod-context.ts";
import { PodFiles } from "./pod-files.ts";
import { PodFollower } from "./pod-follower.ts";
import { addressOf, downwardHost, environmentsOf, interfaceOf, launchPod } from "./pod-launch.ts";
import { podStatus, type RunningImage } from "./pod-status.ts";
import { PodStop } from "./pod-stop.ts";
import { hasFileVolumes } from "./referenced-objects.ts";

/** Missing objects wake the worker when they appear; this is for everything that tells nobody. */
const MISSING_RETRY_MS = 10_000;
/** How often files are compared with their sources without a change seen: tokens are renewed this way. */
const FILES_REFRESH_MS = 60_000;
/** A finished pod's microVM stays this long for those who read its logs, then gives the host's memory back. */
export const FINISHED_LINGER_MS = 600_000;

type PodState =
  /** The agent has not got the pod, or it is not known yet whether it has. */
  | { readonly name: "preparing" }
  | { readonly name: "running"; readonly follower: PodFollower }
  | { readonly name: "stopping"; readonly stop: PodStop; readonly follower: PodFollower | undefined }
  /** All containers are over for good; `sinceMs` from when this was first seen. */
  | { readonly name: "finished"; readonly sinceMs: number; readonly hasCrx: boolean };

export interface StepResult {
  /** The pod and all that was its are gone: the worker is not needed any more. */
  readonly isDone?: boolean;
  readonly againMs?: number | undefined;
}

export class PodWorker {
  readonly #context: PodContext;
  readonly #uid: string;
  readonly #name: ObjectName;
  readonly #files: PodFiles;
  readonly #imageWaits: ImageWaits;
  readonly #deaths = new MicroVmDeaths();
  readonly #runningImages = new Map<string, RunningImage>();
  readonly #announced = new Set<string>();
  #state: PodState = { name: "preparing" };
  #lastEventSequence = 0n;
  #filesAtMs = Number.NEGATIVE_INFINITY;

  constructor(context: PodContext, pod: Pod) {
    this.#context = context;
    this.#uid = pod.metadata.uid ?? "";
    this.#name = { name: pod.metadata.name ?? "", namespace: pod.metadata.namespace };
    this.#files = new PodFiles(context, this.#uid);
    this.#imageWaits = new ImageWaits(context.events);
  }

  get stateName(): PodState["name"] {
    return this.#state.name;
  }

  /** The worker's own knowledge of the pod's files is out of date: a source changed. */
  sourceChanged(): void {
    this.#filesAtMs = Number.NEGATIVE_INFINITY;
  }

  async step(signal: AbortSignal): Promise<StepResult> {
    const found = this.#context.pods.get(this.#name);
    if (!found || found.metadata.uid !== this.#uid) return this.#remove(signal);
    if (found.metadata.deletionTimestamp !== undefined) return this.#terminate(found, signal);
    if (isPodFinished(found)) return this.#linger(signal);
    if (this.#state.name === "running") return this.#watchRunning(found, this.#state.follower, signal);
    return this.#prepare(found, signal);
  }

  /** The spherelet ends; the pod does not. */
  [Symbol.dispose](): void {
    if (this.#state.name === "running") this.#state.follower[Symbol.dispose]();
  }

  // ---- towards running ------------------------------------------------------------------------------------------------

  async #prepare(pod: Pod, signal: AbortSignal): Promise<StepResult> {
    const settings = this.#context.settings();
    // They wake every pod that waits when they come.
    if (!settings) return {};
    const crx = await this.#context.hostd.getCrx(this.#uid, signal);
    if (crx?.state === "stopped") return this.#mourn(pod, crx.message, signal);
    if (crx && (await this.#takeUp(pod, signal))) return { againMs: 0 };
    if (!crx && hasRun(pod) && this.#deaths.earlier.size === 0) {
      return this.#mourn(pod, "The host lost the microVM", signal);
    }
    return this.#launch(pod, { crx, settings }, signal);
  }

  /** True when the agent has this pod already: this spherelet, or the one before it, handed it over. */
  async #takeUp(pod: Pod, signal: AbortSignal): Promise<boolean> {
    const line = await this.#context.lines.connect(this.#uid, signal);
    const hello = await callUnary(line, "hello", {}, signal);
    if (hello.podUid !== this.#uid) return false;
    const settings = this.#context.settings();
    for (const [name, image] of settings ? podImages(pod, this.#imageView(settings)) : []) {
      if (image.state === "ready" && !this.#runningImages.has(name)) this.#runningImages.set(name, image);
    }
    this.#follow(pod, line);
    return true;
  }

  #imageView({ images }: HostSettings): ImageView {
    return { ...this.#context.images, defaultRegistry: images.defaultRegistry };
  }

  async #launch(
    pod: Pod,
    { crx, settings }: { readonly crx: CrxStatus | undefined; readonly settings: HostSettings },
    signal: AbortSignal,
  ): Promise<StepResult> {
    const pauseMs = this.#deaths.pauseMs(this.#context.clock.now());
    if (pauseMs > 0) {
      const message = "back-off restarting the pod's microVM";
      this.#showWaiting(pod, allWaiting(pod, { reason: "CrashLoopBackOff", message }));
      return { againMs: pauseMs };
    }
    const nic = interfaceOf(pod);
    const images = podImages(pod, this.#imageView(settings));
    const waits = this.#imageWaits.observe(pod, images, this.#context.clock.now());
    this.#showWaiting(pod, waits.waiting);
    if (!nic || !waits.allReady) return { againMs: waits.againMs };
    try {
      const host = downwardHost(this.#context, nic);
      const volumes = await this.#files.collect(pod, host);
      const { variables, errors } = await environmentsOf(pod, this.#context, host);
      if (errors.size > 0) return this.#refuseConfiguration(pod, errors);
      if (!crx) this.#files.forgetSent();
      const inputs = { pod, nic, settings, images, variables, files: this.#files, volumes };
      const line = await launchPod(this.#context, inputs, signal);
      for (const [name, image] of images) if (image.state === "ready") this.#runningImages.set(name, image);
      this.#filesAtMs = this.#context.clock.monotonicMs();
      this.#follow(pod, line);
      return {};
    } catch (error) {
      if (!(error instanceof PodSourceError)) throw error;
      this.#warnOnce(pod, "FailedMount", error.message);
      return { againMs: MISSING_RETRY_MS };
    }
  }

  #refuseConfiguration(pod: Pod, errors: ReadonlyMap<string, string>): StepResult {
    const waiting = new Map<string, Waiting>();
    for (const [name, message] of errors) {
      waiting.set(name, { reason: "CreateContainerConfigError", message });
      this.#warnOnce(pod, "Failed", `Error: ${message}`);
    }
    this.#showWaiting(pod, waiting);
    return { againMs: MISSING_RETRY_MS };
  }

  #follow(pod: Pod, line: PodFollower["line"]): void {
    const lastEventSequence = this.#lastEventSequence;
    const follower = new PodFollower({ context: this.#context, pod, line, lastEventSequence });
    this.#state = { name: "running", follower };
  }

  // ---- running --------------------------------------------------------------------------------------------------------

  async #watchRunning(pod: Pod, follower: PodFollower, signal: AbortSignal): Promise<StepResult> {
    this.#lastEventSequence = follower.lastEventSequence;
    if (follower.isLost) {
      follower[Symbol.dispose]();
      this.#context.lines.close(this.#uid);
      this.#state = { name: "preparing" };
      return { againMs: 0 };
    }
    if (!follower.status) return {};
    this.#recoverCounts(pod, follower);
    const status = this.#agentStatus(pod, follower);
    const written = this.#context.statuses.set(pod, status);
    if (isPodFinished({ ...pod, status })) {
      await written;
      return {};
    }
    return this.#refreshFiles(pod, follower, signal);
  }

  async #refreshFiles(pod: Pod, follower: PodFollower, signal: AbortSignal): Promise<StepResult> {
    if (!hasFileVolumes(pod)) return {};
    const ageMs = this.#context.clock.monotonicMs() - this.#filesAtMs;
    if (ageMs < FILES_REFRESH_MS) return { againMs: FILES_REFRESH_MS - ageMs };
    this.#filesAtMs = this.#context.clock.monotonicMs();
    try {
      const contents = await this.#files.collect(pod, downwardHost(this.#context, interfaceOf(pod)));
      await this.#files.send(follower.line, contents, signal);
    } catch (error) {
      // The files stay as they were; the pod runs on.
      if (!(error instanceof PodSourceError)) throw error;
      this.#warnOnce(pod, "FailedMount", error.message);
    }
    return { againMs: FILES_REFRESH_MS };
  }

  #recoverCounts(pod: Pod, follower: PodFollower): void {
    if (this.#announced.has("recovered")) return;
    this.#announced.add("recovered");
    const reports = [...(follower.status?.initContainers ?? []), ...(follower.status?.containers ?? [])];
    for (const status of [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]) {
      const report = reports.find(({ name }) => name === status.name);
      if (report) this.#deaths.recover(status, report.restartCount);
    }
  }

  #agentStatus(pod: Pod, follower: PodFollower, options: { readonly isStopped?: boolean } = {}): PodStatus {
    return podStatus(pod, { ...this.#statusInputs(pod, new Map()), agent: follower.status, ...options });
  }

  #showWaiting(pod: Pod, waiting: ReadonlyMap<string, Waiting>): void {
    void this.#context.statuses.set(pod, podStatus(pod, this.#statusInputs(pod, waiting)));
  }

  #statusInputs(pod: Pod, waiting: ReadonlyMap<string, Waiting>) {
    return {
      nowMs: this.#context.clock.now(),
      hostIp: this.#context.hostAddress,
      podIp: addressOf(interfaceOf(pod)),
      agent: undefined,
      waiting,
      images: this.#runningImages,
      earlier: this.#deaths.earlier,
    };
  }

  // ---- the end --------------------------------------------------------------------------------------------------------

  /** The microVM ended under the pod: another one, or the pod's failure, as its restart policy says. */
  async #mourn(pod: Pod, why: string, signal: AbortSignal): Promise<StepResult> {
    const nowMs = this.#context.clock.now();
    const message = `The pod's microVM ended: ${why}`;
    this.#context.log.info("MicroVM of a pod ended", { podUid: this.#uid, why });
    this.#context.events.record(pod, { type: "Warning", reason: "MicroVMEnded", message });
    this.#context.lines.close(this.#uid);
    if (pod.spec.restartPolicy === "Never" && hasRun(pod)) {
      const status = podStatus(pod, {
        ...this.#statusInputs(pod, new Map()),
        failure: { reason: "MicroVMEnded", message },
      });
      const before = pod.status?.containerStatuses ?? [];
      const containerStatuses = before.map((one) => ({
        ...one,
        ready: false,
        started: false,
        state: terminatedState(one, message, nowMs),
      }));
      await this.#context.statuses.set(pod, { ...status, containerStatuses });
    } else this.#deaths.record(pod, message, nowMs);
    await this.#context.hostd.deleteCrx(this.#uid, signal);
    this.#files.forgetSent();
    this.#state = { name: "preparing" };
    return { againMs: 0 };
  }

  /** The pod's containers are over for good. Its logs stay readable for a while. */
  async #linger(signal: AbortSignal): Promise<StepResult> {
    const nowMs = this.#context.clock.monotonicMs();
    if (this.#state.name === "running") this.#state.follower[Symbol.dispose]();
    if (this.#state.name !== "finished") this.#state = { name: "finished", sinceMs: nowMs, hasCrx: true };
    const { sinceMs, hasCrx } = this.#state;
    if (!hasCrx) return {};
    const againMs = sinceMs + FINISHED_LINGER_MS - nowMs;
    if (againMs > 0) return { againMs };
    await this.#releaseHost(signal);
    this.#state = { name: "finished", sinceMs, hasCrx: false };
    return {};
  }

  async #terminate(pod: Pod, signal: AbortSignal): Promise<StepResult> {
    if (this.#state.name !== "stopping") await this.#beginStop(pod, signal);
    if (this.#state.name !== "stopping") return { againMs: 0 };
    const { stop, follower } = this.#state;
    stop.shorten(pod.metadata.deletionGracePeriodSeconds ?? 0);
    if (follower?.status) {
      void this.#context.statuses.set(pod, this.#agentStatus(pod, follower, { isStopped: stop.isOver }));
    }
    if (!stop.isOver) return {};
    if (follower?.status) await this.#context.statuses.set(pod, this.#agentStatus(pod, follower, { isStopped: true }));
    await this.#releaseHost(signal);
    try {
      await this.#context.client.delete(Pod, this.#name, {
        gracePeriodSeconds: 0,
        preconditions: { uid: this.#uid },
        signal,
      });
    } catch (error) {
      if (!hasReason(error, "NotFound") && !hasReason(error, "Conflict")) throw error;
    }
    return {};
  }

  async #beginStop(pod: Pod, signal: AbortSignal): Promise<void> {
    if (this.#state.name !== "running" && !isPodFinished(pod)) {
      const crx = await this.#context.hostd.getCrx(this.#uid, signal);
      // A spherelet that came back while the pod was on its way out first has to find the agent again.
      if (crx && crx.state !== "stopped" && hasRun(pod)) await this.#takeUp(pod, signal);
    }
    const follower = this.#state.name === "running" ? this.#state.follower : undefined;
    if (follower) {
      for (const { name } of pod.spec.containers) {
        this.#context.events.record(pod, { type: "Normal", reason: "Killing", message: `Stopping container ${name}` });
      }
    }
    const graceSeconds = pod.metadata.deletionGracePeriodSeconds ?? 0;
    const stop = new PodStop(this.#context, { uid: this.#uid, line: follower?.line, graceSeconds });
    this.#state = { name: "stopping", stop, follower };
  }

  /** The pod's object is gone, whoever removed it: nothing of it may stay on the host. */
  async #remove(signal: AbortSignal): Promise<StepResult> {
    if (this.#state.name === "running") this.#state.follower[Symbol.dispose]();
    await this.#releaseHost(signal);
    this.#context.objects.release(this.#uid);
    this.#context.tokens.release(this.#uid);
    this.#context.statuses.release(this.#uid);
    return { isDone: true };
  }

  async #releaseHost(signal: AbortSignal): Promise<void> {
    this.#context.lines.close(this.#uid);
    await this.#context.hostd.deleteCrx(this.#uid, signal);
  }

  /** One Event for each different message; what still fails a minute later needs no second one. */
  #warnOnce(pod: Pod, reason: string, message: string): void {
    const key = `${reason} ${message}`;
    if (this.#announced.has(key)) return;
    this.#announced.add(key);
    this.#context.events.record(pod, { type: "Warning", reason, message });
  }

  /** A step failed for a reason that is no user's: says so once where the user looks. */
  failed(thrown: unknown): void {
    const pod = this.#context.pods.get(this.#name);
    if (pod?.metadata.uid === this.#uid) this.#warnOnce(pod, "FailedCreatePodSandBox", toError(thrown).message);
  }
}

/** True when the API knows of a run of one of its containers. */
function hasRun(pod: Pod): boolean {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return statuses.some(({ containerID }) => containerID !== undefined && containerID !== "");
}

function allWaiting(pod: Pod, waiting: Waiting): Map<string, Waiting> {
  return new Map(pod.spec.containers.map(({ name }) => [name, waiting]));
}

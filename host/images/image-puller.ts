// Pulls images: for each pull one helper microVM without a network card, which reads what the registry sends, checks it and
// writes it to a blank disk; the disk then becomes the image's. What comes from a registry is never read on the host. A pull
// that fails leaves nothing; one that a crash cut off is begun again by whoever asks again.

import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import {
  AgentCallError,
  callServerStream,
  callUnary,
  type RequestInit,
  type ResponseOf,
} from "@atoll/api/guest-agent/client";
import { serveAgent } from "@atoll/api/guest-agent/server";
import type { ImagePullSpec, ImagePullStatus } from "@atoll/api/hostd/hostd";
import type { Clock } from "@atoll/base/clock";
import { describeError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import { StreamError } from "@atoll/base/multiplex/stream-status";
import { duplexLine } from "@atoll/base/node/duplex-line";
import type { Random } from "@atoll/base/random";
import { DIAL_BYTES_MAX, serveDial } from "./dial.ts";
import type { ResolveHost } from "./dial-policy.ts";
import { type ImageProgress, PullRecord } from "./pull-record.ts";
import { ImageError, parseReference } from "./reference.ts";

/** Pulls at a time: each is a microVM that unpacks with all it has. The others wait. */
const PULLS_AT_ONCE_MAX = 3;
/** Finished ones are kept to be read; the oldest give way. */
const PULLS_KEPT_MAX = 500;
const PULL_MS_MAX = 3_600_000;
const TARGET_SERIAL = "target";
const IMAGE_LIMITS = {
  manifestBytesMax: 4_194_304n,
  compressedBytesMax: 17_179_869_184n,
  unpackedBytesMax: 16_106_127_360n,
  filesMax: 1_000_000n,
  layersMax: 256,
} as const;
/** What the file system shows, not what it takes: room for an image at its limit and the file system's own tables. */
const TARGET_BYTES = 17_179_869_184;

/** A helper microVM that a pull may use. */
export interface ImageGuest extends AsyncDisposable {
  connect(signal: AbortSignal): Promise<Duplex>;
  /** Rejects when the guest ends. */
  readonly ended: Promise<never>;
}

export interface ImageGuests {
  start(
    options: {
      readonly id: string;
      readonly targetPath: string;
      readonly targetSerial: string;
      readonly userId: number;
    },
    signal: AbortSignal,
  ): Promise<ImageGuest>;
}

export interface ImageDisks {
  findImage(digest: string): Promise<{ readonly diskBytes: number } | undefined>;
  createIncoming(id: string, options: { readonly sizeBytes: number; readonly userId: number }): Promise<string>;
  removeIncoming(id: string): Promise<void>;
  adoptIncoming(
    id: string,
    image: { readonly digest: string; readonly configJson: string },
  ): Promise<{ readonly diskBytes: number }>;
}

export interface ImagePullerOptions {
  readonly guests: ImageGuests;
  readonly disks: ImageDisks;
  readonly userIds: { take(): number; giveBack(userId: number): void };
  readonly resolve: ResolveHost;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

type PullResult = Extract<ResponseOf<"pullImage">["event"], { readonly case: "result" }>["value"];

export class ImagePuller implements AsyncDisposable {
  readonly #options: ImagePullerOptions;
  readonly #pulls = new Map<string, PullRecord>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #epoch = 0n;

  constructor(options: ImagePullerOptions) {
    this.#options = options;
  }

  list(): readonly ImagePullStatus[] {
    return Array.from(this.#pulls.values(), (pull) => pull.status);
  }

  /** Begins the pull, or gives the one of this id. */
  ensure(id: string, spec: ImagePullSpec): ImagePullStatus {
    const known = this.#pulls.get(id);
    if (known) {
      if (!known.isFor(spec)) throw new ImageError("Conflict", `Image pull "${id}" exists with another content`);
      return known.status;
    }
    parseReference(spec.reference);
    const pull = new PullRecord(id, spec);
    this.#pulls.set(id, pull);
    this.#forgetOldest();
    pull.done = this.#run(pull);
    return pull.status;
  }

  /** The state, after a change or after `waitMs`. */
  async get(id: string, wait: { readonly waitMs: number; readonly signal: AbortSignal }): Promise<ImagePullStatus> {
    const pull = this.#pulls.get(id);
    if (!pull) throw new ImageError("NotFound", `Image pull "${id}" does not exist`);
    if (wait.waitMs > 0) await pull.waitForChange(this.#options.clock, wait);
    return pull.status;
  }

  /** Forgets the pull, and stops it when it runs. */
  async remove(id: string): Promise<void> {
    const pull = this.#pulls.get(id);
    this.#pulls.delete(id);
    await pull?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#pulls.keys(), (id) => this.remove(id)));
  }

  async #run(pull: PullRecord): Promise<void> {
    const { log, clock } = this.#options;
    const startMs = clock.monotonicMs();
    using _limit = clock.setTimer(PULL_MS_MAX, () => pull.abort(new Error("The pull took too long")));
    try {
      await this.#takeTurn(pull.signal);
      try {
        await this.#pull(pull);
        log.info("Image pulled", { reference: pull.spec.reference, durationMs: clock.monotonicMs() - startMs });
      } finally {
        this.#running--;
        this.#waiting.shift()?.();
      }
    } catch (error) {
      pull.fail(reasonOf(error));
      log.info("Image pull failed", { reference: pull.spec.reference, error });
    }
  }

  async #takeTurn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running >= PULLS_AT_ONCE_MAX) {
      const turn = Promise.withResolvers<void>();
      const onAbort = () => {
        const place = this.#waiting.indexOf(turn.resolve);
        if (place >= 0) this.#waiting.splice(place, 1);
        turn.reject(signal.reason);
      };
      this.#waiting.push(turn.resolve);
      signal.addEventListener("abort", onAbort, { once: true });
      await turn.promise;
      signal.removeEventListener("abort", onAbort);
    }
    this.#running++;
  }

  async #pull(pull: PullRecord): Promise<void> {
    const { disks, guests, userIds, random, clock } = this.#options;
    const { signal } = pull;
    const guestId = `pull-${createHash("sha256").update(pull.id).digest("hex").slice(0, 16)}`;
    const userId = userIds.take();
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => userIds.giveBack(userId));
    cleanup.defer(() => disks.removeIncoming(guestId));
    const targetPath = await disks.createIncoming(guestId, { sizeBytes: TARGET_BYTES, userId });
    const guest = await guests.start({ id: guestId, targetPath, targetSerial: TARGET_SERIAL, userId }, signal);
    const guestEnd = cleanup.use(guest);
    using line = await this.#connect(pull, guest);
    const prepare = { entropy: random.bytes(64), timeUnixNs: BigInt(clock.now()) * 1_000_000n, hostname: "image" };
    await callUnary(line, "prepare", prepare, signal);

    pull.progress({ state: "resolving", bytesDone: 0, bytesTotal: 0 });
    const request = requestOf(pull.spec);
    const resolved = await this.#call({ pull, line, guest }, { ...request, diskSerial: "" });
    const known = await disks.findImage(resolved.digest);
    if (known || pull.spec.resolveOnly) return pull.finish({ ...resolved, diskBytes: known?.diskBytes ?? 0 });

    // By digest: what the tag means may have changed since.
    const exact = { ...request, digest: resolved.digest, diskSerial: TARGET_SERIAL };
    const result = await this.#call({ pull, line, guest }, exact);
    pull.progress({ state: "finishing" });
    // The disk is the image's only once nobody can write it any more.
    await guestEnd[Symbol.asyncDispose]();
    const configJson = new TextDecoder("utf-8", { fatal: true }).decode(result.configJson);
    const { diskBytes } = await disks.adoptIncoming(guestId, { digest: resolved.digest, configJson });
    pull.finish({ ...resolved, diskBytes });
  }

  async #connect(pull: PullRecord, guest: ImageGuest): Promise<Multiplexer> {
    let dialedBytes = 0;
    const { resolve, clock } = this.#options;
    const options = {
      registry: parseReference(pull.spec.reference).registry,
      plainHttp: pull.spec.plainHttp,
      resolve,
      clock,
      count: (bytes: number) => {
        dialedBytes += bytes;
        if (dialedBytes > DIAL_BYTES_MAX) throw new StreamError("RESOURCE_EXHAUSTED", "The pull moved too many bytes");
      },
    };
    const duplex = await guest.connect(pull.signal);
    const accept = serveAgent({ dial: (call) => serveDial(call, options) });
    const connecting = Multiplexer.connect(duplexLine(duplex), { epoch: ++this.#epoch, accept, signal: pull.signal });
    return await Promise.race([connecting, guest.ended]);
  }

  async #call(
    place: { readonly pull: PullRecord; readonly line: Multiplexer; readonly guest: ImageGuest },
    request: RequestInit<"pullImage">,
  ): Promise<PullResult> {
    const { pull, line, guest } = place;
    const work = async () => {
      let result: PullResult | undefined;
      // To the stream's end, also after the result: the guest takes the next pull only when this one is closed.
      for await (const { event } of callServerStream(line, "pullImage", request, pull.signal)) {
        if (event.case === "result") result = event.value;
        if (event.case === "progress") pull.progress(progressOf(event.value));
      }
      if (result === undefined) throw new Error("The image guest gave no result");
      return result;
    };
    return await Promise.race([work(), guest.ended]);
  }

  #forgetOldest(): void {
    for (const [id, pull] of this.#pulls) {
      if (this.#pulls.size <= PULLS_KEPT_MAX) return;
      if (pull.isOver) this.#pulls.delete(id);
    }
  }
}

function requestOf(spec: ImagePullSpec): Exclude<RequestInit<"pullImage">, { readonly $typeName: string }> {
  const { registry, repository, tag, digest } = parseReference(spec.reference);
  return {
    ...{ registry, repository, tag, digest },
    ...(spec.credentials ? { credentials: spec.credentials } : {}),
    caPem: new TextEncoder().encode(spec.caPem),
    plainHttp: spec.plainHttp,
    platform: "linux/amd64",
    limits: IMAGE_LIMITS,
  };
}

/** Of PullProgress: resolving, pulling, finishing. */
const PHASES = ["resolving", "pulling", "finishing"] as const;

function progressOf(progress: { phase: number; bytesDone: bigint; bytesTotal: bigint }): ImageProgress {
  return {
    state: PHASES[progress.phase] ?? "pulling",
    bytesDone: Number(progress.bytesDone),
    bytesTotal: Number(progress.bytesTotal),
  };
}

/** A failure of the guest begins with one of the reasons of `api/guest-agent/image.proto`. */
function reasonOf(error: unknown): { readonly reason: string; readonly message: string } {
  const said = error instanceof AgentCallError && /^(?:Call "\w+": )?([A-Z][A-Za-z]+): (.+)$/s.exec(error.message);
  if (said) return { reason: said[1] ?? "", message: said[2] ?? "" };
  return { reason: "HostFailure", message: describeError(error) };
}

// A guest agent without a guest: it speaks the whole protocol, keeps what it was told, and pretends to run the pod. It lives
// as long as its fake microVM, through any number of connections.

import { isDeepStrictEqual } from "node:util";
import { type AgentHandlers, firstRequest, type ServedCall } from "@atoll/api/guest-agent/server";
import type { RequestOf } from "@atoll/api/guest-agent/client";
import type { Clock } from "@atoll/base/clock";
import { StreamError } from "@atoll/base/multiplex/stream-status";
import { FakePod } from "./fake-pod.ts";

const FAKE_MEMORY_BYTES = 16_777_216n;

export class FakeGuest {
  /** For tests to look at: the content of each volume, newest last. */
  readonly volumes = new Map<string, RequestOf<"setVolume">>();
  readonly handlers: AgentHandlers;
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #onShutdown: () => void;
  #prepared: RequestOf<"prepare"> | undefined;
  #pod: FakePod | undefined;

  constructor(options: { readonly clock: Clock; readonly personality: string; readonly onShutdown: () => void }) {
    this.#clock = options.clock;
    this.#startMs = options.clock.monotonicMs();
    this.#onShutdown = options.onShutdown;
    this.handlers = {
      hello: async (call) =>
        call.respond({
          ...{ agentVersion: "fake", personality: options.personality, kernelRelease: "fake" },
          podUid: this.#pod?.request.podUid ?? "",
          uptimeUs: BigInt(Math.round((this.#clock.monotonicMs() - this.#startMs) * 1000)),
        }),
      prepare: (call) => this.#prepare(call),
      setVolume: async (call) => {
        const request = await firstRequest(call);
        this.volumes.set(request.volume, request);
        await call.respond({});
      },
      startPod: (call) => this.#startPod(call),
      stopPod: async (call) => {
        await firstRequest(call);
        this.#pod?.stop();
        await call.respond({});
      },
      watchPod: (call) => this.#watchPod(call),
      watchEvents: (call) => untilOver(call.signal),
      exec: (call) => this.#exec(call),
      attach: (call) => this.#attach(call),
      readLog: (call) => this.#readLog(call),
      portForward: async (call) => {
        for await (const { input } of call.requests) {
          if (input.case === "data") await call.respond({ data: input.value });
        }
      },
      stats: async (call) => {
        const timeUnixNs = BigInt(this.#clock.now()) * 1_000_000n;
        const usage = {
          cpuUsageNs: 0n,
          memoryCurrentBytes: FAKE_MEMORY_BYTES,
          memoryWorkingSetBytes: FAKE_MEMORY_BYTES,
        };
        await call.respond({ timeUnixNs, pod: usage });
      },
      shutdown: async (call) => {
        this.#pod?.stop();
        await call.respond({});
        this.#onShutdown();
      },
    };
  }

  get pod(): FakePod | undefined {
    return this.#pod;
  }

  async #prepare(call: ServedCall<"prepare">): Promise<void> {
    const request = await firstRequest(call);
    // Time and entropy differ each time; the identity may not.
    const identity = ({ hostname, network, ephemeralDiskSerial }: RequestOf<"prepare">) => ({
      ...{ hostname, network, ephemeralDiskSerial },
    });
    if (this.#prepared && !isDeepStrictEqual(identity(this.#prepared), identity(request))) {
      throw new StreamError("FAILED_PRECONDITION", "This microVM is another one already");
    }
    this.#prepared = request;
    await call.respond({});
  }

  async #startPod(call: ServedCall<"startPod">): Promise<void> {
    const request = await firstRequest(call);
    if (!this.#prepared) throw new StreamError("FAILED_PRECONDITION", "Prepare comes first");
    if (this.#pod && this.#pod.request.podUid !== request.podUid) {
      throw new StreamError("FAILED_PRECONDITION", `Pod "${this.#pod.request.podUid}" runs here`);
    }
    this.#pod ??= new FakePod(request, this.#clock);
    await call.respond({});
  }

  async #watchPod(call: ServedCall<"watchPod">): Promise<void> {
    const over = untilOver(call.signal);
    while (!call.signal.aborted) {
      const pod = this.#runningPod();
      const { changed } = pod;
      await call.respond(pod.status());
      await Promise.race([changed, over]);
    }
  }

  /** Says its command, gives back what it reads, and ends with the code that ["exit", "3"] asks for. */
  async #exec(call: ServedCall<"exec">): Promise<void> {
    const { input } = await firstRequest(call);
    if (input.case !== "start") throw new StreamError("INVALID_ARGUMENT", "Exec begins with what to start");
    if (!this.#runningPod().find(input.value.container)?.isRunning) {
      throw new StreamError("NOT_FOUND", `Container "${input.value.container}" does not run`);
    }
    const [program, argument] = input.value.command;
    const text = `${input.value.command.join(" ")}\n`;
    await call.respond({ output: { case: "stdout", value: new TextEncoder().encode(text) } });
    if (input.value.stdin) {
      for await (const { input: next } of call.requests) {
        if (next.case === "stdinEnd") break;
        if (next.case === "stdin") await call.respond({ output: { case: "stdout", value: next.value } });
      }
    }
    const exitCode = program === "exit" ? Number(argument) : 0;
    await call.respond({ output: { case: "exit", value: { exitCode } } });
  }

  async #attach(call: ServedCall<"attach">): Promise<void> {
    await firstRequest(call);
    for await (const { input } of call.requests) {
      if (input.case === "stdin") await call.respond({ output: { case: "stdout", value: input.value } });
    }
  }

  async #readLog(call: ServedCall<"readLog">): Promise<void> {
    const { container, follow, tailLines } = await firstRequest(call);
    const found = this.#runningPod().find(container);
    if (!found) throw new StreamError("NOT_FOUND", `Container "${container}" is not known`);
    const lines = found.log.split(/(?<=\n)/);
    const wanted = tailLines === undefined ? lines : lines.slice(Math.max(0, lines.length - Number(tailLines)));
    const content = new TextEncoder().encode(wanted.join(""));
    if (content.length > 0) await call.respond({ content });
    if (follow) await untilOver(call.signal);
  }

  #runningPod(): FakePod {
    if (!this.#pod) throw new StreamError("FAILED_PRECONDITION", "No pod was started");
    return this.#pod;
  }
}

function untilOver(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

// Keeps a pod's volumes of files in the guest equal to their sources: computes them, and sends those that changed.

import { createHash } from "node:crypto";
import type { Pod } from "@atoll/api/generated/types";
import { callUnary } from "@atoll/api/guest-agent/client";
import type { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import type { DownwardHost } from "./downward-fields.ts";
import { PodSourceError } from "./object-source.ts";
import type { PodContext } from "./pod-context.ts";
import { isFileVolume, type VolumeContent, volumeContent } from "./pod-volumes.ts";

export class PodFiles {
  readonly #context: PodContext;
  readonly #podUid: string;
  /** What the guest has, by volume. */
  readonly #sent = new Map<string, string>();

  constructor(context: PodContext, podUid: string) {
    this.#context = context;
    this.#podUid = podUid;
  }

  /** The content of every volume of files; PodSourceError in the kubelet's words for the first that cannot be had. */
  async collect(pod: Pod, host: DownwardHost): Promise<VolumeContent[]> {
    const contents: VolumeContent[] = [];
    for (const volume of pod.spec.volumes ?? []) {
      if (volume.emptyDir) continue;
      try {
        if (!isFileVolume(volume)) throw new PodSourceError("this host does not serve volumes of this type");
        const source = this.#context.objects.sourceFor(this.#podUid);
        contents.push(await volumeContent(pod, volume, { source, tokens: this.#context.tokens, host }));
      } catch (error) {
        if (!(error instanceof PodSourceError)) throw error;
        const message = `MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`;
        throw new PodSourceError(message, { cause: error });
      }
    }
    return contents;
  }

  /** Sends what the guest does not have yet. */
  async send(line: Multiplexer, contents: readonly VolumeContent[], signal: AbortSignal): Promise<void> {
    await Promise.all(
      contents.map(async (content) => {
        const fingerprint = fingerprintOf(content);
        if (this.#sent.get(content.volume) === fingerprint) return;
        await callUnary(line, "setVolume", content, signal);
        this.#sent.set(content.volume, fingerprint);
      }),
    );
  }

  /** Another microVM has nothing of what the one before was sent. */
  forgetSent(): void {
    this.#sent.clear();
  }
}

/** A hash, for the content of Secrets is not kept longer than it takes to send it. */
function fingerprintOf({ files }: VolumeContent): string {
  const hash = createHash("sha256");
  for (const { path, content, mode, uid } of files) {
    hash.update(JSON.stringify([path, mode, uid ?? null, content.length]));
    hash.update(content);
  }
  return hash.digest("base64");
}

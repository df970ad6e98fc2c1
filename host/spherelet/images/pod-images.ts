// Whether the images of a pod are there, read from the namespace's Images and the cluster's ImageDisks. A disk that is there
// is not enough: only the namespace's own Image says that its pods may use it.

import type { Container, Pod } from "@atoll/api/generated/types";
import { type Image, imageIsCurrent } from "./image-state.ts";
import { imageName, parseImageReference } from "@atoll/api/imagecontroller/reference";
import { imageDiskName, type ImageDisk } from "@atoll/api/imagecontroller/image-disk/kind";
import type { Lister } from "@atoll/machinery/controller/informer";

export type ContainerImage =
  | { readonly state: "ready"; readonly reference: string; readonly digest: string; readonly sizeBytes: number }
  /** Nobody has begun, or it is being resolved or pulled. */
  | { readonly state: "waiting"; readonly pulling: boolean }
  | {
      readonly state: "failed";
      readonly message: string;
      readonly attempts: number;
      readonly nextRetryMs: number | undefined;
    }
  | { readonly state: "invalid"; readonly message: string }
  /** imagePullPolicy Never, and no disk. */
  | { readonly state: "absent" };

export interface ImageListers {
  readonly images: Lister<Image>;
  readonly disks: Lister<ImageDisk>;
}

export interface ImageView extends ImageListers {
  /** Of references that name none; the same one that the control plane makes Images with. */
  readonly defaultRegistry: string;
}

export function podImages(pod: Pod, view: ImageView): Map<string, ContainerImage> {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  return new Map(containers.map((container) => [container.name, containerImage(pod, container, view)]));
}

function containerImage(pod: Pod, container: Container, view: ImageView): ContainerImage {
  const { images, disks, defaultRegistry } = view;
  const parsed = parseImageReference(container.image ?? "", { defaultRegistry });
  if ("error" in parsed) return { state: "invalid", message: parsed.error };
  const image = images.get({ namespace: pod.metadata.namespace, name: imageName(parsed.name) });
  const never = container.imagePullPolicy === "Never";
  if (!image || image.spec.reference !== parsed.name)
    return never ? { state: "absent" } : { state: "waiting", pulling: false };
  const { status } = image;
  if (!imageIsCurrent(image) || !status) return { state: "waiting", pulling: false };
  if (status.phase === "Failed") {
    if (never) return { state: "absent" };
    return {
      state: "failed",
      message: status.message ?? status.reason ?? "",
      attempts: status.attempts ?? 1,
      nextRetryMs: status.nextRetryTime === undefined ? undefined : Date.parse(status.nextRetryTime),
    };
  }
  const disk = status.digest === undefined ? undefined : disks.get({ name: imageDiskName(status.digest) });
  if (status.phase === "Ready" && status.digest && disk?.status?.phase === "Ready") {
    return { state: "ready", reference: parsed.name, digest: status.digest, sizeBytes: disk.status.sizeBytes ?? 0 };
  }
  return { state: "waiting", pulling: status.phase === "Pulling" || status.phase === "Resolving" };
}

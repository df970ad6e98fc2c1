// Marks ImageDisks that no Image leads to any more, and takes the mark off when one does again. It only marks: the file is
// on a datastore, and whoever owns that deletes it.

import { Image } from "@atoll/api/imagecontroller/image/kind";
import { ImageDisk } from "@atoll/api/imagecontroller/image-disk/kind";
import { formatTime } from "@atoll/base/clock";
import { nameOf } from "@atoll/machinery/client/client";
import { defineController } from "@atoll/machinery/controller/controller";
import type { CacheIndex } from "@atoll/machinery/controller/informer";
import { UNUSED_SINCE_ANNOTATION } from "./image-demand.ts";

const imagesByDisk: CacheIndex<Image> = {
  name: "images by disk",
  valuesOf: (image) => (image.status?.disk ? [image.status.disk] : []),
};

export const imageDiskUse = defineController({
  name: "image-disk-use",
  watches: [
    { resource: ImageDisk },
    { resource: Image, keysOf: (image: Image) => (image.status?.disk ? [{ name: image.status.disk }] : []) },
  ],
  owns: [`ImageDisk.metadata.annotations[${UNUSED_SINCE_ANNOTATION}]`],
  async reconcile(key, { client, cache, clock, signal }) {
    const disk = cache.of(ImageDisk).get(key);
    if (!disk || disk.metadata.deletionTimestamp !== undefined) return;
    // A disk that is still being made is not yet known to its Image.
    if (disk.status?.phase !== "Ready") return;
    const isUsed = cache.of(Image).indexed(imagesByDisk, key.name).length > 0;
    const isMarked = disk.metadata.annotations?.[UNUSED_SINCE_ANNOTATION] !== undefined;
    if (isUsed !== isMarked) return;
    const annotations = { [UNUSED_SINCE_ANNOTATION]: isUsed ? null : formatTime(clock.now()) };
    const body = { metadata: { uid: disk.metadata.uid, annotations } };
    await client.patch(ImageDisk, nameOf(disk), { type: "merge", body }, { signal });
  },
});

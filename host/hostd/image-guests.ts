import type { ImageGuest, ImageGuests } from "../images/image-puller.ts";
import type { Bundle } from "../crx/bundle.ts";
import type { Vmm } from "../vmm/vmm.ts";

/** Unpacking and the pages of a disk being written; a pull does not grow beyond. */
const GUEST_MEMORY_BYTES = 268_435_456;
const GUEST_VCPUS = 1;

/** Helper microVMs for image pulls: the same kernel, another system disk, no network card, in nobody's inventory. */
export function createImageGuests(parts: { readonly vmm: Vmm; readonly bundle: Bundle }): ImageGuests {
  return {
    async start({ id, targetPath, targetSerial, userId }, signal): Promise<ImageGuest> {
      const [kernelPath, systemDiskPath] = await Promise.all([
        parts.bundle.verifiedPath("kernel"),
        parts.bundle.verifiedPath("imageSystemDisk"),
      ]);
      const microVm = await parts.vmm.start(
        {
          ...{ id, kernelPath, systemDiskPath, userId },
          kernelArguments: ["atoll.personality=image"],
          vcpus: GUEST_VCPUS,
          memoryBytes: GUEST_MEMORY_BYTES,
          disks: [{ serial: targetSerial, path: targetPath, readOnly: false }],
        },
        signal,
      );
      const ended = microVm.exited.then((exit): never => {
        throw new Error(`Image guest ended: ${exit.message}`);
      });
      // A pull that is over does not wait for it.
      ended.catch(() => {});
      return {
        connect: (connectSignal) => microVm.connectAgent(connectSignal),
        ended,
        [Symbol.asyncDispose]: () => microVm.stop(),
      };
    },
  };
}

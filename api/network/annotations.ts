// What the network controller says to hosts: where a pod stands in the pod network. One annotation on the Pod, written once,
// before the pod starts; the spherelet waits for it.

import { z } from "zod";

export const POD_INTERFACE_ANNOTATION = "network.atoll.dev/interface";

export const podInterface = z.strictObject({
  mac: z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/),
  /** With prefix length, "10.244.1.5/24". */
  address: z.string(),
  gateway: z.string(),
});
export type PodInterface = z.infer<typeof podInterface>;

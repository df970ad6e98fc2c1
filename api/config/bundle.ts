// The guest bundle's manifest: kernel, system disks and agent as one versioned thing. `tools/build-bundle.ts` writes it,
// `host/crx/bundle.ts` checks every byte against it before a microVM starts.

import { z } from "zod";

const bundleFile = z.strictObject({
  /** Beside the manifest. */
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.int().min(1),
});

export const bundleManifest = z.strictObject({
  formatVersion: z.literal(1),
  /** "<kernel release>-<first 12 characters of the hash of all inputs>" */
  version: z.string(),
  kernelRelease: z.string(),
  files: z.strictObject({ kernel: bundleFile, podSystemDisk: bundleFile, imageSystemDisk: bundleFile }),
  /** What it was made from; equal inputs need no new build. */
  inputs: z.record(z.string(), z.string()),
});
export type BundleManifest = z.infer<typeof bundleManifest>;

// What a CRX is put together from, as its manager sees it. The real makers are `host/storage`, `host/network` and `bundle.ts`;
// a simulated host hands in its own.

import type { BundleFile } from "./bundle.ts";

export interface CrxDisks {
  findImage(digest: string): Promise<{ readonly path: string } | undefined>;
  createEphemeral(id: string, options: { readonly sizeBytes: number; readonly userId: number }): Promise<string>;
  removeEphemeral(id: string): Promise<void>;
}

export interface CrxNetwork {
  /** Throws when the host's network cannot give a pod this address. */
  checkAddress(address: string): void;
  createTap(
    id: string,
    options: { readonly userId: number },
  ): Promise<{ readonly tap: string; readonly networkNamespace: string }>;
  plugTap(id: string, port: { readonly mac: string; readonly address: string }): Promise<void>;
  removeTap(id: string, port: { readonly mac: string; readonly address: string }): Promise<void>;
}

export interface GuestFiles {
  verifiedPath(file: BundleFile): Promise<string>;
}

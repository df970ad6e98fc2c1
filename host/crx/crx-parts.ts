// What a CRX is put together from, as its manager sees it. The real makers are `host/storage`, `host/network` and `bundle.ts`;
// a simulated host hands in its own.

import type { BundleFile } from "./bundle.ts";

export interface CrxDisks {
  findImage(digest: string): Promise<{ readonly path: string } | undefined>;
  createEphemeral(id: string, options: { readonly sizeBytes: number; readonly userId: number }): Promise<string>;
  removeEphemeral(id: string): Promise<void>;
}

export interface CrxPort {
  readonly mac: string;
  readonly address: string;
}

export interface CrxNetwork {
  /** Throws when the host's network cannot give a pod this address. */
  checkAddress(address: string): void;
  /** A tap in a place where only the monitor finds it; nothing can pass yet. */
  createTap(
    id: string,
    options: { readonly userId: number },
  ): Promise<{ readonly tap: string; readonly networkNamespace: string }>;
  /** Once the monitor has it open. */
  plugTap(id: string, port: CrxPort): Promise<void>;
  /** After a restart of ours: the tap of a monitor that ran on. */
  keepTap(id: string, port: CrxPort): Promise<void>;
  removeTap(id: string, port: CrxPort): Promise<void>;
}

export interface GuestFiles {
  verifiedPath(file: BundleFile): Promise<string>;
}

import { z } from "zod";

/** The configuration document of `bin/spherelet`. Every default stands here. */
export const sphereletConfiguration = z.strictObject({
  apiVersion: z.literal("config.atoll.dev/v1alpha1"),
  kind: z.literal("SphereletConfiguration"),
  nodeName: z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/),
  /** Address others reach this host at; the spherelet listens on it. */
  nodeAddress: z.string().default("127.0.0.1"),
  port: z.int().min(1).max(65535).default(10250),
  supervisor: z.strictObject({
    url: z.url(),
    caFile: z.string(),
    /** Client certificate of user system:node:<nodeName>, group system:nodes. */
    certificateFile: z.string(),
    keyFile: z.string(),
  }),
  /** Certificate the spherelet serves logs, exec and the like with; callers need a client certificate of the same authority. */
  serving: z.strictObject({ certificateFile: z.string(), keyFile: z.string() }),
  hostd: z.strictObject({
    url: z.url(),
    /** File with hostd's certificate. */
    certificateFile: z.string(),
    /** The user this process runs as, for tickets. */
    user: z.string().default("atoll-spherelet"),
  }),
  podsMax: z.int().min(1).max(1000).default(110),
  /** Kept for the host itself, not offered to pods. */
  reservedMemoryBytes: z.int().min(0).default(1_073_741_824),
  defaultEphemeralBytes: z.int().min(67_108_864).default(2_147_483_648),
  /** Memory of a CRX whose containers name no limit. */
  defaultMemoryBytes: z.int().min(67_108_864).default(268_435_456),
  log: z.strictObject({ level: z.enum(["debug", "info", "error"]).default("info") }).prefault({}),
});
export type SphereletConfiguration = z.infer<typeof sphereletConfiguration>;

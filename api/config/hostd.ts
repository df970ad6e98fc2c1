import { z } from "zod";

/** The configuration document of `bin/hostd`. Every default stands here. */
export const hostdConfiguration = z.strictObject({
  apiVersion: z.literal("config.atoll.dev/v1alpha1"),
  kind: z.literal("HostdConfiguration"),
  /** The host's name; tells its bridge, rules and cgroups from those of others on a shared machine. */
  hostName: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
  /** Runtime state that a restart of the machine may lose: sockets, tickets, pid files. */
  runDirectory: z.string().min(1),
  /** State of this host that survives a restart of hostd. */
  dataDirectory: z.string().min(1),
  /** Shared by the hosts: image disks, ephemeral disks. */
  datastoreDirectory: z.string().min(1),
  /** Kernel, system disks and their manifest (`tools/build-bundle.ts`). */
  bundleDirectory: z.string().min(1),
  /** Loopback port of the API. */
  port: z.int().min(1).max(65535).default(9444),
  /** Local users that may ask for tickets. */
  ticketUsers: z.array(z.string()).default(["atoll-spherelet"]),
  /** Each microVM's monitor runs as a user of its own, from this number up. */
  userIdBase: z.int().min(10_000).default(2_000_000),
  accelerator: z.enum(["auto", "kvm", "tcg"]).default("auto"),
  log: z.strictObject({ level: z.enum(["debug", "info", "error"]).default("info") }).prefault({}),
});
export type HostdConfiguration = z.infer<typeof hostdConfiguration>;

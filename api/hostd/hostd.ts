// What hostd serves on its host's loopback, and spherelet calls: the endpoints and their bodies, as data. JSON over HTTPS;
// the certificate is hostd's own, its fingerprint stands in a file that only local users can read.
//
// Getting in (SP-05): POST /v1/tickets names a local user; hostd writes a one-use secret into a file that only this user can
// read and answers with the file's path. POST /v1/sessions trades the secret for a session token, once, within
// TICKET_LIFETIME_MS. Everything else wants `Authorization: Bearer <session token>`; 401 means "get a new ticket".

import { z } from "zod";

export const TICKET_LIFETIME_MS = 10_000;
export const SESSION_IDLE_MS = 3_600_000;

export const ticketRequest = z.strictObject({ user: z.string().min(1).max(32) });
export const ticketResponse = z.strictObject({ secretFile: z.string() });
export const sessionRequest = z.strictObject({ secret: z.string().min(32).max(128) });
export const sessionResponse = z.strictObject({ token: z.string(), user: z.string() });

/** Lower-case letters, digits and "-"; a pod's UID fits. */
export const crxId = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** PUT /v1/crx/{id}: makes and starts a CRX. The same body again answers with what is there; another body is 409. */
export const crxSpec = z.strictObject({
  /** Shown in the inventory, "namespace/pod". */
  displayName: z.string().max(300),
  vcpus: z.int().min(1).max(32),
  memoryBytes: z.int().min(33_554_432).max(1_099_511_627_776),
  /** Image disks to attach, in the order of first use; each must be on the datastore. */
  imageDigests: z.array(digest).max(64),
  ephemeralBytes: z.int().min(67_108_864).max(17_592_186_044_416),
  network: z.strictObject({
    mac: z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/),
    /** With prefix length. */
    address: z.string(),
    gateway: z.string(),
  }),
});
export type CrxSpec = z.infer<typeof crxSpec>;

/** GET /v1/crx/{id}, and the items of GET /v1/crx. */
export const crxStatus = z.strictObject({
  id: crxId,
  spec: crxSpec,
  state: z.enum(["starting", "running", "stopped"]),
  /** Why it stopped, "Guest kernel ended" for example. */
  message: z.string(),
  /** Serial by which the guest finds each image disk, and the ephemeral one. */
  imageSerials: z.record(digest, z.string()),
  ephemeralSerial: z.string(),
  /** Process of the monitor, 0 when there is none. */
  pid: z.int(),
  /** From the request to QEMU's start, and of host parts: what `npm run bench:pod` prints. */
  timingsMs: z.record(z.string(), z.number()),
});
export type CrxStatus = z.infer<typeof crxStatus>;

/** PUT /v1/image-pulls/{id}: resolves a reference and, unless it is there already, makes its disk. Idempotent by id. */
export const imagePullSpec = z.strictObject({
  /** "registry.example:5000/team/app:1.2" or with @digest; fully qualified by the image controller. */
  reference: z.string().min(1).max(512),
  credentials: z
    .strictObject({ username: z.string(), password: z.string(), identityToken: z.string().default("") })
    .optional(),
  caPem: z.string().default(""),
  plainHttp: z.boolean().default(false),
  /** True: only find the digest. */
  resolveOnly: z.boolean().default(false),
});
export type ImagePullSpec = z.infer<typeof imagePullSpec>;

/** GET /v1/image-pulls/{id}; `?waitMs=` (at most 30,000) holds the answer until the state or progress changed. */
export const imagePullStatus = z.strictObject({
  id: crxId,
  state: z.enum(["starting", "resolving", "pulling", "finishing", "ready", "failed"]),
  bytesDone: z.int(),
  bytesTotal: z.int(),
  /** Ready only. */
  digest: z.string(),
  indexDigest: z.string(),
  diskBytes: z.int(),
  /** Failed only: one of the reasons of `api/guest-agent/image.proto`, and a text for the user. */
  reason: z.string(),
  message: z.string(),
});
export type ImagePullStatus = z.infer<typeof imagePullStatus>;

/** GET /v1/image-disks */
export const imageDisk = z.strictObject({ digest, diskBytes: z.int(), configJson: z.string() });
export type ImageDiskOnHost = z.infer<typeof imageDisk>;

/** GET /v1/host */
export const hostStatus = z.strictObject({
  vcpus: z.int(),
  memoryBytes: z.int(),
  accelerator: z.enum(["kvm", "tcg"]),
  acceleratorReason: z.string(),
  /** A sentence: that each microVM has a cgroup with limits, or why there is none. */
  cgroupReason: z.string(),
  bundleVersion: z.string(),
  kernelRelease: z.string(),
  qemuVersion: z.string(),
  datastore: z.strictObject({ name: z.string(), capacityBytes: z.int(), freeBytes: z.int() }),
  /** Sum of what running CRX hold alone. */
  crxMemoryBytes: z.int(),
});
export type HostStatus = z.infer<typeof hostStatus>;

/** Every host of a large cluster, and then some; the packet filter finds one among them in logarithmic time. */
export const MANAGEMENT_CIDRS_MAX = 16_384;

/** PUT /v1/network: the host's part of the pod network; spherelet passes on what the Node says. Idempotent. */
export const hostNetwork = z.strictObject({
  /** Pod addresses of this host, "10.244.1.0/24"; the first address is the gateway on the host. */
  podCidr: z.string(),
  /** Of the whole cluster; traffic to elsewhere is masqueraded. */
  clusterCidr: z.string(),
  /** Networks that no pod's packet is forwarded to: other hosts' management. The host's own addresses need no mention. */
  managementCidrs: z.array(z.string()).max(MANAGEMENT_CIDRS_MAX).default([]),
});
export type HostNetwork = z.infer<typeof hostNetwork>;

export const hostdError = z.strictObject({ code: z.string(), message: z.string() });

/** Header of the upgrade GET /v1/crx/{id}/agent: after 101 the connection carries the raw bytes of the agent's line. */
export const AGENT_UPGRADE_PROTOCOL = "atoll-agent";

export const hostdPaths = {
  tickets: "/v1/tickets",
  sessions: "/v1/sessions",
  host: "/v1/host",
  network: "/v1/network",
  crx: "/v1/crx",
  imagePulls: "/v1/image-pulls",
  imageDisks: "/v1/image-disks",
} as const;

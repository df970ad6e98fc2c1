import { z } from "zod";

/** How long pages of a list can be asked for and watches resumed, at least; at most twice as long. As upstream's servers. */
const historySeconds = z.int().min(30).max(86_400).default(300);

/** The configuration document of `bin/supervisor`. Every default stands here. */
export const supervisorConfiguration = z.strictObject({
  apiVersion: z.literal("config.atoll.dev/v1alpha1"),
  kind: z.literal("SupervisorConfiguration"),
  /** Owned by the user the Supervisor runs as: store, certificate authority, keys. */
  dataDirectory: z.string().min(1),
  api: z
    .strictObject({
      /** Address to listen on. */
      address: z.string().default("127.0.0.1"),
      port: z.int().min(1).max(65535).default(6443),
      /**
       * Where pods reach the API: the endpoint of the service "kubernetes". Left out: the address it listens on, or, where
       * that is loopback or all, the machine's first address that is not loopback.
       */
      advertiseAddress: z.union([z.ipv4(), z.ipv6()]).optional(),
      /** More names and addresses for the serving certificate. */
      certificateNames: z.array(z.string()).default([]),
      /** Proxies that say in X-Remote- headers who their users are. */
      frontProxy: z
        .strictObject({
          /** PEM file: the authority of the proxies' client certificates, which must not be the Supervisor's own. */
          authorityFile: z.string().min(1),
          /** Common names of proxies; empty: all that the authority has signed. */
          allowedNames: z.array(z.string().min(1)).default([]),
        })
        .optional(),
      /** A file with an AuthenticationConfiguration (`authentication.ts`): whose tokens are taken beside the cluster's own. */
      authenticationFile: z.string().min(1).optional(),
      /**
       * How long the API still answers after readiness has failed, so that balancers send nobody here any more. Left out: no
       * longer than what is under way.
       */
      shutdownDelaySeconds: z.int().min(0).max(300).optional(),
      /** What is written down of requests, and where; left out: nothing. */
      audit: z
        .strictObject({
          /** A file with a Policy (`audit-policy.ts`). */
          policyFile: z.string().min(1),
          /** One event a line, in JSON; left out: no file. */
          logFile: z.string().min(1).optional(),
          /** A file that would grow beyond this is put aside. */
          sizeMegabytesMax: z.int().min(1).max(100_000).default(100),
          /** Files put aside longer ago are removed; 0: never. */
          ageDaysMax: z.int().min(0).default(0),
          /** So many files put aside are kept; 0: all. */
          backupsMax: z.int().min(0).default(0),
          /** Another server that is sent the events; left out: none. */
          webhook: z
            .strictObject({
              /** A kubeconfig: the server, whom it must prove to be, and what the Supervisor proves itself with. */
              configFile: z.string().min(1),
              /** Events that may wait for it; what comes beyond is lost, and counted. */
              bufferEventsMax: z.int().min(1).max(1_000_000).default(10_000),
              /** Events that are sent at once. */
              batchEventsMax: z.int().min(1).max(10_000).default(400),
              /** How long the first one waits for others. */
              batchWaitSeconds: z.int().min(1).max(3600).default(30),
            })
            .optional(),
        })
        .refine(({ logFile, webhook }) => logFile !== undefined || webhook !== undefined, {
          error: "needs a logFile, a webhook or both",
        })
        .optional(),
      /** A file with a TracingConfiguration (`tracing.ts`): where spans of requests are sent; left out: nowhere. */
      tracingFile: z.string().min(1).optional(),
    })
    .prefault({}),
  store: z
    .discriminatedUnion("type", [
      /** One file below the data directory; one Supervisor. */
      z.strictObject({ type: z.literal("sqlite"), historySeconds }),
      /** An etcd cluster (v3 API) with upstream's keys; several Supervisors may share it. */
      z.strictObject({
        type: z.literal("etcd"),
        historySeconds,
        /** "host:port" of the members' client addresses; the next one is used when one fails. */
        endpoints: z
          .array(z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):\d{1,5}$/, "must be host:port"))
          .min(1)
          .max(16),
        /** Absent: without TLS, which only loopback addresses should be. */
        tls: z
          .strictObject({
            /** PEM file: the authority of the members' certificates. */
            authorityFile: z.string().min(1),
            /** PEM files: what the Supervisor shows to the members. */
            certificateFile: z.string().min(1),
            keyFile: z.string().min(1),
          })
          .optional(),
      }),
    ])
    .prefault({ type: "sqlite" }),
  network: z
    .strictObject({
      /** Pod addresses of all hosts. */
      clusterCidr: z.string().default("10.244.0.0/16"),
      /** Prefix length of each host's share. */
      hostPrefixLength: z.int().min(16).max(28).default(24),
      /** Addresses of services; the first is the API's own. */
      serviceCidr: z.union([z.cidrv4(), z.cidrv6()]).default("10.96.0.0/16"),
      /** Addresses of services that ask for both families: a block of the other one. */
      secondaryServiceCidr: z.union([z.cidrv4(), z.cidrv6()]).optional(),
      /** Ports that services of type NodePort and LoadBalancer are given. They open nothing. */
      serviceNodePorts: z
        .strictObject({
          first: z.int().min(1).max(65535).default(30_000),
          last: z.int().min(1).max(65535).default(32_767),
        })
        .prefault({}),
      clusterDomain: z.string().default("cluster.local"),
      /** Resolvers of the cluster's names; pods without any use their host's. */
      dnsServers: z.array(z.ipv4()).max(3).default([]),
      /** Networks that pods are kept from on every host. Link-local: a cloud's metadata service hands out credentials. */
      managementCidrs: z.array(z.cidrv4()).max(256).default(["169.254.0.0/16"]),
      /** Pods are kept from the addresses of the cluster's hosts and of this API, too, unless this is true. */
      podsReachHosts: z.boolean().default(false),
    })
    .prefault({}),
  images: z
    .strictObject({
      /** Registry of references that name none. */
      defaultRegistry: z.string().default("docker.io"),
      /** Registries spoken to without TLS; loopback ones always are. */
      plainHttpRegistries: z.array(z.string()).default([]),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(["debug", "info", "error"]).default("info") }).prefault({}),
});
export type SupervisorConfiguration = z.infer<typeof supervisorConfiguration>;

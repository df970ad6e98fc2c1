// What the Supervisor's configuration says to every host, as one ConfigMap that a controller keeps equal to it and that
// spherelets watch: a change reaches all hosts within a moment, and `kubectl -n kube-system get configmap atoll-host-settings`
// shows what they go by. Unknown members are ignored, so that a Supervisor may be newer than its hosts.

import { z } from "zod";

export const HOST_SETTINGS_NAMESPACE = "kube-system";
export const HOST_SETTINGS_NAME = "atoll-host-settings";
/** The ConfigMap's one key; its value is `hostSettings` as JSON. */
export const HOST_SETTINGS_KEY = "settings.json";

export const hostSettings = z.object({
  network: z.object({
    /** Pod addresses of all hosts; traffic to elsewhere is masqueraded. */
    clusterCidr: z.string(),
    clusterDomain: z.string(),
    /** The cluster's own resolvers; empty: pods use their host's. */
    dnsServers: z.array(z.string()),
    /** IPv4 networks, sorted, that pods are kept from: the machines' management. */
    managementCidrs: z.array(z.string()),
  }),
  images: z.object({
    defaultRegistry: z.string(),
    plainHttpRegistries: z.array(z.string()),
  }),
});
export type HostSettings = z.infer<typeof hostSettings>;

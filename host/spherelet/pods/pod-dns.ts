// What goes into a pod's resolv.conf: the cluster's resolvers where there are some, else the host's, or what the pod says itself.

import type { Pod } from "@atoll/api/generated/types";

export interface DnsConfiguration {
  readonly nameservers: string[];
  readonly searches: string[];
  readonly options: string[];
}

/** Reads a resolv.conf. Loopback resolvers are left out: in a pod they would be the pod itself. */
export function parseResolvConf(text: string): DnsConfiguration {
  const nameservers: string[] = [];
  let searches: string[] = [];
  const options: string[] = [];
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === "nameserver" && values[0] && !/^(127\.|::1$)/.test(values[0])) nameservers.push(values[0]);
    if (keyword === "search") searches = values;
    if (keyword === "options") options.push(...values);
  }
  return { nameservers, searches, options };
}

export interface DnsSources {
  readonly host: DnsConfiguration;
  readonly cluster: { readonly dnsServers: readonly string[]; readonly clusterDomain: string };
}

export function podDns(pod: Pod, sources: DnsSources): DnsConfiguration {
  const base = baseDns(pod, sources);
  const own = pod.spec.dnsConfig ?? {};
  const ownOptions = (own.options ?? []).map(({ name, value }) => (value ? `${name}:${value}` : (name ?? "")));
  const overridden = new Set(ownOptions.map(optionName));
  return {
    nameservers: unique([...base.nameservers, ...(own.nameservers ?? [])]),
    searches: unique([...base.searches, ...(own.searches ?? [])]),
    options: [...base.options.filter((option) => !overridden.has(optionName(option))), ...ownOptions],
  };
}

/** As the kubelet: without resolvers of the cluster, "ClusterFirst" is the host's. */
function baseDns(pod: Pod, { host, cluster }: DnsSources): DnsConfiguration {
  const { dnsServers, clusterDomain } = cluster;
  if (pod.spec.dnsPolicy === "None") return { nameservers: [], searches: [], options: [] };
  if (pod.spec.dnsPolicy === "Default" || dnsServers.length === 0) return host;
  const services = `svc.${clusterDomain}`;
  const searches = [`${pod.metadata.namespace}.${services}`, services, clusterDomain, ...host.searches];
  // Five dots: a service's name with its namespace, "svc" and the domain is tried below the searches first.
  return { nameservers: [...dnsServers], searches, options: ["ndots:5"] };
}

function optionName(option: string): string {
  return option.split(":")[0] ?? option;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

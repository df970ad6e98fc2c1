// What goes into a pod's resolv.conf: the host's resolvers, or what the pod says itself.

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

export function podDns(pod: Pod, host: DnsConfiguration): DnsConfiguration {
  const base = pod.spec.dnsPolicy === "None" ? { nameservers: [], searches: [], options: [] } : host;
  const own = pod.spec.dnsConfig ?? {};
  const ownOptions = (own.options ?? []).map(({ name, value }) => (value ? `${name}:${value}` : (name ?? "")));
  const overridden = new Set(ownOptions.map(optionName));
  return {
    nameservers: unique([...base.nameservers, ...(own.nameservers ?? [])]),
    searches: unique([...base.searches, ...(own.searches ?? [])]),
    options: [...base.options.filter((option) => !overridden.has(optionName(option))), ...ownOptions],
  };
}

function optionName(option: string): string {
  return option.split(":")[0] ?? option;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

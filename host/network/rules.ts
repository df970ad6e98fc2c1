// The packet filter of one host, as text for `nft -f`. Applied in one transaction and as often as wanted: sets keep their
// elements (one pair per pod), chains are written anew. All of it stands outside the guest, where root in a pod cannot
// lift it.
//
// Family bridge: a tap may send only from its own MAC and its own address, ARP included, and nothing but IPv4 and ARP.
// Family inet: pods reach each other and the outside through the host, but no address of the host itself; only the gateway
// answers a ping, so that a user can see where the way ends. Nor are they forwarded to the networks that machines are managed
// over; answers to what comes from there go through. Traffic that leaves the cluster carries the host's address.

import type { NetworkNames } from "./names.ts";

export interface RuleAddresses {
  readonly gateway: string;
  readonly podCidr: string;
  readonly clusterCidr: string;
  readonly managementCidrs: readonly string[];
}

export function buildRules(names: NetworkNames, addresses: RuleAddresses): string {
  const { gateway, podCidr, clusterCidr, managementCidrs } = addresses;
  const bridgeTable = `bridge ${names.table}`;
  const inetTable = `inet ${names.table}`;
  const fromTap = `iifname "${names.prefix}*"`;
  const fromPods = `iifname "${names.bridge}"`;
  return [
    `add table ${bridgeTable}`,
    `add set ${bridgeTable} macs { type ifname . ether_addr; }`,
    `add set ${bridgeTable} addresses { type ifname . ipv4_addr; }`,
    `add chain ${bridgeTable} from_pods { type filter hook prerouting priority -300; policy accept; }`,
    `flush chain ${bridgeTable} from_pods`,
    `add rule ${bridgeTable} from_pods iifname != "${names.prefix}*" accept`,
    `add rule ${bridgeTable} from_pods iifname . ether saddr != @macs drop`,
    `add rule ${bridgeTable} from_pods ether type arp iifname . arp saddr ether @macs iifname . arp saddr ip @addresses accept`,
    `add rule ${bridgeTable} from_pods ether type ip iifname . ip saddr @addresses accept`,
    `add rule ${bridgeTable} from_pods ${fromTap} drop`,
    `add table ${inetTable}`,
    `add chain ${inetTable} to_host { type filter hook input priority -10; policy accept; }`,
    `flush chain ${inetTable} to_host`,
    `add rule ${inetTable} to_host ${fromPods} ct state established,related accept`,
    `add rule ${inetTable} to_host ${fromPods} ip daddr ${gateway} icmp type echo-request accept`,
    `add rule ${inetTable} to_host ${fromPods} drop`,
    `add set ${inetTable} management { type ipv4_addr; flags interval; auto-merge; }`,
    `flush set ${inetTable} management`,
    ...(managementCidrs.length > 0 ? [`add element ${inetTable} management { ${managementCidrs.join(", ")} }`] : []),
    `add chain ${inetTable} to_others { type filter hook forward priority -10; policy accept; }`,
    `flush chain ${inetTable} to_others`,
    `add rule ${inetTable} to_others ${fromPods} ct state established,related accept`,
    `add rule ${inetTable} to_others ${fromPods} ip daddr @management drop`,
    `add chain ${inetTable} to_outside { type nat hook postrouting priority 100; policy accept; }`,
    `flush chain ${inetTable} to_outside`,
    `add rule ${inetTable} to_outside ip saddr ${podCidr} ip daddr != ${clusterCidr} masquerade`,
    "",
  ].join("\n");
}

export interface PortRule {
  readonly tap: string;
  readonly mac: string;
  /** Without prefix length. */
  readonly address: string;
}

export function addPort(names: NetworkNames, { tap, mac, address }: PortRule): string {
  return [
    `add element bridge ${names.table} macs { "${tap}" . ${mac} }`,
    `add element bridge ${names.table} addresses { "${tap}" . ${address} }`,
    "",
  ].join("\n");
}

/** Adding before deleting makes the deletion succeed also when there is nothing to delete. */
export function removePort(names: NetworkNames, port: PortRule): string {
  return addPort(names, port) + addPort(names, port).replaceAll("add element", "delete element");
}

/** Likewise. */
export function removeTables(names: NetworkNames): string {
  return ["bridge", "inet"]
    .map((family) => `add table ${family} ${names.table}\ndelete table ${family} ${names.table}\n`)
    .join("");
}
